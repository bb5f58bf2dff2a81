"""What a connection needs beside an address: TLS, users and passwords, for every client of Kafka and of Redis.

Files are read when the settings are: one that is missing or wrong ends the program at its start, with its variable.
"""

import ssl
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FLOORCAST_"
FROM_ENVIRONMENT = SettingsConfigDict(
    env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, use_attribute_docstrings=True
)


class KafkaSecurity(BaseSettings):
    """How to be let in by Kafka."""

    model_config = FROM_ENVIRONMENT

    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the brokers are spoken to."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    """How a user is proved, with a `SASL_…` protocol."""
    kafka_sasl_username: str | None = None
    """The user, with a `SASL_…` protocol."""
    kafka_sasl_password: SecretStr | None = None
    """The user's password."""
    kafka_sasl_password_file: Path | None = None
    """Instead of the password: a file that holds it; the end of its line is cut."""
    kafka_ssl_cafile: Path | None = None
    """PEM file of the authorities that the brokers' certificates must come from; the system's, if it is not set."""
    kafka_ssl_certfile: Path | None = None
    """PEM file of our own certificate, where the brokers ask for one."""
    kafka_ssl_keyfile: Path | None = None
    """PEM file of that certificate's key, not encrypted, if the certificate's file does not hold it."""

    @model_validator(mode="after")
    def _kafka_lets_us_in(self) -> Self:
        protocol = self.kafka_security_protocol
        self._no_idle("kafka_sasl_", not protocol.startswith("SASL"))
        self._no_idle("kafka_ssl_", not protocol.endswith("SSL"))
        if protocol.startswith("SASL") and not (self.kafka_sasl_username and self._kafka_password):
            raise ValueError(
                f"{PREFIX}KAFKA_SECURITY_PROTOCOL={protocol} needs {PREFIX}KAFKA_SASL_USERNAME "
                f"and {PREFIX}KAFKA_SASL_PASSWORD or {PREFIX}KAFKA_SASL_PASSWORD_FILE"
            )
        _ = self.kafka_security
        return self

    def _no_idle(self, beginning: str, idle: bool) -> None:
        """Refuse what was set in the belief that it protects something. Raises ValueError."""
        for name in sorted(self.model_fields_set) if idle else ():
            if name.startswith(beginning):
                raise ValueError(
                    f"{PREFIX}{name.upper()} means nothing with "
                    f"{PREFIX}KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol}"
                )

    @cached_property
    def kafka_security(self) -> dict[str, Any]:
        """The security arguments that every aiokafka client takes."""
        if self.kafka_security_protocol == "PLAINTEXT":
            return {}
        arguments: dict[str, Any] = {"security_protocol": self.kafka_security_protocol}
        if self.kafka_security_protocol.endswith("SSL"):
            own = ("kafka_ssl_certfile", self.kafka_ssl_certfile), ("kafka_ssl_keyfile", self.kafka_ssl_keyfile)
            arguments["ssl_context"] = _context(("kafka_ssl_cafile", self.kafka_ssl_cafile), *own)
        if self.kafka_security_protocol.startswith("SASL"):
            arguments |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self._kafka_password,
            }
        return arguments

    @cached_property
    def _kafka_password(self) -> str | None:
        return _secret("kafka_sasl_password", self.kafka_sasl_password, self.kafka_sasl_password_file)


