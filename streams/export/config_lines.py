"""The series about the configuration: whether the file is good, and since when what is shown is in force."""

from streams.export.lines import Lines, together, written
from streams.export.names import CONFIG_LOADED, CONFIG_RESTART, CONFIG_VALID
from streams.floor.followed import Configuration


def config_lines(now: Configuration, loaded_ms: int) -> Lines:
    """Return the families; `loaded_ms` is that of the edition that is shown."""
    return together(
        (
            written(CONFIG_VALID, [((), int(now.valid))]),
            written(CONFIG_LOADED, [((), loaded_ms / 1000)]),
            written(CONFIG_RESTART, [((), int(bool(now.restart_needed)))]),
        )
    )
