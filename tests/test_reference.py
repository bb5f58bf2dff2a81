"""The tables of docs/operations.md are those of the code, and what is stale is noticed."""

import re
from pathlib import Path

import pytest

from streams.export.names import FAMILIES
from streams.reference import PAGE, Stale, main, rendered, tables
from streams.settings import Settings, variable
from streams.worker.metrics import WorkerMetrics
from tests.operations.conftest import ACL


def test_the_page_is_what_the_code_says() -> None:
    assert main(["--check"]) == 0


def test_every_setting_stands_in_one_table_with_its_default() -> None:
    rows = re.findall(r"^\| `(FLOORCAST_\w+)` \| (\S*) ?\|", "".join(tables().values()), re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(map(variable, Settings.model_fields))
    assert dict(rows)["FLOORCAST_PARTITIONS"] == "`8`"
    assert dict(rows)["FLOORCAST_REP_SERIES"] == "`false`"
    assert dict(rows)["FLOORCAST_REDIS_PASSWORD"] == ""


def test_every_metric_of_a_worker_stands_in_the_table_under_the_name_that_is_scraped() -> None:
    families = [family for family in WorkerMetrics().registry.collect() if family.name.startswith("floorcast_")]
    assert len(families) == 14
    rows = re.findall(r"^\| `(floorcast_\w+)` \| (\w+) \| (.+) \|$", tables()["worker metrics"], re.MULTILINE)
    scraped = [(f.name + "_total" * (f.type == "counter"), f.type, f.documentation) for f in families]
    assert rows == scraped


def test_every_metric_of_the_exporter_stands_in_its_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]*) \| (\w+) \| (.+) \|$", tables()["exporter metrics"], re.MULTILINE)
    assert rows == [(one.name, ", ".join(one.labels), one.kind, one.help) for one in FAMILIES]


def test_a_stale_page_is_named_and_then_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "operations.md"
    page.write_text(PAGE.read_text("utf-8").replace("| `8` |", "| `9` |"), "utf-8")
    assert main(["--check"], page) == 1
    assert capsys.readouterr().err == "docs/operations.md: stale; `make generate` writes it\n"
    assert main([], page) == 0
    assert page.read_text("utf-8") == PAGE.read_text("utf-8")


@pytest.mark.parametrize("page", ["", PAGE.read_text("utf-8") * 2])
def test_a_page_without_a_place_for_each_table_is_refused(page: str) -> None:
    with pytest.raises(Stale, match="<!-- generated: settings -->"):
        rendered(page)


def test_the_rights_that_the_page_gives_a_user_of_redis_are_those_that_are_tested() -> None:
    (rights,) = re.findall(r"user floor on >\S+ (.*)", ACL)
    assert f"user floor on >… {rights}\n" in PAGE.read_text("utf-8")