class RedisSecurity(BaseSettings):
    """Where Redis is, and how to be let in."""

    model_config = FROM_ENVIRONMENT

    redis: str = "redis://localhost:6379/0"
    """`redis://`, `rediss://` (TLS) or `unix://`, with user, password and database as in every Redis client."""
    redis_username: str | None = None
    """The ACL user, if the URL does not name one."""
    redis_password: SecretStr | None = None
    """The password, if the URL does not hold it."""
    redis_password_file: Path | None = None
    """Instead of the password: a file that holds it; the end of its line is cut."""
    redis_ssl_cafile: Path | None = None
    """With `rediss://`: PEM file of the authorities that the server's certificate must come from."""
    redis_ssl_certfile: Path | None = None
    """With `rediss://`: PEM file of our own certificate, where the server asks for one."""
    redis_ssl_keyfile: Path | None = None
    """PEM file of that certificate's key, not encrypted."""

    @field_validator("redis")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        """Refuse what a client would not understand, or read as something else. Never repeats the URL: it may hold a
        password. Raises ValueError.
        """
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("redis", "rediss", "unix") and (parts.port is None or parts.port > 0)
        except ValueError:
            sound = False
        if not sound:
            raise ValueError("must be like redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")
        if parts.scheme != "unix" and parts.path.strip("/") and not parts.path.strip("/").isdecimal():
            raise ValueError("the database after the host must be a number")
        return url

    @model_validator(mode="after")
    def _redis_lets_us_in(self) -> Self:
        parts = urlsplit(self.redis)
        for name in ("redis_username", "redis_password", "redis_password_file"):
            in_url = parts.username if name == "redis_username" else parts.password
            if in_url and getattr(self, name):
                raise ValueError(f"{PREFIX}{name.upper()} and {PREFIX}REDIS both say it: the URL would win")
        for name, path in self._redis_files():
            if path and parts.scheme != "rediss":
                raise ValueError(f"{PREFIX}{name.upper()} means nothing unless {PREFIX}REDIS begins with rediss://")
        if parts.scheme == "rediss":
            _context(*self._redis_files())
        _ = self.redis_arguments
        return self

    @cached_property
    def redis_arguments(self) -> dict[str, Any]:
        """The arguments that `redis.asyncio.Redis.from_url` takes beside the URL."""
        password = _secret("redis_password", self.redis_password, self.redis_password_file)
        named = {"username": self.redis_username, "password": password}
        arguments = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
        for argument, (_, path) in zip(arguments, self._redis_files(), strict=True):
            named[argument] = str(path) if path else None
        return {name: value for name, value in named.items() if value is not None}

    def _redis_files(self) -> "tuple[Named, Named, Named]":
        return (
            ("redis_ssl_cafile", self.redis_ssl_cafile),
            ("redis_ssl_certfile", self.redis_ssl_certfile),
            ("redis_ssl_keyfile", self.redis_ssl_keyfile),
        )


Named = tuple[str, Path | None]
"""A setting and the file that it names."""


def _secret(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """Return a password from its setting or its file. Raises ValueError."""
    if value is not None and file is not None:
        raise ValueError(f"{PREFIX}{name.upper()} and {PREFIX}{name.upper()}_FILE: only one of them")
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    found = _text(f"{name}_file", file).rstrip("\r\n")
    if not found:
        raise ValueError(f"{PREFIX}{name.upper()}_FILE: {file} is empty")
    return found


def _text(name: str, file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ValueError(f"{PREFIX}{name.upper()}: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{PREFIX}{name.upper()}: {file} is not text") from None


def _context(authorities: Named, certificate: Named, key: Named) -> ssl.SSLContext:
    """Return what checks the other side's certificate and its name, and shows ours. Raises ValueError."""
    for name, path in (authorities, certificate, key):
        if path:
            _text(name, path)
    if key[1] and not certificate[1]:
        raise ValueError(f"{PREFIX}{key[0].upper()} needs {PREFIX}{certificate[0].upper()}")
    try:
        context = ssl.create_default_context(cafile=authorities[1])
    except OSError as error:
        raise ValueError(f"{PREFIX}{authorities[0].upper()}: {authorities[1]} holds no certificate: {error}") from None
    if certificate[1]:
        try:
            context.load_cert_chain(certificate[1], key[1], password=lambda: "")  # never ask at a terminal
        except OSError as error:
            raise ValueError(f"{PREFIX}{certificate[0].upper()}: no certificate with its key: {error}") from None
    return context
