"""How much people do, so that they stay below the rate that was asked for; mail fills what they leave."""

from dataclasses import dataclass

from streams.simulate.floor import Staff

CALLS_PER_TAKER_SECOND = 0.00355
"""What would keep a rep on duty at the phone without a pause: handle time of about 215 s, a quarter of the duty away
from calls."""
SLACK = 0.82
"""A team of n needs 1/√n of this in reserve for a good service level: the square-root rule of staffing."""
EVENTS_PER_INBOUND_CALL = 8.0
EVENTS_PER_DIALLER_SECOND = 0.045
PEOPLE_SHARE = 0.7
"""The most of all events that people's calls and states may make: more reps than that work at a slower pace."""
LEADS_PER_REP_SECOND = 0.00012
"""What comes from forms on the web."""
BOTS_FROM_RATE = 1000.0
BOT_SHARE = 0.15
EVENTS_PER_BOT_CALL = 1.3


@dataclass(frozen=True, slots=True)
class Load:
    """Rates at an ordinary busy hour, a second."""

    rate: float
    """Events over all topics."""
    pace: float
    """1: people work as fast as they can; less: they have less to do."""
    inbound_calls: float
    """With every rep on duty."""
    bot_calls: float
    leads: float

    @classmethod
    def of(cls, rate: float, staff: Staff) -> "Load":
        """Return the load of a floor whose topics together see `rate` events a second."""
        inbound = staff.takers * CALLS_PER_TAKER_SECOND * (1 - SLACK / staff.takers_per_team**0.5)
        natural = inbound * EVENTS_PER_INBOUND_CALL + staff.diallers * EVENTS_PER_DIALLER_SECOND
        pace = min(1.0, PEOPLE_SHARE * rate / natural)
        bots = BOT_SHARE * rate / EVENTS_PER_BOT_CALL if rate >= BOTS_FROM_RATE else 0.0
        return cls(rate, pace, inbound * pace, bots, (staff.takers + staff.diallers) * LEADS_PER_REP_SECOND * pace)
