"""Row names: team, queue, campaign and rep in one text that people can read and that keeps any Unicode."""

SEPARATOR = "|"


def encode(name: str) -> str:
    """Return a name in which `%` and `|` are percent-encoded."""
    return name.replace("%", "%25").replace(SEPARATOR, "%7C")


def decode(text: str) -> str:
    """Return the name that `encode` wrote."""
    return text.replace("%7C", SEPARATOR).replace("%25", "%")


def row_name(team: str, queue: str, campaign: str, rep: str) -> str:
    """Return the name of a row."""
    return SEPARATOR.join((encode(team), encode(queue), encode(campaign), encode(rep)))


def split_row(name: str) -> tuple[str, str, str, str]:
    """Return team, queue, campaign and rep of a row name, also of one that goes on with a fifth part."""
    team, queue, campaign, rep = name.split(SEPARATOR)[:4]
    return decode(team), decode(queue), decode(campaign), decode(rep)
