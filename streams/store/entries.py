"""What a batch changes in the form in which it is sent: names and lengths, and the bytes of all together."""

from collections.abc import ItemsView, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

import msgspec

_encode = msgspec.msgpack.Encoder().encode
_names = msgspec.msgpack.Decoder(list[str]).decode
_lengths = msgspec.msgpack.Decoder(list[int]).decode


class Entries(Mapping[str, bytes]):
    """Names with their bytes: of a pane. They are cut up when somebody asks for one, which their writer never does."""

    __slots__ = ("_cut", "content", "lengths", "names")

    def __init__(self, names: Sequence[str], lengths: Sequence[int], content: bytes) -> None:
        """`names`, each once, and `lengths` of what `content` holds of each, in its order."""
        self.names, self.lengths, self.content = names, lengths, content
        self._cut: dict[str, bytes] | None = None

    @classmethod
    def of(cls, entries: Mapping[str, bytes]) -> "Entries":
        """Return entries in this form."""
        if isinstance(entries, cls):
            return entries
        return cls([*entries], [*map(len, entries.values())], b"".join(entries.values()))

    @property
    def _entries(self) -> dict[str, bytes]:
        if self._cut is None:
            ends = pairwise(accumulate(self.lengths, initial=0))
            self._cut = {name: self.content[low:high] for name, (low, high) in zip(self.names, ends, strict=True)}
        return self._cut

    def __getitem__(self, name: str) -> bytes:
        return self._entries[name]

    def items(self) -> ItemsView[str, bytes]:
        """Return names with their bytes: those of a dict, which readers go through a thousand times a second."""
        return self._entries.items()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Entries({dict(self)!r})"


class States(Mapping[str, bytes | None]):
    """Names with states; None: it is gone. They are read when somebody asks for one, which their writer never does."""

    __slots__ = ("_read", "content", "gone", "lengths", "names")

    def __init__(self, names: msgspec.Raw, lengths: msgspec.Raw, gone: msgspec.Raw, content: bytes) -> None:
        """MessagePack: `names`, each once, and `lengths` of what `content` holds of each, in its order; names that are gone."""
        self.names, self.lengths, self.gone, self.content = names, lengths, gone, content
        self._read: dict[str, bytes | None] | None = None

    @classmethod
    def of(cls, states: Mapping[str, bytes | None]) -> "States":
        """Return states in this form."""
        if isinstance(states, cls):
            return states
        kept = Entries.of({name: state for name, state in states.items() if state is not None})
        gone = [name for name, state in states.items() if state is None]
        names, lengths, left = (msgspec.Raw(_encode(part)) for part in (kept.names, kept.lengths, gone))
        return cls(names, lengths, left, kept.content)

    @property
    def _states(self) -> dict[str, bytes | None]:
        if self._read is None:
            kept = Entries(_names(self.names), _lengths(self.lengths), self.content)
            self._read = {**kept, **dict.fromkeys(_names(self.gone))}
        return self._read

    def __getitem__(self, name: str) -> bytes | None:
        return self._states[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def __repr__(self) -> str:
        return f"States({self._states!r})"
