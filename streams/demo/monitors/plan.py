"""How one program of this machine is run beside a demo."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    """A command line, and where the program answers then."""

    name: str
    argv: Sequence[str]
    url: str
    ready: str
    """A path that is answered with 200 once it is."""
    environment: Mapping[str, str] = field(default_factory=dict)


def on_path(*names: str) -> str | None:
    """Return the first of these programs that stands on the PATH."""
    return next((found for name in names if (found := shutil.which(name))), None)
