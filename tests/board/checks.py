"""What must hold of a board that is open, and JavaScript that looks for what is wrong."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import floor as down
from typing import Any

from tests.board.screen import Screen

CONTRAST = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest("option, script, .unseen")) continue;
    const [a, b] = [light(channels(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) poor.push(`${node.className || node.tagName} ${node.textContent.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return poor;
}"""
OVERLAPS = """() => {
  const boxes = (tile) => [...tile.children].filter((part) => part.checkVisibility()).map((part) => part.getBoundingClientRect());
  const wrong = [];
  for (const tile of document.querySelectorAll(".tile")) {
    const outer = tile.getBoundingClientRect();
    const parts = boxes(tile);
    parts.forEach((box, place) => {
      if (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1) wrong.push(`${tile.dataset.kpi} leaves its tile`);
      for (const other of parts.slice(place + 1)) {
        if (box.bottom > other.top + 1 && other.bottom > box.top + 1) wrong.push(`${tile.dataset.kpi} lies over itself`);
      }
    });
    for (const part of tile.querySelectorAll(".title, .number, .unit, .target, .attained")) {
      const range = document.createRange();
      range.selectNodeContents(part);
      if (range.getBoundingClientRect().right > outer.right) wrong.push(`${tile.dataset.kpi}: ${part.textContent} is cut`);
    }
  }
  return wrong;
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
  .filter((node) => node.checkVisibility() && !node.closest("script, .unseen, #state"))
  .map((node) => parseFloat(getComputedStyle(node).fontSize)))"""
FITS = (
    "() => [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
)
FIVE_METRES_PX = 24

Row = Mapping[str, Any]
KEY = ("scope", "window", "kpi", "name")
WORDS: dict[str, dict[str, Any]] = {
    "en": {"seconds": ("s", "min", "h"), "per_hour": "/h", "nothing": "no data"},
    "ja": {"seconds": ("秒", "分", "時間"), "per_hour": "/時", "nothing": "データなし"},
}


async def rows_at(board: Screen, at: str) -> dict[tuple[str, ...], Row]:
    answer = await board.ask(f"/api/kpis?at={at.replace('+', '%2B')}")
    assert answer["at"] == at
    return {tuple(row[field] for field in KEY): row for row in answer["kpis"]}


def written(row: Row, kind: str, language: str) -> tuple[str, str]:
    """Return a value as the board must write it, and its unit."""
    value, words = row["value"], WORDS[language]
    if value is None:
        return "–", words["nothing"]
    match row["unit"]:
        case "ratio":
            return f"{rounded(value, 1, 100)}%", ""
        case "per_hour":
            return rounded(value, 1), words["per_hour"]
        case "currency":
            return ("¥" if language == "en" else "￥") + rounded(value, 0), ""
        case "seconds":
            return duration(value, words["seconds"])
    return rounded(value, 0 if kind in {"count", "sum", "distinct"} else 1), ""


def rounded(value: float, digits: int, times: int = 1) -> str:
    """Return a number with its halves rounded up, as browsers do."""
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(value) * times).quantize(step, ROUND_HALF_UP):,}"


def duration(seconds: float, words: tuple[str, ...]) -> tuple[str, str]:
    total = down(seconds + 0.5)
    if seconds < 59.95:
        return rounded(seconds, 1), words[0]
    if total < 3600:
        return f"{total // 60}:{total % 60:02}", words[1]
    return f"{total // 3600:,}:{total // 60 % 60:02}:{total % 60:02}", words[2]


def js(number: float | None) -> str:
    """Return a number as JavaScript writes it, nothing for null."""
    if number is None:
        return ""
    return str(int(number)) if number == int(number) else repr(number)


async def wrong_digits(board: Screen, language: str) -> list[str]:
    """Return the tiles that do not show what the API says of the same instant."""
    shown = await board.read()
    rows = await rows_at(board, shown["at"])
    about = {kpi["kpi"]: kpi for kpi in (await board.ask("/api/catalogue"))["kpis"]}
    wrong = []
    for tile in shown["tiles"]:
        row, kpi = rows["floor", tile["window"], tile["kpi"], "all"], about[tile["kpi"]]
        wanted = {
            "value": js(row["value"]),
            "attainment": js(row["attainment"]),
            "title": kpi["title"][language],
            "number and unit": written(row, kpi["kind"], language),
            "pace": [] if row["pace"] is None else [f"{down(row['pace'] * 100 + 1e-9) / 100:,.2f}"],
        }
        found = {
            **tile,
            "number and unit": (tile["number"], tile["unit"]),
            "pace": re.findall(r"[\d.,]+", tile["pace"]),
        }
        wrong += [
            f"{tile['kpi']} {what}: {found[what]} instead of {wanted[what]}"
            for what in wanted
            if found[what] != wanted[what]
        ]
    return wrong
