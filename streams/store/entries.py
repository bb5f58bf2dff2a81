"""Entries of a pane in the form in which they are sent: their names and lengths, and the bytes of all of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise


class Entries(Mapping[str, bytes]):
    """Names with their bytes. They are cut up when somebody asks for one, which their writer never does."""

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

    def __getitem__(self, name: str) -> bytes:
        if self._cut is None:
            ends = pairwise(accumulate(self.lengths, initial=0))
            self._cut = {name: self.content[low:high] for name, (low, high) in zip(self.names, ends, strict=True)}
        return self._cut[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Entries({dict(self)!r})"
