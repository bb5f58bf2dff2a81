"""What the worker writes and the view reads, and the promises that both kinds of store keep.

One source partition is one unit: its position, its figures and its memory of seen ids change together or not at
all. Every stored value is an integer, a set or a name, so that a replay gives the same content again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

MINUTE_MS = 60_000
QUARTER_MS = 900_000
HOUR_MS = 3_600_000
IRREGULAR = "+"
"""The entry of a pane's own facts that is no row's: how many records of the partition were `late` or `duplicate`, by
their event's time, and `parked:<reason>`, by their arrival."""
PARKED_COUNTER = "parked:"
"""How the counter of each reason for parking begins."""


class Fenced(Exception):
    """Somebody else owns the partition, or Redis lost or turned back what we wrote: claim again and rewind."""


class StoreUnavailable(Exception):
    """The store does not answer, or refuses to write (out of memory, read-only replica, loading): wait and retry."""


class Partition(NamedTuple):
    """A source partition."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to apply a partition's batches until somebody claims it after us."""

    epoch: int
    owner: str
    generation: int
    next: int | None
    """The offset to go on from; None when the ledger is new and has yet to be pinned."""
    arrival: int
    """The highest arrival (epoch ms) applied so far, 0 when none: where to look when Kafka lost its end."""


class Outcome(Enum):
    """What became of a batch: counted now, counted by an earlier try of the same batch, or refused untouched."""

    APPLIED = "applied"
    ALREADY = "already"
    FENCED = "fenced"


@dataclass(slots=True)
class PaneDelta:
    """What a batch adds to one pane, as `packing` packs it. Row names are `team|queue|campaign|rep`, each part
    percent-encoded.

    Addends and sums must stay within ±2^53, which is how far Redis' Lua counts: a fact that could leave that range
    is kept as two. A bucket is below 2^16, its count below 2^32.
    """

    facts: Mapping[str, bytes] = field(default_factory=dict)
    """Row name → one addend for each of the topic's built-in facts, in the layout's order; may be shorter."""
    buckets: Mapping[str, bytes] = field(default_factory=dict)
    """`row|wait` or `row|handle` → buckets with their counts, ascending; never empty."""
    own: Mapping[str, bytes] = field(default_factory=dict)
    """`row|+` → a floor's own facts by name; `IRREGULAR` → its counts; never empty."""
    distinct: Mapping[str, bytes] = field(default_factory=dict)
    """`row|<set>` (customers, opens, clicks, prospects) → 8-byte hashes, ascending, each once; never empty."""


@dataclass(slots=True)
class Delta:
    """Everything that one batch [start, end) of a partition changes, to be applied in one atomic step."""

    start: int
    end: int
    arrival: int = 0
    """Highest Kafka timestamp of the batch, epoch ms; 0 for an empty batch."""
    watermark: int = 0
    """Highest event time of the accepted events, epoch ms; 0 when there are none."""
    minutes: dict[int, PaneDelta] = field(default_factory=dict)
    """Epoch minute → what it gains. Redis forgets it 5 h after the minute's end."""
    quarters: dict[int, PaneDelta] = field(default_factory=dict)
    """Epoch quarter of an hour → what it gains. Redis forgets it 35 days and an hour after the quarter's end."""
    counters: dict[str, int] = field(default_factory=dict)
    """Exact counters kept in the ledger: applied, duplicate, late, parked:<reason>, other_currency."""
    sources: dict[str, int] = field(default_factory=dict)
    """Source → its latest event time, epoch ms."""
    seen: dict[int, bytes] = field(default_factory=dict)
    """Arrival hour → 8-byte hashes of the ids counted in it, each once."""
    ended: dict[int, bytes] = field(default_factory=dict)
    """Arrival hour → 8-byte hashes of the calls that ended."""
    calls: Mapping[str, bytes | None] = field(default_factory=dict)
    """Open call → its packed state, or None when it leaves."""
    reps: Mapping[str, bytes | None] = field(default_factory=dict)
    """Rep → packed changes of state, or None when it leaves."""


@dataclass(slots=True)
class Memory:
    """What a new owner must know of the past before it may process a batch."""

    seen: dict[int, bytes] = field(default_factory=dict)
    ended: dict[int, bytes] = field(default_factory=dict)
    calls: dict[str, bytes] = field(default_factory=dict)
    reps: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A partition's ledger as readers see it; all times in epoch ms of the store's own clock unless said."""

    epoch: int
    sequence: int
    """Grows by one with each applied batch; goes back only when the store lost data."""
    next: int
    lease: int
    """When the owner's lease runs out."""
    verified: int
    """When the owner last verified the ledger."""
    applied: int
    """When a batch was last applied."""
    arrival: int
    watermark: int
    gap: int
    """Records that Kafka dropped before they were read."""
    end: int | None
    """Where Kafka's log ended when the owner took the partition: up to there it owes. None until it has said so."""
    counters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """A batch as the store told it when it was applied: what a view wants of its delta."""

    partition: Partition
    sequence: int
    """The ledger's after the batch."""
    start: int
    end: int
    minutes: Mapping[int, PaneDelta]
    quarters: Mapping[int, PaneDelta]
    calls: Mapping[str, bytes | None]
    reps: Mapping[str, bytes | None]

    @classmethod
    def of(cls, partition: Partition, sequence: int, delta: Delta) -> "Told":
        """Tell of a delta."""
        return cls(partition, sequence, delta.start, delta.end, delta.minutes, delta.quarters, delta.calls, delta.reps)


