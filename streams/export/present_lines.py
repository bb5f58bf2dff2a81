"""The series of what happens now. Their names are bounded too: the largest keep theirs, the rest are one."""

from collections import Counter
from collections.abc import Iterable, Mapping

from streams.export.lines import Lines, together, written
from streams.export.names import ACTIVE, CALL, LONGEST_WAIT, REP, REPS, SILENT, WAITING
from streams.view.figures import OTHER
from streams.view.present import Present


def present_lines(present: Present, names: int) -> Lines:
    """Return the families of the present with at most `names` teams or queues each."""
    queues = largest({queue: waiting.count for queue, waiting in present.waiting.items()}, names)
    waiting: Counter[tuple[str, ...]] = Counter()
    longest: dict[tuple[str, ...], float] = {}
    for queue, calls in present.waiting.items():
        shown = (queue if queue in queues else OTHER,)
        waiting[shown] += calls.count
        longest[shown] = max(longest.get(shown, 0.0), calls.longest_ms / 1000)
    silent = {(CALL,): present.stale_calls, (REP,): present.stale_reps}
    return together(
        (
            written(REPS, sorted(by_team(present.reps, names).items())),
            written(WAITING, sorted(waiting.items())),
            written(LONGEST_WAIT, sorted(longest.items())),
            written(ACTIVE, sorted(by_team(present.active, names).items())),
            written(SILENT, silent.items()),
        )
    )


def by_team(counts: Mapping[tuple[str, str], int], names: int) -> Mapping[tuple[str, ...], int]:
    """Return counts by (team, something) with at most `names` teams."""
    sizes: Counter[str] = Counter()
    for (team, _), count in counts.items():
        sizes[team] += count
    teams = largest(sizes, names)
    found: Counter[tuple[str, ...]] = Counter()
    for (team, other), count in counts.items():
        found[team if team in teams else OTHER, other] += count
    return found


def largest(sizes: Mapping[str, int], names: int) -> frozenset[str]:
    """Return the names that keep their own: all, or the largest but one, whose place the rest take."""
    if len(sizes) <= names:
        return frozenset(sizes)
    return frozenset(_in_order(sizes)[: names - 1])


def _in_order(sizes: Mapping[str, int]) -> list[str]:
    ordered: Iterable[str] = sorted(sizes, key=lambda name: (-sizes[name], name))
    return [name for name in ordered if name != OTHER]
