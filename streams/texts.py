"""Whether a string is text that can be sent: the escapes of JSON and YAML can make more."""


def is_text(string: str) -> bool:
    """Say whether no surrogate, the half of a character, stands alone in a string."""
    try:
        string.encode()
    except UnicodeEncodeError:
        return False
    return True
