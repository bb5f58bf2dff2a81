"""Arrays that every stage shares the types of, and the one step that they all need."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

S = TypeVar("S", bound=np.generic)

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def summed(keys: Ints, values: Ints) -> tuple[Ints, Ints]:
    """Return the keys ascending, each once, and the sum of each key's values."""
    if not len(keys):
        return keys, values
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = first_of_each(ordered)
    return ordered[starts], np.add.reduceat(values[order], starts)


def first_of_each(ordered: npt.NDArray[S]) -> npt.NDArray[np.intp]:
    """Return where each run of equal values begins in a sorted array."""
    changes = np.ones(len(ordered), dtype=np.bool_)
    changes[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(changes)


def grown(array: npt.NDArray[S], size: int) -> npt.NDArray[S]:
    """Return the array with at least `size` places (along the first axis), new ones 0."""
    if len(array) >= size:
        return array
    larger = np.zeros((max(size, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
