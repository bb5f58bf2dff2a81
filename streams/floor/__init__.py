"""A floor's own configuration, floor.yaml: everything that an operations person decides."""

from streams.floor.load import load, load_installed, parse
from streams.floor.model import Calendar, Floor, Shift, Target
from streams.floor.problems import FloorError, Problem

__all__ = ["Calendar", "Floor", "FloorError", "Problem", "Shift", "Target", "load", "load_installed", "parse"]
