"""A real Kafka and a real Redis on this machine, with nothing to install by hand: for demos, tests and first steps."""

from streams.embedded.stack import Stack, StackError, opened

__all__ = ["Stack", "StackError", "opened"]
