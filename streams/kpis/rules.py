"""What a floor decides about built-in facts, as the compiled loops use it."""

from collections.abc import Callable
from dataclasses import dataclass

Judge = Callable[[str | None, str, int | None, int], tuple[int, int]]
"""(queue, outcome, wait_ms, event time in epoch ms) → what an inbound call adds to *met* and *of*."""


@dataclass(frozen=True, slots=True)
class FloorRules:
    """The floor's settings that decide what an event adds."""

    judge: Judge
