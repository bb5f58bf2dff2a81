"""Terminals: what people and machines have named is shown as it is, and steers nothing."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

_CONTROLS: Mapping[int, str] = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"
}


def visible(text: str) -> str:
    """Return a text with its control characters spelled out: an escape sequence in a name must not reach the terminal."""
    return text.translate(_CONTROLS)


class PlainConsole(Console):
    """A console that takes strings for what they are: `[bold]` and `:smile:` may be names of teams."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, **settings)

    def render_str(self, text: str, **settings: Any) -> Text:
        """Return a string as what is shown of it."""
        return super().render_str(visible(text), **settings)
