"""Every setting, by environment: `FLOORCAST_…`. Read once, strict: a wrong value is named with its variable."""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import SettingsError as SourceError

from streams.security import PREFIX, KafkaSecurity, RedisSecurity

Hours = Annotated[int, Field(ge=1, le=24 * 14)]
Port = Annotated[int, Field(ge=0, le=65535)]
SourceTopic = Literal["calls", "emails", "links", "reps", "crm"]


class SettingsError(Exception):
    """A setting is wrong; the message names the variable and the reason."""


class Settings(KafkaSecurity, RedisSecurity):
    """What an installation decides. What the floor decides stands in `floor.yaml`.

    An empty variable is as good as none.
    """

    kafka: str = "localhost:9092"
    """Bootstrap servers, separated by commas."""
    config: Path = Path("floor.yaml")
    """The floor's own configuration. Must be there if it is set; else the defaults do."""
    group: str = Field(default="floorcast", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    """Kafka's consumer group, and the name space of the keys in Redis."""
    partitions: int = Field(default=8, ge=1, le=1024)
    """Partitions of each topic that `floorcast topics create` makes: at least two for each worker."""
    host: str = "127.0.0.1"
    """Where exporter and worker listen; 0.0.0.0 for all interfaces."""
    exporter_port: Port = 9108
    """The exporter's port; 0 for any that is free."""
    gateway_port: Port = 8080
    """Kept for the gateway; nothing reads it yet."""
    worker_port: Port = 6066
    """The port of a worker's health and metrics; 0 for any that is free. Each worker of a machine needs its own."""
    dedup_hours: Hours = 24
    """How long ids are remembered."""
    dedup_hours_by_topic: dict[SourceTopic, Hours] = Field(default_factory=dict)
    """Other horizons by topic, as JSON: `{"crm": 96}`."""
    names_limit: int = Field(default=5000, ge=1)
    """Names a scope; the rest is counted under `__other__`."""
    series_limit: int = Field(default=100_000, ge=100)
    """Series on the exporter's `/metrics`; beyond it the smallest scopes fold into `__other__`."""
    rep_series: bool = False
    """Whether scope `rep` is on `/metrics` and the board too, not only in the JSON."""
    batch_records: int = Field(default=12_000, ge=1, le=1_000_000)
    """The most records of one partition in one batch."""
    fetch_min_bytes: int = Field(default=1 << 20, ge=1, le=1 << 30)
    """A fetch answers when it has so many bytes."""
    fetch_max_wait_ms: int = Field(default=100, ge=1, le=5000)
    """Or after so long: the batch timer. Less is sooner on the boards, and more work for the same events."""
    session_timeout_s: float = Field(default=10, ge=1, le=1800)
    """How long a worker may be silent before Kafka gives its partitions to others."""
    lease_ms: int = Field(default=10_000, ge=500, le=600_000)
    """How long a worker may be silent before another generation may be claimed over it."""
    log_format: Literal["console", "json"] = "console"
    """For people, or one JSON object a line."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged; of the Kafka and web libraries never less than warnings."""

    @field_validator("kafka")
    @classmethod
    def _are_servers(cls, servers: str) -> str:
        for server in servers.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or "/" in host or not port.isdecimal() or not 0 < int(port) <= 65535:
                raise ValueError("must be like kafka-1:9092,kafka-2:9092")
        return servers

    def horizon_hours(self, topic: str) -> int:
        """Return how long ids of a topic are remembered."""
        return next((hours for name, hours in self.dedup_hours_by_topic.items() if name == topic), self.dedup_hours)

    @property
    def config_named(self) -> bool:
        """Whether somebody said where the floor's configuration is, so that it must be there."""
        return "config" in self.model_fields_set


def load() -> Settings:
    """Read the environment. Raises SettingsError, which names every wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_words(problem) for problem in error.errors(include_url=False))) from None
    except SourceError:
        raise SettingsError(f'{PREFIX}DEDUP_HOURS_BY_TOPIC: must be a JSON object like {{"crm": 96}}') from None


def unknown(names: Iterable[str] = os.environ) -> list[str]:
    """Return a sentence for each variable that begins like a setting and is none: perhaps a slip of the pen."""
    found = []
    for name in sorted(name for name in names if name.startswith(PREFIX)):
        field = name.removeprefix(PREFIX).lower()
        if variable(field) == name and field in Settings.model_fields:
            continue
        close = get_close_matches(field, Settings.model_fields, n=1)
        found.append(f"{name} is no setting" + (f"; did you mean {variable(close[0])}?" if close else ""))
    return found


def variable(field: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + field.upper()


def _words(problem: Any) -> str:
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return reason
    field, *inside = (str(part) for part in problem["loc"])
    return f"{variable(field)}: {': '.join([*inside, reason])}"
