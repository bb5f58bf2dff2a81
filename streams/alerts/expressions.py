"""Which metrics a PromQL expression asks for."""

import re

_STRINGS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*""")
_WITHIN = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w.:])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan"}  # fmt: skip


def metrics(expr: str) -> frozenset[str]:
    """Return the names of the metrics; one that is only in a matcher (`{__name__="…"}`) is not seen."""
    bare = expr
    for noise in (_STRINGS, _WITHIN, _LABELS):
        bare = noise.sub(" ", bare)
    return frozenset(name for name in _NAME.findall(bare) if name.lower() not in _WORDS)


def kpis(expr: str, metric: str) -> frozenset[str] | None:
    """Return the KPIs whose series of a metric matter; None: any, since somewhere it is not selected by `kpi="…"`."""
    found = set()
    for selected in re.finditer(rf"(?<![\w:.]){metric}(?![\w:])(?:\s*{{([^}}]*)}})?", expr):
        named = re.search(r'(?:^|,)\s*kpi\s*=\s*"(\w+)"', selected[1] or "")
        if named is None:
            return None
        found.add(named[1])
    return frozenset(found)
