"""A Kafka that lets in whom it knows, a Redis that asks who it is, and certificates, all of this machine's making."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streams import topics
from streams.embedded.kafka import KafkaServer
from streams.embedded.ports import LOOPBACK, free_ports
from streams.embedded.redis import RedisServer
from streams.settings import Settings

PARTITIONS = 2
USER, PASSWORD = "floor", "open sesame"
BROKER = f"""\
listeners=PLAINTEXT://{LOOPBACK}:{{port}},CONTROLLER://{LOOPBACK}:{{controller}},\
USERS://{LOOPBACK}:{{users}},PLAIN://{LOOPBACK}:{{plain}},CERTIFICATES://{LOOPBACK}:{{certificates}}
advertised.listeners=PLAINTEXT://{LOOPBACK}:{{port}},\
USERS://{LOOPBACK}:{{users}},PLAIN://{LOOPBACK}:{{plain}},CERTIFICATES://{LOOPBACK}:{{certificates}}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,\
USERS:SASL_SSL,PLAIN:SASL_PLAINTEXT,CERTIFICATES:SSL
listener.name.users.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.users.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.plain.sasl.enabled.mechanisms=PLAIN
listener.name.plain.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";
listener.name.certificates.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={{folder}}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={{folder}}/client.crt
"""
"""Each way in has a listener of its own, which tells its clients of no other."""
ACL = f"""\
user default on nopass +ping
user {USER} on >{PASSWORD.replace(" ", "-")} ~kpi:* resetchannels &kpi:* +@all -@admin -@dangerous +info
"""
"""What docs/operations.md says that a user of Redis needs."""


@dataclass(frozen=True)
class Certificates:
    """PEM files: a server's that every client here trusts, and a client's that the broker trusts."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What clients trust."""
        return self.folder / "server.crt"

    @property
    def server(self) -> Path:
        """The server's certificate with its key."""
        return self.folder / "server.pem"

    @property
    def client(self) -> Path:
        """A client's certificate with its key."""
        return self.folder / "client.pem"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], Path]) -> Certificates:
    """Make certificates."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "client"):
        subject = f"-subj /CN={name} -addext subjectAltName=IP:{LOOPBACK}"
        request = f"req -x509 -newkey rsa:2048 -nodes {subject} -keyout {name}.key -out {name}.crt"
        subprocess.run([program("openssl"), *request.split()], cwd=folder, check=True, capture_output=True)
        (folder / f"{name}.pem").write_text("".join((folder / f"{name}.{part}").read_text() for part in ("key", "crt")))
    return Certificates(folder)


@dataclass(frozen=True)
class Kafka:
    """The addresses of one broker, and the settings that open each."""

    open: str
    by_user: dict[str, Any]
    """TLS and SCRAM."""
    by_password: dict[str, Any]
    """PLAIN, without TLS."""
    by_certificate: dict[str, Any]
    """TLS with a client's certificate."""


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> AsyncIterator[Kafka]:
    """Start a broker with all ways in and the topics."""
    data = tmp_path_factory.mktemp("secured")
    port, controller, users, plain, by_certificate = free_ports(5)
    properties = BROKER.format(
        port=port,
        controller=controller,
        users=users,
        plain=plain,
        certificates=by_certificate,
        folder=certificates.folder,
    )
    scram = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
    server = KafkaServer(data, port, controller, properties=properties, format_options=["--add-scram", scram])
    await server.start()
    try:
        await topics.create(Settings(kafka=server.address, partitions=PARTITIONS))
        known = {"kafka_sasl_username": USER, "kafka_sasl_password": PASSWORD}
        trust = {"kafka_ssl_cafile": str(certificates.authority)}
        yield Kafka(
            open=server.address,
            by_user={
                "kafka": f"{LOOPBACK}:{users}",
                "kafka_security_protocol": "SASL_SSL",
                "kafka_sasl_mechanism": "SCRAM-SHA-512",
                **known,
                **trust,
            },
            by_password={"kafka": f"{LOOPBACK}:{plain}", "kafka_security_protocol": "SASL_PLAINTEXT", **known},
            by_certificate={
                "kafka": f"{LOOPBACK}:{by_certificate}",
                "kafka_security_protocol": "SSL",
                "kafka_ssl_certfile": str(certificates.client),
                **trust,
            },
        )
    finally:
        await server.stop()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """Start a Redis of the test's own, which lets everybody in."""
    server = RedisServer(tmp_path, free_ports(1)[0])
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def known_redis(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> AsyncIterator[dict[str, Any]]:
    """Start a Redis that knows one user, behind TLS; return the settings that open it."""
    data = tmp_path_factory.mktemp("redis")
    (data / "users.acl").write_text(ACL)
    (data / "password").write_text(PASSWORD.replace(" ", "-") + "\n")
    server = RedisServer(data, free_ports(1)[0], options=["--aclfile", str(data / "users.acl")])
    await server.start()
    async with tls_in_front_of(server.port, certificates) as port:
        yield {
            "redis": f"rediss://{LOOPBACK}:{port}/0",
            "redis_username": USER,
            "redis_password_file": str(data / "password"),
            "redis_ssl_cafile": str(certificates.authority),
        }
    await server.stop()


@asynccontextmanager
async def tls_in_front_of(port: int, certificates: Certificates) -> AsyncIterator[int]:
    """Speak TLS for a server that cannot: not every build of Redis can. Yields the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server)

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, port)
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    server = await asyncio.start_server(accept, LOOPBACK, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()
