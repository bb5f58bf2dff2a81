"""JSON to events of fixed width, many at a time, by the compiled scanner: see `native/scan.c`."""

from collections.abc import Mapping, Sequence
from struct import Struct

import numpy as np

from streams.events import EVENT, Names, Table
from streams.layout import NAMES, Field, Kind, Layout
from streams.native import SLACK, Machine

MOST = 1024
"""Values that are scanned at once,"""
MOST_BYTES = 1 << 22
"""and bytes that they may have together: `scan.c` has room for both."""
NAMES_MOST, NAME_BYTES_MOST = 1 << 16, 1 << 24
"""What `names.h` has room for; as many rows as names."""
NAMES_OF_ONE, BYTES_OF_ONE = 5, 2048
"""What a single event can bring: four names of 64 code points, and a source of 256."""
NO_SLOT = 255
NO_TEXT = 32
MOST_TEXTS = 6
"""So many texts can make one hash."""
_FIELD = Struct("<2q6I5B3x")
_GROUP = Struct("<Q4I")
_HASH = Struct(f"<2B{MOST_TEXTS}s")
_SCHEMA = Struct("<3I4x")
_ROW_BYTES = 4 * len(NAMES)
_NAME = np.dtype([("hash", "<u8"), ("at", "<u4"), ("bytes", "<u4")])
_PLACES = ("asked", "values", "events", "schema", "names", "name_bytes", "rows", "known", "kept")
_KNOWN = Struct("<3I")
_SIZE = Struct("<I")


class Scanner:
    """Scans the values of one topic."""

    def __init__(self, layout: Layout, readable: Mapping[str, str]) -> None:
        """`readable`: event type → the text of its data that comes with its events."""
        self._machine = machine = Machine()
        self._places = {name: machine.call("place", number) for number, name in enumerate(_PLACES)}
        self.names = Names()
        """What the numbers of sources and rows stand for; begun anew when there are too many."""
        self._name_bytes = 0
        machine.write(self._places["schema"], _Tables(machine, layout, readable).schema())

    def begin(self, values: int) -> None:
        """Make sure that so many values can be scanned with the same names."""
        room_for_rows = len(self.names.rows) + values < NAMES_MOST
        room_for_names = len(self.names.texts) + NAMES_OF_ONE * values < NAMES_MOST
        if not (room_for_rows and room_for_names and self._name_bytes + BYTES_OF_ONE * values < NAME_BYTES_MOST):
            self._machine.run("forget")
            self.names, self._name_bytes = Names(), 0

    def scan(self, values: Sequence[bytes]) -> tuple[Table, bytes]:
        """Return an event for each of at most MOST values of MOST_BYTES, and the texts that come with them. Where an event
        is not taken, the models have to say what it is.
        """
        machine, places = self._machine, self._places
        content = b"\0".join(values)
        if len(values) > MOST or len(content) > MOST_BYTES + MOST:
            raise ValueError(f"{len(values)} values of {len(content)} bytes are more than the scanner takes")
        machine.write(places["values"], content + bytes(16))
        machine.write(places["asked"], np.array([len(values), *map(len, values)], dtype="<u4").tobytes())
        machine.run("scan")
        self._learn()
        table = machine.table(places["events"], EVENT, len(values))
        (kept,) = _SIZE.unpack(machine.read(places["kept"], _SIZE.size))
        return table, machine.read(places["kept"] + _SIZE.size, kept)

    def _learn(self) -> None:
        """Take note of names and rows that are new."""
        machine, places, names = self._machine, self._places, self.names
        names_known, self._name_bytes, rows_known = _KNOWN.unpack(machine.read(places["known"], _KNOWN.size))
        if fresh := names_known - len(names.texts):
            told = machine.table(places["names"] + len(names.texts) * _NAME.itemsize, _NAME, fresh)
            for at, size in zip(told["at"].tolist(), told["bytes"].tolist(), strict=True):
                names.texts.append(machine.read(places["name_bytes"] + at, size).decode())
        if fresh := rows_known - len(names.rows):
            numbers = machine.table(places["rows"] + len(names.rows) * _ROW_BYTES, np.dtype("<u4"), fresh * len(NAMES))
            texts = map(names.texts.__getitem__, numbers.tolist())
            names.rows.extend(zip(texts, texts, texts, texts, strict=True))


class _Tables:
    """A layout as `scan.c` reads it. The texts of an event are numbered, as the envelope's and each type's data has them."""

    def __init__(self, machine: Machine, layout: Layout, readable: Mapping[str, str]) -> None:
        self._machine, self._layout, self._readable = machine, layout, readable
        fields = [*layout.envelope, *(field for one in layout.data.values() for field in one)]
        texts = dict.fromkeys(field.name for field in fields if field.kind is Kind.TEXT)
        self._texts = {name: number for number, name in enumerate(texts)}
        if len(self._texts) > NO_TEXT:
            raise TypeError(f"{layout.topic}: more than {NO_TEXT} texts")

    def schema(self) -> bytes:
        """Return the schema; what it points to is in the machine's memory by then."""
        types = b"".join(self._group(fields, self._readable.get(kind)) for kind, fields in self._layout.data.items())
        hashes = b"".join(
            _HASH.pack(slot, len(names), bytes(map(self._texts.__getitem__, names)))
            for names, slot in self._layout.hashes.items()
        )
        keep = self._machine.keep
        return self._group(self._layout.envelope) + _SCHEMA.pack(keep(types), keep(hashes), len(self._layout.hashes))

    def _group(self, fields: Sequence[Field], readable: str | None = None) -> bytes:
        needed = sum(1 << place for place, field in enumerate(fields) if field.required)
        kept = NO_TEXT if readable is None else self._texts[readable]
        return _GROUP.pack(needed, self._machine.keep(b"".join(map(self._field, fields))), len(fields), kept, 0)

    def _field(self, field: Field) -> bytes:
        return _FIELD.pack(
            field.low,
            field.high,
            *self._text(field.name),
            field.least,
            field.most,
            self._machine.keep_all(map(str.encode, field.choices)),
            len(field.choices),
            field.kind,
            field.required,
            NAMES.index(field.name) if field.kind is Kind.NAME else self._layout.slots.get(field.name, NO_SLOT),
            field.rules,
            self._texts.get(field.name, NO_TEXT),
        )

    def _text(self, text: str) -> tuple[int, int]:
        """Put a text into memory, with what may be read beyond it; return where it is and its length."""
        content = text.encode()
        return self._machine.keep(content + SLACK), len(content)
