"""What is wrong with a floor's configuration, told so that its author finds and mends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

LISTED = 8
"""So few valid names are all told; of more, the nearest."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One refusal."""

    file: str
    line: int
    """Counted from 1; 0 when it is about the whole file."""
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


class FloorError(Exception):
    """The configuration is refused: keep the last good one, or stop. All problems are told, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return what to append to a refusal of `name`: the valid name that was perhaps meant, or what is valid."""
    names = list(dict.fromkeys(valid))
    found = get_close_matches(name, names, n=1, cutoff=0.6) or _ignoring_case(name, names)
    if found:
        return f"; did you mean {found[0]!r}?"
    if not names:
        return ""
    if len(names) <= LISTED:
        return f"; valid: {', '.join(names)}"
    close = get_close_matches(name, names, n=3, cutoff=0.3)
    return f"; nearest: {', '.join(close)}" if close else ""


def _ignoring_case(name: str, names: Sequence[str]) -> list[str]:
    by_folded = {valid.casefold(): valid for valid in names}
    return [by_folded[found] for found in get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)]
