"""Section `calendars`: shifts with breaks, and days off."""

from yaml.nodes import Node

from streams.floor import scalars
from streams.floor.model import Calendar, Shift
from streams.floor.reading import Reader, Wrong

CALENDAR_KEYS = ("timezone", "shifts", "holidays")
SHIFT_KEYS = ("days", "start", "end", "breaks")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440


def read_calendars(node: Node | None, reader: Reader, timezone: str) -> dict[str, Calendar]:
    """Return the calendars by name; `timezone` is that of those without their own."""
    entries = reader.entries(node, "calendars")
    return {name: _calendar(name, key, value, reader, timezone) for name, (key, value) in entries.items()}


def _calendar(name: str, key: Node, node: Node, reader: Reader, timezone: str) -> Calendar:
    what = f"calendar {name!r}"
    fields = reader.fields(node, what, CALENDAR_KEYS)
    reader.value(key, scalars.text, name)
    if "shifts" not in fields:
        reader.refuse(key, f"{what} needs shifts")
    days_off = reader.fields(fields.get("holidays"), f"holidays of {what}", ("country", "dates"))
    return Calendar(
        name=name,
        timezone=reader.value(fields.get("timezone"), scalars.timezone, timezone),
        shifts=_shifts(fields.get("shifts"), reader, what),
        country=reader.value(days_off.get("country"), scalars.country, None),
        dates=frozenset(
            date
            for item in reader.items(days_off.get("dates"), f"dates of {what}")
            if (date := reader.value(item, scalars.day, None))
        ),
    )


def _shifts(node: Node | None, reader: Reader, what: str) -> tuple[Shift, ...]:
    entries = reader.entries(node, f"shifts of {what}")
    if node is not None and not entries:
        reader.refuse(node, f"{what} needs at least one shift")
    read = (_shift(name, key, value, reader) for name, (key, value) in entries.items())
    return tuple(shift for shift in read if shift)


def _shift(name: str, key: Node, node: Node, reader: Reader) -> Shift | None:
    what = f"shift {name!r}"
    fields = reader.fields(node, what, SHIFT_KEYS)
    missing = [wanted for wanted in ("days", "start", "end") if wanted not in fields]
    if missing:
        reader.refuse(key, f"{what} lacks {', '.join(missing)}")
    days = _days(fields.get("days"), reader, what)
    start = reader.value(fields.get("start"), scalars.time_of_day, None)
    end = reader.value(fields.get("end"), scalars.time_of_day, None)
    pauses = reader.items(fields.get("breaks"), f"breaks of {what}")
    if start is None or end is None:
        return None
    end = start + _minutes(start, end)
    breaks = (reader.value(pause, lambda pause: _break(pause, start, end), None) for pause in pauses)
    return Shift(name, days, start, end, tuple(sorted(pause for pause in breaks if pause)))


def _days(node: Node | None, reader: Reader, what: str) -> frozenset[int]:
    day = scalars.one_of(WEEKDAYS, "weekday")
    items = reader.items(node, f"days of {what}")
    if node is not None and not items:
        reader.refuse(node, f"{what} needs at least one weekday")
    days = [(item, reader.value(item, day, "")) for item in items]
    for place, (item, name) in enumerate(days):
        if name and name in [before for _, before in days[:place]]:
            reader.refuse(item, f"{name} stands twice in days of {what}")
    return frozenset(WEEKDAYS.index(name) for _, name in days if name)


def _break(node: Node, start: int, end: int) -> tuple[int, int]:
    """Return a break as minutes after the midnight that the shift's own minutes count from."""
    times = node.value if isinstance(node.value, list) else []
    if len(times) != 2:
        raise Wrong(node, 'a break is a list of two times, like ["12:00", "13:00"]')
    first, last = map(scalars.time_of_day, times)
    begin = start + (first - start) % DAY_MINUTES
    if first == last or begin + _minutes(first, last) > end:
        raise Wrong(node, f"the break {times[0].value}-{times[1].value} is impossible: it must lie within its shift")
    return begin, begin + _minutes(first, last)


def _minutes(start: int, end: int) -> int:
    """Return the minutes from one time of day to the next time that it is `end`; a whole day if they are equal."""
    return (end - start) % DAY_MINUTES or DAY_MINUTES
