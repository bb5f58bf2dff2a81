"""YAML with its lines: a walk over marked nodes that collects every problem and goes on.

Scalars are read as the text that people wrote. YAML's own guesses (22:00 as 1320, NO as false, 010 as 8) so never
reach a floor.
"""

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from streams.floor.problems import FloorError, Problem, nearest
from streams.texts import is_text

T = TypeVar("T")
D = TypeVar("D")
NULL = "tag:yaml.org,2002:null"
DEEP = 50
"""Levels of nesting; a floor needs eight."""


class Wrong(ValueError):
    """A node does not hold what it should; `node` is where."""

    def __init__(self, node: Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node


def line_of(node: Node) -> int:
    """Return the line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def is_null(node: Node) -> bool:
    """Say whether there is nothing: `key:`, `~` or `null`."""
    return bool(node.tag == NULL)


class Reader:
    """Reads one file's nodes and keeps what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._keys: dict[int, str] = {}

    def compose(self, content: bytes) -> Node | None:
        """Return the root node, None for an empty document. Raises FloorError where it is no YAML."""
        try:
            return yaml.compose(content, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            reason = " ".join(part for part in (error.context, error.problem) if part)
            raise self._no_yaml(mark.line + 1 if mark else 0, reason) from None
        except yaml.reader.ReaderError as error:
            raise self._no_yaml(content[: error.position].count(b"\n") + 1, error.reason) from None
        except RecursionError:
            raise self._no_yaml(_too_deep(content), "it is nested too deeply") from None

    def _no_yaml(self, line: int, reason: str) -> FloorError:
        return FloorError([Problem(self.file, line, f"no valid YAML: {reason}")])

    def refuse(self, node: Node, reason: str) -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(self.file, line_of(node), reason))

    def entries(self, node: Node | None, what: str) -> dict[str, tuple[Node, Node]]:
        """Return a mapping's key text → (key, value). Keys that come twice are refused, and the first counts."""
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in self._pairs(node, what):
            if not isinstance(key, ScalarNode) or is_null(key):
                self.refuse(key, f"a key of {what} must be text")
            elif not is_text(key.value):
                self.refuse(key, f"{key.value!a} in {what} is no text: half a character")
            elif key.value in found:
                first = line_of(found[key.value][0])
                self.refuse(key, f"{key.value!r} stands twice in {what}: first on line {first}")
            else:
                found[key.value] = (key, value)
                self._keys[id(value)] = key.value
        return found

    def fields(self, node: Node | None, what: str, known: Collection[str]) -> dict[str, Node]:
        """Return the values of a mapping's known keys, without those that are null; other keys are refused."""
        found: dict[str, Node] = {}
        for name, (key, value) in self.entries(node, what).items():
            if name not in known:
                self.refuse(key, f"unknown key {name!r} in {what}{nearest(name, known)}")
            elif not is_null(value):
                found[name] = value
        return found

    def items(self, node: Node | None, what: str) -> list[Node]:
        """Return a list's nodes."""
        if node is None or is_null(node):
            return []
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.refuse(node, f"{what} must be a list")
        return []

    def value(self, node: Node | None, parse: Callable[[Node], T], default: D) -> T | D:
        """Return what `parse` makes of a node; the default where there is no node or it is refused."""
        if node is None:
            return default
        try:
            return parse(node)
        except Wrong as wrong:
            key = self._keys.get(id(wrong.node))
            self.refuse(wrong.node, f"{key}: {wrong}" if key else str(wrong))
            return default

    def _pairs(self, node: Node | None, what: str) -> Iterator[tuple[Node, Node]]:
        if node is None or is_null(node):
            return
        if isinstance(node, MappingNode):
            yield from node.value
        else:
            self.refuse(node, f"{what} must be a mapping of keys to values")


def _too_deep(content: bytes) -> int:
    """Return the line on which nesting goes beyond what anybody would write; the parser keeps a stack of its own."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEP:
            return event.start_mark.line + 1 if event.start_mark else 1
    return 1
