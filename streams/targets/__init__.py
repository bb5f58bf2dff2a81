"""What figures should reach: calendars and their working time, which target applies, attainment and pace. Pure."""

from streams.targets.calendars import Calendars
from streams.targets.choice import Targets
from streams.targets.progress import Progress, attainment, progress
from streams.targets.working_time import ALWAYS, WorkingTime

__all__ = ["ALWAYS", "Calendars", "Progress", "Targets", "WorkingTime", "attainment", "progress"]
