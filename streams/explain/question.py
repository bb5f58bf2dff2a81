"""What is asked: one figure, by names that exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.explain.outlook import Outlook
from streams.floor.model import FLOOR_NAME
from streams.floor.problems import nearest
from streams.kpis.model import Kpi, Scope
from streams.kpis.windows import WINDOWS

SCOPES = tuple(scope.value for scope in Scope)


class Unanswerable(Exception):
    """There is no such figure: the words say what to change."""


@dataclass(frozen=True, slots=True)
class Question:
    """One figure."""

    kpi: str
    scope: str
    name: str
    window: str
    version: int | None = None
    """Of the KPI; None: the one in force when the window ends."""

    @classmethod
    def of(cls, given: Mapping[str, str | None], version: int | None = None) -> "Question":
        """Read `kpi`, `scope`, `name` and `window`; the floor needs no name. Raises Unanswerable."""
        kpi, scope, name, window = (given.get(field) or "" for field in ("kpi", "scope", "name", "window"))
        if scope == Scope.FLOOR:
            name = name or FLOOR_NAME
        for field, value in (("kpi", kpi), ("scope", scope), ("name", name), ("window", window)):
            if not value:
                raise Unanswerable(f"{field} is missing: a figure has a kpi, a scope, a name and a window")
        return cls(kpi, scope, name, window, version)


def known(question: Question, kpis: Iterable[Kpi]) -> Kpi:
    """Return the KPI with all of its versions. Raises Unanswerable for words that no floor's figures have."""
    by_id = {kpi.id: kpi for kpi in kpis}
    for field, word, words in (
        ("kpi", question.kpi, by_id), ("scope", question.scope, SCOPES), ("window", question.window, WINDOWS)
    ):  # fmt: skip
        if word not in words:
            raise Unanswerable(f"{field} {word}: there is no such {field}{nearest(word, words)}")
    kpi = by_id[question.kpi]
    if question.scope not in kpi.scopes:
        raise Unanswerable(f"{kpi.id} has no scope {question.scope}; valid: {', '.join(kpi.scopes)}")
    return kpi


def kpi_of(question: Question, outlook: Outlook) -> Kpi:
    """Return the KPI by the version that is asked for. Raises Unanswerable for what there is not."""
    whole = known(question, outlook.kpis)
    found = next((kpi for kpi in outlook.evaluators[question.scope].kpis if kpi.id == whole.id), None)
    if found is None:
        raise Unanswerable(f"version {question.version}: {whole.id} has {len(whole.versions)}")
    names = outlook.named(question.scope)
    if question.name not in names:
        silent = f"no {question.scope} of that name has been active in 35 days"
        raise Unanswerable(f"name {question.name}: {silent}{nearest(question.name, sorted(names))}")
    return found
