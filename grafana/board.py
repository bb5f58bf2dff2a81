"""Panels → one dashboard of classic JSON: where they stand, the variables, and the links between boards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

from grafana.panels import SOURCE, Panel
from grafana.queries import select
from grafana.words import LANGUAGES, WINDOWS, Language, Say
from streams.export.names import VALUE

Placed = tuple[Panel, int, int]
"""A panel, its width (of 24) and its height."""
Rows = Sequence[tuple[str, Sequence[Placed]]]
"""(heading, panels); without a heading the panels just follow."""
Variable = builders.QueryVariable | builders.CustomVariable


@dataclass(frozen=True, slots=True)
class Board:
    """One board in every language."""

    slug: str
    title: tuple[str, str]
    """English, Japanese."""
    description: tuple[str, str]
    rows: Callable[[Say], Rows]
    variables: Callable[[Say], Sequence[Variable]] = lambda _: ()
    refresh: str = "10s"
    begin: str = "now-6h"

    def uid(self, language: Language) -> str:
        """Return the dashboard's stable UID."""
        return f"floorcast-{self.slug}-{language}"

    def build(self, language: Language, boards: Sequence["Board"]) -> dashboard.Dashboard:
        """Return the dashboard, with links to all boards."""
        say = Say(language)
        made = builders.Dashboard(say(*self.title)).uid(self.uid(language)).description(say(*self.description))
        made.tags(["floorcast", language]).readonly().refresh(self.refresh).time(self.begin, "now").timezone("browser")
        made.tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        for variable in self.variables(say):
            made.with_variable(variable)
        for title, url in self._links(language, boards):
            made.link(builders.DashboardLink(title).type(dashboard.DashboardLinkType.LINK).url(url).keep_time(True))
        self._place(made, say)
        return made.build()

    def _place(self, made: builders.Dashboard, say: Say) -> None:
        number = 0
        for heading, panels in self.rows(say):
            if heading:
                number += 1
                made.with_row(builders.Row(heading).id(number))
            for panel, width, height in panels:
                number += 1
                made.with_panel(panel.id(number).span(width).height(height))

    def _links(self, language: Language, boards: Sequence["Board"]) -> list[tuple[str, str]]:
        say = Say(language)
        links = [(say(*one.title), f"/d/{one.uid(language)}") for one in boards if one is not self]
        others = {"en": "English", "ja": "日本語"}
        return links + [(others[one], f"/d/{self.uid(one)}") for one in LANGUAGES if one != language]


def window_variable(say: Say, chosen: str = "today") -> builders.CustomVariable:
    """Return the choice of a window."""
    values = ",".join(f"{say.window(window)} : {window}" for window in WINDOWS)
    made = builders.CustomVariable("window").label(say("Window", "期間")).values(values)
    return made.current(dashboard.VariableOption(text=say.window(chosen), value=chosen))


def scope_variable(say: Say, scopes: Sequence[str]) -> builders.CustomVariable:
    """Return the choice of a scope, the first one chosen."""
    made = builders.CustomVariable("scope").label(say("Scope", "範囲")).values(",".join(scopes))
    return made.current(dashboard.VariableOption(text=scopes[0], value=scopes[0]))


def name_variable(name: str, label: str, scope: str) -> builders.QueryVariable:
    """Return the choice of a name of a scope: those that have figures."""
    query = f"label_values({select(VALUE, scope=scope)}, name)"
    made = builders.QueryVariable(name).label(label).datasource(SOURCE).definition(query)
    made.query({"query": query, "refId": name}).refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
    return made.sort(dashboard.VariableSort.ALPHABETICAL_ASC)
