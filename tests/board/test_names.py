"""Names from events are shown as they are, also those that JavaScript's own objects have."""

from tests.board.screen import Screen

NAMED = """async (names) => {
  const { named, LANGUAGES } = await import("/board/words.js");
  return names.map((name) => named(name, LANGUAGES.en));
}"""


async def test_only_what_stands_for_no_name_has_words_of_its_own(desk: Screen) -> None:
    names = ["constructor", "toString", "__proto__", "alpha", "unassigned", "__other__"]
    assert await desk.page.evaluate(NAMED, names) == [*names[:5], "others"]
