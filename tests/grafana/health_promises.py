"""What the panels of Data health must show, by title and legend."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.refusals import Reason
from tests.grafana.told import Told

Promised = Mapping[tuple[str, ...], object]
"""Values of the labels that can be seen → the number, or what it must equal."""
Promise = Callable[[Told], Promised]
JOBS = ("floorcast-exporter", "floorcast-worker")
SERIES_LIMIT = 100_000
DAY_S = 86_400
"""What is told of working time that never pauses."""


@dataclass(frozen=True)
class Between:
    """Equals every number between two; the lower one is not among them."""

    above: float
    most: float = math.inf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and self.above < other <= self.most

    __hash__ = None  # type: ignore[assignment]


SOME = Between(0)
NONE_OR_SOME = Between(-1)


def _by_topic(number: Callable[[Told, str], object]) -> Promise:
    return lambda told: {(topic,): number(told, topic) for topic in told.topics}


def _age(what: str) -> Promise:
    return _by_topic(lambda told, topic: told.asked - told.latest(topic, what))


def _moved(result: str) -> Promise:
    """Return what must have been seen of a counter: some rate where it counted, none where it did not."""
    return _by_topic(lambda told, topic: _some(told) if told.counted(topic, result) else 0)


def _some(told: Told) -> Between:
    return SOME if told.unbroken else NONE_OR_SOME


def _parked(told: Told) -> Promised:
    seen = {reason for reason in Reason for topic in told.topics if told.counted(topic, f"parked:{reason.value}")}
    return {(reason.value,): _some(told) if reason in seen else 0 for reason in Reason}


def _alone(number: Callable[[Told], object]) -> Promise:
    return lambda told: {(): number(told)}


def _each_worker(number: Callable[[Told], object]) -> Promise:
    return lambda told: {(told.worker,): number(told)}


HEALTH: Mapping[tuple[str, str], Promise] = {
    ("Data as of", "Data as of"): _alone(lambda told: told.at * 1000),
    ("Data as of", "State"): _alone(lambda told: len(told.stale)),
    ("Stale topics", "{{topic}}"): _by_topic(lambda told, topic: int(topic in told.stale)),
    ("Reached", "{{job}}"): lambda told: {(job,): 1 for job in JOBS},
    ("Lag", "{{topic}}"): _by_topic(lambda told, topic: 0),
    ("Event time", "{{topic}}"): _age("watermark"),
    ("Last applied", "{{topic}}"): _age("applied"),
    ("Sources", "{{source}}"): lambda told: {(one,): told.asked - ms / 1000 for one, ms in told.sources.items()},
    ("Applied a second", "{{topic}}"): _moved("applied"),
    ("Duplicates a second", "{{topic}}"): _moved("duplicate"),
    ("Late a second", "{{topic}}"): _moved("late"),
    ("Parked by reason", "{{reason}}"): _parked,
    ("Gaps", "Records"): _alone(lambda told: sum(row.gap for row in told.ledgers.values())),
    ("Other currency", "{{reason}}"): lambda told: {("other_currency",): told.counted("crm", "other_currency")},
    ("Without news", "{{kind}}"): lambda told: {
        ("call",): told.now["stale"]["calls"],
        ("rep",): told.now["stale"]["reps"],
    },
    ("Series", "Series"): _alone(lambda told: told.series),
    ("Series", "Limit"): _alone(lambda told: SERIES_LIMIT),
    ("Series", "Folded"): _alone(lambda told: 0),
    ("Configuration", "Valid (exporter)"): _alone(lambda told: 1),
    ("Configuration", "Restart (exporter)"): _alone(lambda told: 0),
    ("Configuration", "Valid (workers)"): _alone(lambda told: 1),
    ("Configuration", "Restart (workers)"): _alone(lambda told: 0),
    ("Configuration read", "Exporter"): _alone(lambda told: Between(told.loaded * 1000 - 1, told.loaded * 1000 + 999)),
    ("Configuration read", "Workers"): _alone(lambda told: Between(told.loaded * 1000 - 60_000, told.at * 1000)),
    ("Working time", "{{scope}} {{name}}"): lambda told: dict.fromkeys(told.judged, DAY_S),
    ("Redis may drop figures", "Unsafe"): _alone(lambda told: 0),
    ("Workers", "Workers ready"): _alone(lambda told: 1),
    ("Workers", "Partitions"): _alone(lambda told: len(told.ledgers)),
    ("Trouble a second", "Rewinds"): _alone(lambda told: NONE_OR_SOME),
    ("Trouble a second", "Stale batches"): _alone(lambda told: NONE_OR_SOME),
    ("Trouble a second", "Errors"): _alone(lambda told: 0),
    ("Trouble a second", "Redis does not answer"): _alone(lambda told: NONE_OR_SOME),
    ("Work a second", "{{topic}}"): _moved("applied"),
    ("Work a second", "Batches"): _alone(_some),
    ("Stages, 99th percentile", "Count in memory"): _alone(lambda told: Between(0, 10)),
    ("Stages, 99th percentile", "Apply to Redis"): _alone(lambda told: Between(0, 10)),
    ("CPU", "{{instance}}"): _each_worker(lambda told: Between(0, os.cpu_count() or 1)),
    ("Memory", "{{instance}}"): _each_worker(lambda told: Between(told.worker_bytes * 0.5, told.worker_bytes * 2)),
}
