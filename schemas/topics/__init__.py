"""The topics: who owns them, what keys them, how long they are kept. One YAML file each."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

DEAD_LETTER_SUFFIX = "-dlq"


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic as it must be created."""

    name: str
    owner: str
    description: str
    key: str
    partitions: int
    retention_ms: int
    config: dict[str, str]
    types: tuple[str, ...]
    examples: tuple[str, ...]
    """Files below `schemas/examples`; those in `refused/` are refused in this topic."""


@cache
def load() -> dict[str, Topic]:
    """Return every source topic by name, in the order of DESIGN: calls, emails, links, reps, crm."""
    found = {}
    for name in ("calls", "emails", "links", "reps", "crm"):
        raw = yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))
        raw |= {"types": tuple(raw["types"]), "examples": tuple(raw["examples"])}
        found[name] = Topic(name=name, **raw)
    return found


def dead_letters(topic: Topic) -> Topic:
    """Return the topic that keeps what `topic` refused."""
    raw = yaml.safe_load(files(__name__).joinpath("dead-letters.yaml").read_text("utf-8"))
    raw["examples"] = tuple(path for path in topic.examples if path.startswith("refused/"))
    return Topic(
        name=topic.name + DEAD_LETTER_SUFFIX, types=topic.types, key=topic.key, partitions=topic.partitions, **raw
    )
