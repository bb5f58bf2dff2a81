"""An explained figure, as JSON has it; the screen for people reads the same."""

import msgspec

from streams.export.rows import Row


class Counted(msgspec.Struct, frozen=True):
    """How a fact counts: the definition in force from `since` on, null for the first."""

    since: str | None
    where: str
    adds: str


class FactSum(msgspec.Struct, frozen=True):
    """A fact in the window. All numbers are as stored: counts, milliseconds, the currency's minor unit."""

    fact: str
    event: str
    counted: list[Counted]
    """Every definition that was in force in the window."""
    panes: int
    """The sum over the panes."""
    open: int
    """Milliseconds of states that still last; 0 for what is no time in a state."""
    sum: int


class SetSize(msgspec.Struct, frozen=True):
    """A set of different ids. Topics may have ids in common."""

    distinct: str
    topics: dict[str, int]
    """Topic → different ids out of it."""
    sum: int
    """Different ids together."""


class Side(msgspec.Struct, frozen=True):
    """Numerator or denominator: the sums of its facts, or the size of its set, ÷ divisor."""

    facts: list[FactSum]
    distinct: SetSize | None
    sum: int
    divisor: int
    shown: float
    """sum ÷ divisor: what the figure shows."""


class Bucket(msgspec.Struct, frozen=True):
    """Values in a stretch of seconds, both ends included."""

    from_: float = msgspec.field(name="from")
    to: float
    count: int


class Rank(msgspec.Struct, frozen=True):
    """How a quantile was found: the rank-th smallest of n values lies in `bucket`, whose middle is shown."""

    n: int
    quantile: float
    rank: int | None
    below: int
    bucket: Bucket | None
    above: int
    buckets: list[Bucket]


class Policy(msgspec.Struct, frozen=True):
    """How a queue's calls were judged from `since` on."""

    since: str | None
    policy: str
    threshold_seconds: float
    short_abandon_seconds: float


class Queue(msgspec.Struct, frozen=True):
    """A queue's part in a service level."""

    queue: str
    met: int
    of: int
    policies: list[Policy]
    """Every policy that was in force in the window."""


class PaneSum(msgspec.Struct, frozen=True):
    """What a pane gives; panes that give nothing are left out. Numbers are as stored."""

    pane: str
    """Its name in the store: `m:<minute>` or `q:<quarter>` since the epoch."""
    from_: str = msgspec.field(name="from")
    to: str
    facts: dict[str, int]
    distinct: dict[str, int]
    """Set → different ids in the pane."""
    new: dict[str, int]
    """Set → those of them that are in no earlier pane of the window: these add up to the size of the set."""
    values: int
    """Samples of a quantile."""
    numerator: int | None
    """Null for quantiles and distinct sets: their panes do not add up."""
    denominator: int | None


class OpenState(msgspec.Struct, frozen=True):
    """A state that still lasts, counted from `from` to `to`."""

    rep: str
    team: str
    state: str
    fact: str
    since: str
    from_: str = msgspec.field(name="from")
    to: str
    ms: int


class Irregular(msgspec.Struct, frozen=True):
    """Records of a topic in the window's time, of all names: late and repeated ones by event time, parked by arrival."""

    topic: str
    late: int
    duplicate: int
    parked: dict[str, int]


class Rule(msgspec.Struct, frozen=True):
    """The target that applied, and where it stands."""

    file: str
    line: int
    kpi: str
    scope: str
    name: str
    window: str
    bound: str
    target: float
    from_: str | None = msgspec.field(name="from")
    until: str | None


class Explanation(msgspec.Struct, frozen=True):
    """One figure taken apart."""

    at: str
    stale: list[str]
    """Those of its topics whose figures are not those of now."""
    title: dict[str, str]
    definition: str
    kind: str
    better: str
    formula: str
    version: int
    versions: int
    since: str | None
    """From when on this version of the formula is in force."""
    topics: list[str]
    figure: Row
    """As in `/api/kpis`."""
    note: str | None
    """Why there is no value, or no target."""
    numerator: Side | None
    """Null for quantiles, and in a window that has no value at this instant."""
    denominator: Side | None
    rank: Rank | None
    queues: list[Queue]
    panes: list[PaneSum]
    open: list[OpenState]
    irregular: list[Irregular]
    rule: Rule | None
