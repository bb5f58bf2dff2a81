"""Alertmanager's configuration from a floor's: whom an alert reaches, and when it is kept back."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from streams.alerts.intervals import days_off, working
from streams.alerts.written import written
from streams.export.labels import public
from streams.floor.model import ANY, Floor
from streams.kpis.model import Scope

SECRETS = "/etc/alertmanager/secrets"
OPERATIONS, FLOOR, WATCHDOG = "operations", "floor", "watchdog"
"""Receivers, besides one for each team."""
TEXT = (
    "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n"
    "{{ .Annotations.runbook_url }}\n{{ end }}"
)
HEAD = "# Made by `floorcast alerts alertmanager` from floor.yaml; secrets stand in the files that it names.\n"


@dataclass(frozen=True, slots=True)
class Options:
    """What floor.yaml does not say."""

    years: range
    """Whose holidays are written down."""
    secrets: str = SECRETS
    """The folder of the files with the receivers' addresses, where Alertmanager runs."""
    teams: Sequence[str] = ()
    """Teams with a receiver of their own, besides those that floor.yaml names."""
    watchdog: bool = False
    """Whether the watchdog is sent to a webhook, whose URL is a file too: Alertmanager 0.26 or later."""


def alertmanager(floor: Floor, options: Options) -> str:
    """Return the configuration as YAML."""
    teams = _teams(floor, options.teams)
    used = sorted({name for name in (floor.calendar, *floor.teams.values()) if name})
    content = {
        "route": _route(floor, teams, options),
        "inhibit_rules": _inhibitions(),
        "receivers": [_receiver(name, options) for name in (OPERATIONS, FLOOR, *map(_of_team, teams), WATCHDOG)],
        "time_intervals": [interval for name in used for interval in _intervals(floor, name, options)],
    }
    return HEAD + written(content)


def _teams(floor: Floor, more: Iterable[str]) -> list[str]:
    aimed = (target.name for target in floor.targets if target.scope is Scope.TEAM and target.name != ANY)
    return sorted({*floor.teams, *aimed, *more})


def _route(floor: Floor, teams: Iterable[str], options: Options) -> dict[str, Any]:
    of_teams = [
        {
            "receiver": _of_team(team),
            "matchers": ['area="floor"', f"team={json.dumps(public(team), ensure_ascii=False)}"],
            **_when(floor, floor.teams.get(team, floor.calendar), options),
        }
        for team in teams
    ]
    rest = {"receiver": FLOOR, "matchers": ['area="floor"'], **_when(floor, floor.calendar, options)}
    watched = {"receiver": WATCHDOG, "matchers": ['alertname="Watchdog"'], "group_wait": "0s", "group_interval": "1m"}
    return {
        "receiver": OPERATIONS,
        "group_by": ["alertname", "scope", "name", "topic"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [{**watched, "repeat_interval": "2m"}, *of_teams, rest],
    }


def _when(floor: Floor, calendar: str | None, options: Options) -> dict[str, list[str]]:
    """Return the times of a route: alerts of the floor arrive while somebody works who may act on them."""
    if calendar is None:
        return {}
    off = {"mute_time_intervals": [_off(calendar)]} if days_off(floor.calendars[calendar], options.years) else {}
    return {"active_time_intervals": [_working(calendar)], **off}


def _intervals(floor: Floor, name: str, options: Options) -> list[dict[str, Any]]:
    calendar = floor.calendars[name]
    found = [(_working(name), working(calendar)), (_off(name), days_off(calendar, options.years))]
    return [{"name": title, "time_intervals": intervals} for title, intervals in found if intervals]


def _inhibitions() -> list[dict[str, Any]]:
    """Return what keeps what back: figures that may be wrong, all alerts on them; a larger miss the smaller one."""
    return [
        {
            "source_matchers": ['alertname=~"DataStale|RedisPolicyUnsafe"'],
            "target_matchers": ['area="floor"'],
        },
        {
            "source_matchers": ['alertname="KpiFarBelowTarget"'],
            "target_matchers": ['alertname="KpiBelowTarget"'],
            "equal": ["kpi", "scope", "name", "window"],
        },
    ]


def _receiver(name: str, options: Options) -> dict[str, Any]:
    file = str(PurePosixPath(options.secrets) / quote(name, safe=""))
    if name == WATCHDOG:
        return {"name": name, **({"webhook_configs": [{"url_file": file}]} if options.watchdog else {})}
    title = "[{{ .Status | toUpper }}] {{ .GroupLabels.alertname }} {{ .GroupLabels.name }}{{ .GroupLabels.topic }}"
    return {
        "name": name,
        "slack_configs": [{"api_url_file": file, "send_resolved": True, "title": title, "text": TEXT}],
    }


def _of_team(team: str) -> str:
    return f"team-{team}"


def _working(calendar: str) -> str:
    return f"{calendar}: working time"


def _off(calendar: str) -> str:
    return f"{calendar}: days off"
