"""What is named so that it would steer a terminal, or rich, is shown letter by letter."""

import io
from typing import Any

import pytest
from rich.table import Table

from streams.terminal import PlainConsole, visible


def shown(printed: Any) -> str:
    console = PlainConsole(file=io.StringIO(), width=60, force_terminal=True, color_system=None)
    console.print(printed)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("[/x] [bold]a[/bold]", "[/x] [bold]a[/bold]"),
        (":smile:", ":smile:"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("\x9b31m\x7f\r\x00", r"\x9b31m\x7f\x0d\x00"),
        ("東京 ‘é’", "東京 ‘é’"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, seen: str) -> None:
    table = Table("name", show_header=False)
    table.add_row(name)
    assert seen in shown(table)
    assert seen in shown(name)
    assert visible(name) == seen


def test_lines_stay_lines() -> None:
    assert visible("one\n\ttwo") == "one\n\ttwo"
