"""Log buckets: a distribution as counts that add up, with quantiles within 1 %.

Values are integers ≥ 0. Below 128 each value is a bucket of its own. Above, a value keeps its 7 highest bits, of
which the first is always set: v = m · 2^b + rest with 64 ≤ m < 128 has bucket 64 · b + m. A bucket so spans 2^b
values from m · 2^b on, and its middle is at most 2^b ÷ 2 ÷ (64 · 2^b) = 1/128 (0.8 %) away from each of them.
Distributions merge by adding counts: no order, no sketch state, the same result from any split of the values.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

EXACT_BELOW = 128


def bucket_of(value: int) -> int:
    """Return the bucket of an integer ≥ 0; greater values never have smaller buckets."""
    if value < EXACT_BELOW:
        return value
    shift = value.bit_length() - 7
    return (shift << 6) + (value >> shift)


def bounds(bucket: int) -> tuple[int, int]:
    """Return the least and the greatest value of a bucket."""
    if bucket < EXACT_BELOW:
        return bucket, bucket
    shift = (bucket >> 6) - 1
    least = (bucket - (shift << 6)) << shift
    return least, least + (1 << shift) - 1


def representative(bucket: int) -> int:
    """Return the value that stands for a bucket: its middle, within 0.8 % of each of its values."""
    least, greatest = bounds(bucket)
    return (least + greatest) // 2


def quantile(counts: Iterable[tuple[int, int]], q: float) -> int | None:
    """Return the nearest-rank quantile, the ⌈q·n⌉-th smallest value, of (bucket, count) pairs; None when empty.

    Pairs may repeat a bucket and come in any order; 0 < q ≤ 1 is taken as the decimal it is written as.
    """
    merged: dict[int, int] = {}
    for bucket, count in counts:
        merged[bucket] = merged.get(bucket, 0) + count
    rank = ceil(Fraction(str(q)) * sum(merged.values()))
    if rank < 1:
        return None
    for bucket in sorted(merged):
        rank -= merged[bucket]
        if rank <= 0:
            return representative(bucket)
    raise ValueError("q must not exceed 1")
