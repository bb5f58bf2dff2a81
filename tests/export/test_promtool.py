"""Prometheus' own linter reads the page."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.export.floor_page import Exporter, call


async def test_promtool_finds_nothing_wrong_with_the_page(program: Callable[[str], Path]) -> None:
    promtool = program("promtool")
    names = ('al"pha', "b|%\\", "営業\n二課", "x" * 64)
    exporter = await Exporter().with_calls(*(call(team=name, queue=name) for name in names))
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=exporter.text().encode(), capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
