"""The languages of the boards: one source says everything in all of them."""

from dataclasses import dataclass
from typing import Literal, get_args

from streams.kpis.definitions import definitions_ja
from streams.kpis.model import Kpi

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Say:
    """`say("Waiting now", "待ち呼")` is what a board of this language says."""

    language: Language

    def __call__(self, en: str, ja: str) -> str:
        """Return the one that is wanted."""
        return en if self.language == "en" else ja

    def title(self, kpi: Kpi) -> str:
        """Return a KPI's title."""
        return kpi.title[self.language]

    def definition(self, kpi: Kpi) -> str:
        """Return the sentence that defines a KPI. Raises KeyError for one without."""
        return self(kpi.definition, definitions_ja()[kpi.id])

    def window(self, window: str) -> str:
        """Return how people call a window, or the variable that stands for it."""
        return self(*WINDOWS.get(window, (window, window)))


WINDOWS = {
    "5m": ("5 min", "5分"),
    "15m": ("15 min", "15分"),
    "30m": ("30 min", "30分"),
    "1h": ("1 hour", "1時間"),
    "today": ("today", "本日"),
    "shift": ("shift", "シフト"),
    "week": ("week", "今週"),
    "month": ("month", "今月"),
}
