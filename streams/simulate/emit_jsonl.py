"""The outlet into a file of lines."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from streams.simulate import jsonl
from streams.simulate.engine import Arrival


class JsonlOutlet:
    """`async with JsonlOutlet(path) as outlet:` writes the file anew. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes]

    async def __aenter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    async def emit(self, arrivals: Sequence[Arrival]) -> None:
        """Append the arrivals, in their order; they are in the file when this returns."""
        self._file.write(jsonl.write(arrivals))
        self._file.flush()
