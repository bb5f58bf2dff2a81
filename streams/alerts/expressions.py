"""Which metrics a PromQL expression asks for, and how far back it looks."""

import re

_STRINGS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*""")
_WITHIN = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w.:])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan"}  # fmt: skip
_UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
"""Prometheus' units of duration, in the order in which it wants them."""
_DURATION = re.compile("".join(rf"(?:(\d+){unit})?" for unit in _UNITS_MS))
_RANGE = re.compile(r"\[\s*(\w+)\s*[\]:]")
_OFFSET = re.compile(r"\boffset\s+(\w+)", re.IGNORECASE)


def duration_ms(text: str) -> int | None:
    """Return a duration as Prometheus writes it (`1h30m`) in ms; None for what is none."""
    match = _DURATION.fullmatch("0s" if text == "0" else text)
    if not text or match is None:
        return None
    return sum(int(number) * unit for number, unit in zip(match.groups("0"), _UNITS_MS.values(), strict=True))


def ranges_ms(expr: str) -> dict[str, int]:
    """Return the ranges that an expression looks at, as they are written (`5m`) → ms."""
    found = {text: duration_ms(text) for text in _RANGE.findall(_STRINGS.sub(" ", expr))}
    return {text: ms for text, ms in found.items() if ms is not None}


def reach_ms(expr: str) -> int:
    """Return how far back an expression may look: all of its ranges and offsets, as if one stood in the other."""
    bare = _STRINGS.sub(" ", expr)
    return sum(duration_ms(text) or 0 for pattern in (_RANGE, _OFFSET) for text in pattern.findall(bare))


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
