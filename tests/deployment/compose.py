"""docker-compose.yml as data, and its services as processes of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
OURS = "floorcast"


def load() -> Any:
    """Return the file, anchors resolved."""
    return yaml.safe_load(FILE.read_text())


def services() -> Mapping[str, Any]:
    """Return the services by name."""
    found: Mapping[str, Any] = load()["services"]
    return found


def ours() -> Mapping[str, Any]:
    """Return the services that run our image."""
    return {name: service for name, service in services().items() if service["image"].partition(":")[0] == OURS}


def here(text: str, places: Mapping[str, str]) -> str:
    """Return a text of the file as it is on this machine: `$$` undone, addresses and paths of containers replaced."""
    text = text.replace("$$", "$")
    for there, place in places.items():
        text = text.replace(there, place)
    return text


def settings(service: Mapping[str, Any], places: Mapping[str, str], **others: str) -> dict[str, Any]:
    """Return a service's environment as our settings by their short names; `others` win."""
    given = {
        name.removeprefix("FLOORCAST_").lower(): here(value, places) for name, value in service["environment"].items()
    }
    return given | others


def words(service: Mapping[str, Any], places: Mapping[str, str]) -> Sequence[str]:
    """Return a service's command line."""
    return [here(word, places) for word in service["command"]]


def health(service: Mapping[str, Any], places: Mapping[str, str]) -> Sequence[str]:
    """Return the command line of a service's health check."""
    kind, *test = service["healthcheck"]["test"]
    test = [here(word, places) for word in test]
    return test if kind == "CMD" else ["sh", "-c", *test]
