"""Section `kpis`: a floor's own KPIs, as sums and ratios of its own facts and of built-in facts and KPIs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from yaml.nodes import Node

from streams.floor import scalars
from streams.floor.model import Floor
from streams.floor.problems import nearest
from streams.floor.reading import Reader, line_of
from streams.floor.versions import Versioned, place
from streams.kpis.algebra import CannotCombine, Formula, UnknownName, Words, quotient, total
from streams.kpis.model import Better, Kpi, Unit, versioned

FORMULA_KEYS = ("facts", "numerator", "denominator")
NAMING_KEYS = ("title", "unit", "better")
KPI = Versioned((*NAMING_KEYS, "definition", *FORMULA_KEYS), fixed=NAMING_KEYS, whole=FORMULA_KEYS)
LANGUAGES = ("en", "ja")
GROUP = "own"


def read_kpis(node: Node | None, reader: Reader, floor: Floor, refused: Collection[str]) -> dict[str, Kpi | None]:
    """Return the floor's own KPIs by id; None for one that was refused.

    The floor knows its own facts already; a KPI may also name a sum that stands above it. `refused` are facts with
    problems of their own, about which nothing more need be said.
    """
    catalogue, zone = floor.catalogue(), ZoneInfo(floor.timezone)
    taken = set(catalogue.kpis) | {fact.name for fact in catalogue.facts if not fact.own}
    entries = reader.entries(node, "kpis")
    kpis: dict[str, Kpi | None] = {}
    for name, (key, value) in entries.items():
        reader.value(key, scalars.identifier, "")
        if name in taken:
            reader.refuse(key, f"{name!r} is built in: give the KPI another name")
            kpis[name] = None
            continue
        below = {other: line_of(entries[other][0]) for other in entries if other not in {*kpis, name}}
        reading = _Reading(name, key, reader, catalogue.words(), {*refused, *_without(kpis)}, below)
        kpis[name] = kpi = reading.kpi(value, zone)
        if kpi:
            catalogue = catalogue.with_kpis([kpi])
    return {name: kpi and catalogue.kpis[name] for name, kpi in kpis.items()}


def _without(kpis: Mapping[str, Kpi | None]) -> list[str]:
    return [name for name, kpi in kpis.items() if kpi is None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The reading of one KPI."""

    name: str
    key: Node
    reader: Reader
    words: Words
    refused: Collection[str]
    below: Mapping[str, int]
    """KPIs that stand further below, with their lines."""

    @property
    def what(self) -> str:
        return f"KPI {self.name!r}"

    def kpi(self, node: Node, zone: ZoneInfo) -> Kpi | None:
        """Return the KPI with all of its versions."""
        problems = len(self.reader.problems)
        made = [self._version(*version) for version in KPI.read(node, self.reader, self.what, zone)]
        kpis = [kpi for kpi in made if kpi]
        if len(kpis) < len(made) or len(self.reader.problems) > problems:
            return None
        for number, kpi in enumerate(kpis):
            if kpi.unit is not kpis[0].unit:
                reason = (
                    f"version {number + 1} of {self.what} is in {kpi.unit.value}, and version 1 in {kpis[0].unit.value}"
                )
                self.reader.refuse(place(node, number), reason)
        return versioned(kpis)

    def _version(self, since_ms: int | None, fields: Mapping[str, Node]) -> Kpi | None:
        unit = self.reader.value(fields.get("unit"), scalars.one_of([u.value for u in Unit], "unit"), "")
        better = scalars.one_of([b.value for b in Better], "word for what is better")
        formula = self._formula(fields, Unit(unit) if unit else None)
        titles = self._titles(fields.get("title"))
        definition = self.reader.value(fields.get("definition"), scalars.text, "")
        direction = Better(self.reader.value(fields.get("better"), better, Better.NEITHER))
        if formula is None:
            return None
        return Kpi(
            id=self.name,
            group=GROUP,
            kind=formula.kind,
            unit=formula.unit,
            better=direction,
            title=titles,
            definition=definition,
            scopes=(),
            numerator=formula.numerator,
            denominator=formula.denominator,
            since_ms=since_ms,
        )

    def _titles(self, node: Node | None) -> dict[str, str]:
        """Return a title for each language: where one is missing, another's, or the id."""
        fields = self.reader.fields(node, f"title of {self.what}", LANGUAGES)
        titles = {language: self.reader.value(value, scalars.text, self.name) for language, value in fields.items()}
        other = next(iter(titles.values()), self.name)
        return {language: titles.get(language, other) for language in LANGUAGES}

    def _formula(self, fields: Mapping[str, Node], unit: Unit | None) -> Formula | None:
        given = [side for side in FORMULA_KEYS if side in fields]
        if given not in (["facts"], ["numerator", "denominator"]):
            self.reader.refuse(self.key, f"{self.what} needs either facts, or numerator and denominator")
            return None
        before = len(self.reader.problems)
        lists = {side: self._names(fields[side], side) for side in given}
        if len(self.reader.problems) > before:
            return None
        try:
            if given == ["facts"]:
                return total(list(lists["facts"]), self.words, unit)
            return quotient(list(lists["numerator"]), list(lists["denominator"]), self.words, unit)
        except CannotCombine as error:
            self._refuse(error, lists, fields)
            return None

    def _names(self, node: Node, side: str) -> dict[str, Node]:
        items = self.reader.items(node, f"{side} of {self.what}")
        names: dict[str, Node] = {}
        for item in items:
            name = self.reader.value(item, scalars.text, "")
            if name in names:
                self.reader.refuse(item, f"{name!r} stands twice in {side} of {self.what}")
            elif name:
                names[name] = item
        return names

    def _refuse(
        self, error: CannotCombine, lists: Mapping[str, Mapping[str, Node]], fields: Mapping[str, Node]
    ) -> None:
        culprit = error.name
        if culprit is None:
            node = fields["unit"] if str(error).startswith("unit") else fields[next(iter(lists))]
            self.reader.refuse(node, f"{self.what}: {error}")
            return
        if culprit in self.refused:
            return
        node = next(names[culprit] for names in lists.values() if culprit in names)
        self.reader.refuse(node, f"{self.what}: {error}{self._hint(error, culprit)}")

    def _hint(self, error: CannotCombine, culprit: str) -> str:
        if not isinstance(error, UnknownName):
            return ""
        if culprit in self.below:
            return f"; the KPI on line {self.below[culprit]} must stand above this one"
        return nearest(culprit, [*self.words.facts, *self.words.kpis])
