"""`floorcast check`: what is wrong, where, and why."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.check import check

INSTALLED = Path(__file__).parents[2] / "floor.yaml"
WRONG = """\
floor:
  name: Nord
  timezone: Europe/Berlin
targets:
  - {kpi: dialls, scope: team, name: "*", window: today, at_least: 80}
  - {kpi: dials, scope: team, name: "*", window: today, at_least: eighty}
colours: {red: 1}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder, without settings from outside."""
    for name in [name for name in os.environ if name.startswith("FLOORCAST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*files: object, **settings: str) -> Result:
    environment = {f"FLOORCAST_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(check, [str(file) for file in files], env=environment)


def test_the_floor_that_comes_with_the_product_is_good() -> None:
    result = checked(INSTALLED)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (
        result.stdout
        == f"{INSTALLED}: good (Tokyo inside sales, Asia/Tokyo, 7 targets, 2 facts and 1 KPIs of its own)\n"
    )


def test_every_problem_has_its_file_line_and_reason(folder: Path) -> None:
    (folder / "nord.yaml").write_text(WRONG)
    result = checked("nord.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["nord.yaml:5", "nord.yaml:6", "nord.yaml:7"]
    for line, words in zip(lines, ["did you mean 'dials'?", "eighty", "colours"], strict=True):
        assert words in line


def test_several_files_are_checked_and_one_bad_one_is_enough_to_fail(folder: Path) -> None:
    (folder / "a.yaml").write_text("floor: {timezone: Mars/Olympus}\n")
    (folder / "b.yaml").write_text("floor: {timezone: Asia/Tokyo}\n")
    (folder / "c.yaml").write_text("floor: {\n")
    result = checked("a.yaml", "b.yaml", "c.yaml", "d.yaml")
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["a.yaml", "c.yaml", "d.yaml"]
    assert result.stdout.startswith("b.yaml: good")
    assert checked("b.yaml", "b.yaml").exit_code == 0


def test_without_files_it_is_the_floor_of_the_settings(folder: Path) -> None:
    (folder / "other.yaml").write_text("floor: {timezone: Asia/Tokyo}\n")
    assert checked(config="other.yaml").stdout.startswith("other.yaml: good")
    missing = checked()
    assert (missing.exit_code, missing.stderr) == (1, "floor.yaml: cannot be read: No such file or directory\n")


def test_wrong_settings_are_told_beside_the_files(folder: Path) -> None:
    (folder / "a.yaml").write_text("floor: {timezone: Mars/Olympus}\n")
    result = checked("a.yaml", partitions="0", kafka_security_protocol="SASL_SSL")
    assert result.exit_code == 1
    told = result.stderr
    assert "FLOORCAST_PARTITIONS: Input should be greater than or equal to 1" in told
    assert "a.yaml:1: " in told
    assert "KAFKA_SASL_USERNAME" in checked(kafka_security_protocol="SASL_SSL").stderr


def test_a_variable_that_is_no_setting_is_a_warning(folder: Path) -> None:
    (folder / "floor.yaml").write_text("floor: {timezone: Asia/Tokyo}\n")
    result = checked(reddis="redis://r:6379/0")
    assert result.exit_code == 0
    assert result.stderr == "warning: FLOORCAST_REDDIS is no setting; did you mean FLOORCAST_REDIS?\n"
