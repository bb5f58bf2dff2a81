"""The live table, drawn from given answers: what it says, what it fits, what it must never show."""

import io
from datetime import timedelta

import pytest

from streams.demo.board import Board, Silence
from streams.demo.columns import FLOOR_LINES
from streams.demo.reading import reading
from streams.demo.status_line import status_line
from streams.demo.table import picture
from streams.terminal import PlainConsole
from tests.demo.answers import AT, METRICS, NOW, a_board, a_reading, kpis

WIDTH, HEIGHT = 100, 30


def drawn(board: Board, height: int = HEIGHT) -> list[str]:
    """Return the picture's lines as a terminal without colours shows them."""
    console = PlainConsole(file=io.StringIO(), width=WIDTH, height=height, force_terminal=True, color_system=None)
    console.print(picture(board, height))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def row(lines: list[str], *begins: str) -> list[str]:
    """Return the cells of the row that begins so."""
    (found,) = [line.split() for line in lines if line.split()[: len(begins)] == [*begins]]
    return found[len(begins) :]


def test_every_figure_stands_in_its_row_in_its_spelling() -> None:
    lines = drawn(a_board(a_reading(), per_second=49.6))
    figures = ["1", "234", "81.1%", "–", "400", "25.0%", "4:05", "0", "7.1%", "3", "1"]
    for window in ("today", "1h", "5m"):
        assert row(lines, "the", "floor", window) == figures
    assert row(lines, "team-01", "1h") == figures
    assert "applied 120 events (50/s) · lag 11 · parked 3 · repeats 4" in lines
    assert "reps  available 9 · on call 5" in lines
    assert "calls waiting 3 (longest 1:15) · active: inbound 5" in lines


def test_the_heading_names_every_address() -> None:
    heading = "\n".join(drawn(a_board(a_reading()))[:4])
    assert "Grafana http://127.0.0.1:3000 · Prometheus http://127.0.0.1:9090" in heading
    for address in ("http://127.0.0.1:9108/metrics", "http://127.0.0.1:9108/api/kpis", "board http://127.0.0.1:9108/"):
        assert address in heading
    for address in ("127.0.0.1:9092", "redis://127.0.0.1:6379/0", "/data"):
        assert address in heading


@pytest.mark.parametrize("teams", [0, 1, 12, 40])
@pytest.mark.parametrize("height", [24, 30])
@pytest.mark.parametrize("notices", [0, 9])
def test_it_fits_the_screen_whatever_the_floor(teams: int, height: int, notices: int) -> None:
    told = tuple(f"notice {number} " + "x" * 150 for number in range(notices))
    lines = drawn(a_board(a_reading(teams), notices=told), height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= WIDTH
    assert len([line for line in lines if line.startswith("the floor")]) == FLOOR_LINES
    shown = len([line for line in lines if line.startswith("team-")])
    left_out = [line.split() for line in lines if line.startswith("… ")]
    assert left_out == ([] if shown == teams else [["…", str(teams - shown), "more", "1h"]])
    assert (notices == 0) or "notice 8" in "\n".join(lines)


def test_a_floor_of_twelve_teams_fits_thirty_lines() -> None:
    assert len([line for line in drawn(a_board(a_reading(12))) if line.startswith("team-")]) == 12


def test_stale_topics_are_named_with_since_when() -> None:
    board = a_board(a_reading(stale=("calls",)), stale_since={"calls": AT - timedelta(minutes=2)})
    assert "STALE: calls since 09:28:00" in "\n".join(drawn(board))
    assert "STALE" not in "\n".join(drawn(a_board(a_reading())))


def test_old_figures_are_called_old() -> None:
    assert "OLD figures of 09:30:00 (12 s ago)" in "\n".join(drawn(a_board(a_reading(), age_s=12)))
    assert "OLD" not in "\n".join(drawn(a_board(a_reading(), age_s=3)))


def test_no_figure_is_shown_while_the_exporter_does_not_answer() -> None:
    text = "\n".join(drawn(a_board(Silence("refused", AT))))
    assert "THE EXPORTER DOES NOT ANSWER since 09:30:00: no figures to show" in text
    assert "refused" in text
    assert "the floor" not in text
    assert "applied" not in text


def test_one_line_says_the_same_for_logs() -> None:
    line = status_line(a_board(a_reading(stale=("crm",)), age_s=9, per_second=12.3))
    assert line.startswith("09:30:00 applied 120 (12/s), lag 11, STALE crm, OLD by 9 s; today: calls_inbound 1 234, ")
    silent = status_line(a_board(Silence("refused", AT), age_s=9))
    assert silent == "09:30:09 the exporter does not answer since 09:30:00: refused"


def test_a_team_cannot_steer_the_terminal() -> None:
    answer = kpis(teams=1)
    for found in answer["kpis"]:
        if found["scope"] == "team":
            found["name"] = "[red]\x1b[31m"
    lines = drawn(a_board(reading(answer, NOW, METRICS)))
    assert row(lines, r"[red]\x1b[31m", "1h")
