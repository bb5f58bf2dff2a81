"""`floorcast explain` says what is wrong before it looks for Redis, and that Redis is away."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli import main

ASKED = {"--kpi": "service_level", "--scope": "queue", "--name": "support", "--window": "30m"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"--kpi": "service_levle"}, "kpi service_levle: there is no such kpi; did you mean 'service_level'?"),
        ({"--window": "31m"}, "window 31m: there is no such window; did you mean '30m'?"),
        ({"--scope": "quue"}, "scope quue: there is no such scope; did you mean 'queue'?"),
        ({"--name": ""}, "name is missing: a figure has a kpi, a scope, a name and a window"),
        ({}, "the Redis of FLOORCAST_REDIS does not answer"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(changes: dict[str, str], error: str, tmp_path: Path) -> None:
    (tmp_path / "floor.yaml").write_text("{}")
    words = [word for pair in {**ASKED, **changes}.items() for word in pair]
    environment = {"FLOORCAST_REDIS": "unix:///nowhere.sock", "FLOORCAST_CONFIG": str(tmp_path / "floor.yaml")}
    done = CliRunner().invoke(main, ["explain", *words], env=environment)
    assert (done.exit_code, done.stdout) == (1, "")
    assert error in done.stderr
