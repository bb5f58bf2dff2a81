"""What teams, queues, campaigns and reps are called where nobody says so."""

from collections.abc import Iterable, Iterator
from itertools import count

TEAMS = (
    "alpha", "bravo", "night-desk", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
    "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra",
)  # fmt: skip
QUEUES = (
    "support", "sales", "refunds", "returns", "billing", "orders", "delivery", "technical", "warranty", "renewals",
    "complaints", "accounts", "onboarding", "vip", "spare-parts", "bookings", "loyalty", "repairs", "partners", "press",
)  # fmt: skip
CAMPAIGNS = (
    "autumn-offer", "win-back", "new-year", "webinar-dec", "renewal-90", "trial-day-7", "upgrade-pro", "referral",
    "black-friday", "cross-sell", "reactivation", "fair-tokyo", "newsletter", "price-change", "survey", "launch-x2",
    "early-bird", "loyalty-club", "osaka-region", "demo-invite",
)  # fmt: skip
GIVEN = (
    "aiko", "ben", "chiyo", "daniel", "emi", "farah", "goro", "hana", "ivan", "jun", "kaori", "lena", "makoto", "nadia",
    "osamu", "priya", "ren", "sora", "takumi", "ulrike", "viktor", "wakana", "yuki", "zoe",
)  # fmt: skip
FAMILY = (
    "tanaka", "sato", "suzuki", "mori", "novak", "okada", "garcia", "ito", "kim", "yamada", "abe", "fischer", "hayashi",
    "silva", "kato", "ueda", "brown", "ono", "nakamura", "rossi", "endo", "singh", "wada",
)  # fmt: skip


def take(number: int, given: Iterable[str], defaults: Iterable[str]) -> list[str]:
    """Return `number` different names: the given ones first, then defaults, then numbered defaults."""
    found = dict.fromkeys(name for name, _ in zip(given, range(number), strict=False))
    names = _numbered(tuple(defaults))
    while len(found) < number:
        found.setdefault(next(names))
    return list(found)


def _numbered(defaults: tuple[str, ...]) -> Iterator[str]:
    yield from defaults
    for turn in count(2):
        yield from (f"{name}-{turn}" for name in defaults)


def rep_names() -> Iterator[str]:
    """Yield different names without end: `aiko.tanaka`, …; 24 and 23 share no divisor, so all pairs come once."""
    for number in count():
        turn, place = divmod(number, len(GIVEN) * len(FAMILY))
        name = f"{GIVEN[place % len(GIVEN)]}.{FAMILY[place % len(FAMILY)]}"
        yield f"{name}.{turn + 1}" if turn else name
