"""One alert as Prometheus reads it. Whoever it reaches is told what is wrong, how much, and what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

RUNBOOKS = "docs/runbooks.md"
Severity = Literal["none", "info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule. `area` says whom it is for: `floor` (the business) or `pipeline` (operations)."""

    name: str
    expr: str
    hold: str
    """How long the expression must hold before it fires."""
    area: Literal["floor", "pipeline"]
    severity: Severity
    summary: str
    description: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels of what fires."""

    def rule(self) -> dict[str, Any]:
        """Return it as an entry of a group."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.hold,
            "labels": {"severity": self.severity, "area": self.area, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": f"{RUNBOOKS}#{self.name.lower()}",
            },
        }


def shown(number: str) -> str:
    """Return a template that shows a number in the KPI's unit; `number` is an expression of Go's templates."""
    return (
        f'{{{{ if eq $labels.unit "ratio" }}}}{{{{ {number} | humanizePercentage }}}}'
        f'{{{{ else if eq $labels.unit "seconds" }}}}{{{{ {number} | humanizeDuration }}}}'
        f"{{{{ else }}}}{{{{ {number} | humanize }}}}{{{{ end }}}}"
    )


def asked(query: str, *labels: str, show: str) -> str:
    """Return a template that asks Prometheus; each `%q` of the query is one of the alert's labels.

    `show` says how the answer, `.Value`, is written; without an answer there is nothing.
    """
    arguments = "".join(f" $labels.{label}" for label in labels)
    text = json.dumps(query)
    return f"{{{{ range printf {text}{arguments} | query }}}}{show}{{{{ end }}}}"