@dataclass(frozen=True, slots=True)
class Standing:
    """A partition at one instant, whatever is being applied."""

    row: LedgerRow | None
    changed: Sequence[str]
    """As `Reader.changed` tells it."""
    panes: Sequence["StoredPane"]
    """Those that were asked for, in their order."""
    calls: Mapping[str, bytes]
    """The open calls of a partition of `calls`."""
    reps: Mapping[str, bytes]
    """The state changes of each rep of a partition of `reps`."""


class Writer(Protocol):
    """The worker's side. Raises StoreUnavailable from every method when the store cannot be asked."""

    async def claim(self, partition: Partition, owner: str, generation: int) -> Claim:
        """Take the partition: a new epoch and lease. Raises Fenced while a newer generation's lease is alive."""

    async def pin(
        self, partition: Partition, claim: Claim, next_offset: int, gap: int = 0, end: int | None = None
    ) -> None:
        """Set where a new ledger begins, or move it over a gap, adding `gap` records; and where Kafka's log ends, if not
        there too. Raises Fenced.

        A ledger that stands at `next_offset` already does not move: a retry counts no gap twice.
        """

    async def load(self, partition: Partition, hours: int) -> Memory:
        """Return what the new owner must remember: seen and ended ids of the last `hours` arrival hours, open calls, reps."""

    async def apply(self, work: Sequence[tuple[Partition, Claim, Delta]]) -> list[Outcome]:
        """Apply each partition's delta atomically, all in one round trip; the order within a partition is kept.

        After StoreUnavailable, or any other error, some of them may have been applied. The same batch may be sent
        again as long as none has been applied after it: it is answered ALREADY if it counts. So a call whose
        unknown outcome is to be retried holds one batch a partition. Raises ValueError for a delta that spans no
        offset; then none was applied.
        """

    async def verify(self, held: Sequence[tuple[Partition, Claim, int]]) -> list[bool]:
        """Say for each (partition, claim, next) whether the ledger still agrees, and renew the lease where it does."""

    async def release(self, partition: Partition, claim: Claim) -> None:
        """End the lease, if the claim still holds, so that the next owner need not wait."""

    async def admit(self, scope: str, names: Sequence[str], day: int, limit: int) -> set[str]:
        """Return those of `names` that are among the scope's first `limit` names of the last 36 days, adding them if
        there is room. The answer for a name is the same for all workers until it has been silent for 36 days.
        """

    async def unsafe_policy(self) -> str | None:
        """Return the store's eviction policy if it may drop figures, None if it is safe (`noeviction`)."""


class Reader(Protocol):
    """The view's side. Raises StoreUnavailable from every method when the store cannot be asked."""

    async def now_ms(self) -> int:
        """Return the store's clock, epoch ms: leases and verifications are measured with it."""

    async def ledgers(self, partitions: Sequence[Partition]) -> list[LedgerRow | None]:
        """Return each partition's ledger, None where there is none yet."""

    async def changed(self, since: Sequence[tuple[Partition, int]]) -> list[list[str]]:
        """For each (partition, sequence) return the panes changed after it: `m:<minute>` and `q:<quarter>`, those that
        changed first before the others. Some may have expired since.
        """

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list["StoredPane"]:
        """Return the content of each pane, empty where it does not exist."""

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> "Standing":
        """Return how a partition stands, what has changed in it after the sequence `since`, and the content of panes,
        all as of one instant.
        """

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        """Return the batches of these partitions that were told since the last call, in their order; if there is none,
        wait so long for one.

        Each was applied just so; but any may be missing, and always those from before a partition was first asked for.
        """

    async def sources(self, partition: Partition) -> dict[str, int]:
        """Return the latest event time of each source, epoch ms."""


@dataclass(slots=True)
class StoredPane:
    """A pane's content: absolute sums, under the names of `PaneDelta`."""

    facts: dict[str, list[int]] = field(default_factory=dict)
    """Row name → sums in the layout's order."""
    buckets: dict[str, list[int]] = field(default_factory=dict)
    """Flat pairs [bucket, count, bucket, count, …], buckets ascending."""
    own: dict[str, dict[str, int]] = field(default_factory=dict)
    """Sums by name."""
    distinct: dict[str, bytes] = field(default_factory=dict)
    """8-byte hashes, ascending as little-endian numbers, each once."""
