"""The people on the other side, as the gateway would show them: keyed hashes, never a number or an address."""

from random import Random
from typing import NamedTuple

_MIXER = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class Customer(NamedTuple):
    """Somebody who calls, is called, and gets mail."""

    customer: str
    recipient: str


class Customers:
    """A crowd of `number`: some are met often, most are not."""

    def __init__(self, rng: Random, number: int) -> None:
        self._rng = rng
        self._number = number

    def draw(self) -> Customer:
        """Return one of them: a tenth of the crowd has about a third of the contacts."""
        place = int(self._number * self._rng.random() ** 2)
        mixed = (place + 1) * _MIXER & _MASK
        return Customer(f"c{mixed:016x}", f"r{mixed * _MIXER & _MASK:016x}")
