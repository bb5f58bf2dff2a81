"""Events as a worker has them: sent as JSON and scanned. Shared by tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from streams.decode import TopicDecoder
from streams.events import Events
from streams.floor import Floor
from streams.kpis.additions import hashes_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.compile import Policies
from streams.kpis.counting import Counted, Counting
from streams.worker.reading import CHUNK, READABLE
from tests.wire import encoded, minimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sent(NamedTuple):
    """An event: its data beside the least that its type needs, its time, and the record that brought it."""

    kind: str
    data: Mapping[str, Any]
    ms: int = 0
    arrival: int = 0
    offset: int = 0
    source: str = "pbx"


def decoder_of(topic: str, catalogue: Catalogue) -> TopicDecoder:
    """Return a decoder as a worker has it."""
    return TopicDecoder(topic, hashes_of(topic, catalogue), READABLE.get(topic, {}))


def value_of(sent: Sent) -> bytes:
    """Return an event as it is sent."""
    time = (EPOCH + timedelta(milliseconds=sent.ms)).isoformat(timespec="milliseconds")
    event = minimal(sent.kind, **sent.data) | {"time": time, "id": f"{sent.kind} {sent.offset}", "source": sent.source}
    return encoded(event)


def scanned(decoder: TopicDecoder, sent: Sequence[Sent]) -> Events:
    """Return scanned events, none of which may be refused: however late or early they arrive."""
    chunk = decoder.decode_chunk([*map(value_of, sent)], [one.ms for one in sent])
    assert not chunk.refusals, chunk.refusals
    chunk.events.table["arrival"] = [one.arrival for one in sent]
    chunk.events.table["offset"] = [one.offset for one in sent]
    return chunk.events


class Counter:
    """Counts the events of a topic as a worker does: from JSON to sums."""

    def __init__(self, topic: str, catalogue: Catalogue, policies: Policies) -> None:
        self.decoder = decoder_of(topic, catalogue)
        self.counting = Counting(catalogue, self.decoder.layout, policies)
        self.plan = self.counting.plan
        self.places = (*catalogue.layout(topic), *self.plan.own)
        """The names of a sum's numbers."""

    def count(self, sent: Sequence[Sent]) -> list[Counted]:
        """Return what events add up to."""
        counted: list[Counted] = []
        for low in range(0, len(sent), CHUNK):
            counted += self.counting.count([[scanned(self.decoder, sent[low : low + CHUNK])]])
        return counted

    def sums(self, sent: Sequence[Sent]) -> dict[str, int]:
        """Return what events add to each place, over all rows and minutes."""
        totals = [[0] * len(self.places), *(counted.numbers.sum(axis=0).tolist() for counted in self.count(sent))]
        return dict(zip(self.places, map(sum, zip(*totals, strict=True)), strict=True))


def judge_of(floor: Floor) -> Callable[..., tuple[int, int]]:
    """Return what says which (met, of) a single inbound call adds under a floor."""
    counter = Counter("calls", floor.catalogue(), floor.queue_policies)

    def judge(queue: str | None, outcome: str, wait_ms: int | None, ms: int = 0) -> tuple[int, int]:
        data = {"queue": queue, "direction": "inbound", "outcome": outcome, "wait_ms": wait_ms}
        sums = counter.sums([Sent("call.ended", data, ms)])
        return sums["service_level_met"], sums["service_level_of"]

    return judge
