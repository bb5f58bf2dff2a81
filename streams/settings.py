"""Every setting, by environment: `FLOORCAST_…`. Read once, strict: a wrong value is named with its variable."""

import ssl
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FLOORCAST_"


class SettingsError(Exception):
    """A setting is wrong; the message names the variable and the reason."""


class Settings(BaseSettings):
    """What an installation decides. What the floor decides stands in `floor.yaml`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    kafka: str = "localhost:9092"
    """Bootstrap servers, separated by commas."""
    redis: str = "redis://localhost:6379/0"
    """`redis://` or `rediss://` with user, password and database as in every Redis client."""
    config: Path = Path("floor.yaml")
    """The floor's own configuration."""
    group: str = Field(default="floorcast", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    """Kafka's consumer group, and the name space of the keys in Redis."""
    partitions: int = Field(default=8, ge=1, le=1024)
    """Partitions of each topic that `floorcast topics create` makes."""
    host: str = "127.0.0.1"
    """Where exporter and worker listen; 0.0.0.0 for all interfaces."""
    exporter_port: int = Field(default=9108, ge=0, le=65535)
    gateway_port: int = Field(default=8080, ge=0, le=65535)
    worker_port: int = Field(default=6066, ge=0, le=65535)

    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_sasl_password_file: Path | None = None
    """A file that holds the password; the end of its line is cut."""
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    redis_username: str | None = None
    redis_password: SecretStr | None = None
    redis_password_file: Path | None = None
    redis_ssl_cafile: Path | None = None

    dedup_hours: int = Field(default=24, ge=1, le=24 * 14)
    """How long ids are remembered."""
    dedup_hours_by_topic: dict[str, int] = Field(default_factory=dict)
    """Other horizons by topic, as JSON: {"crm": 96}."""
    names_limit: int = Field(default=5000, ge=1)
    """Names a scope; the rest is counted under `__other__`."""
    series_limit: int = Field(default=100_000, ge=100)
    """Series on `/metrics`; beyond it the smallest scopes fold into `__other__`."""
    rep_series: bool = False
    """Whether scope `rep` is on `/metrics` too, not only in the JSON."""
    batch_records: int = Field(default=8000, ge=1)
    """The most records of one partition in one batch."""
    fetch_min_bytes: int = Field(default=1 << 20, ge=1)
    fetch_max_wait_ms: int = Field(default=100, ge=1)
    """A fetch answers when it has so many bytes, or after so long: the batch timer."""
    session_timeout_s: float = Field(default=10, ge=1)
    lease_ms: int = Field(default=10_000, ge=500)
    """How long a worker may be silent before another generation may be claimed over it."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("kafka_sasl_password", "redis_password", mode="before")
    @classmethod
    def _no_empty(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.kafka_security_protocol.startswith("SASL") and not (self.kafka_sasl_username and self._kafka_password):
            raise ValueError(
                f"{PREFIX}KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol} needs {PREFIX}KAFKA_SASL_USERNAME "
                f"and {PREFIX}KAFKA_SASL_PASSWORD or {PREFIX}KAFKA_SASL_PASSWORD_FILE"
            )
        return self

    def horizon_hours(self, topic: str) -> int:
        """Return how long ids of a topic are remembered."""
        return self.dedup_hours_by_topic.get(topic, self.dedup_hours)

    @property
    def config_named(self) -> bool:
        """Whether somebody said where the floor's configuration is, so that it must be there."""
        return "config" in self.model_fields_set

    @cached_property
    def kafka_security(self) -> dict[str, Any]:
        """The security arguments that every aiokafka client takes."""
        if self.kafka_security_protocol == "PLAINTEXT":
            return {}
        arguments: dict[str, Any] = {"security_protocol": self.kafka_security_protocol}
        if self.kafka_security_protocol.endswith("SSL"):
            arguments["ssl_context"] = self._ssl_context()
        if self.kafka_security_protocol.startswith("SASL"):
            arguments |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self._kafka_password,
            }
        return arguments

    @cached_property
    def redis_arguments(self) -> dict[str, Any]:
        """The arguments that `redis.asyncio.Redis.from_url` takes beside the URL."""
        password = _secret(self.redis_password, self.redis_password_file)
        named = {"username": self.redis_username, "password": password}
        if self.redis_ssl_cafile:
            named["ssl_ca_certs"] = str(self.redis_ssl_cafile)
        return {name: value for name, value in named.items() if value is not None}

    @property
    def _kafka_password(self) -> str | None:
        return _secret(self.kafka_sasl_password, self.kafka_sasl_password_file)

    def _ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=_path(self.kafka_ssl_cafile))
        if self.kafka_ssl_certfile:
            context.load_cert_chain(str(self.kafka_ssl_certfile), _path(self.kafka_ssl_keyfile))
        return context


def load() -> Settings:
    """Read the environment. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_words(problem) for problem in error.errors(include_url=False))) from None
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _words(problem: Any) -> str:
    variable = PREFIX + "_".join(str(part) for part in problem["loc"]).upper() if problem["loc"] else ""
    return f"{variable}: {problem['msg']}" if variable else str(problem["msg"])


def _secret(value: SecretStr | None, file: Path | None) -> str | None:
    if value is not None:
        return value.get_secret_value()
    return file.read_text("utf-8").rstrip("\r\n") if file else None


def _path(path: Path | None) -> str | None:
    return str(path) if path else None
