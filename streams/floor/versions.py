"""Definitions with versions: a list in which each but the first says since when it holds."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from yaml.nodes import Node, SequenceNode

from streams.floor import scalars
from streams.floor.reading import Reader

SINCE = "since"
Version = tuple[int | None, dict[str, Node]]
"""(since, epoch ms, None for the first; its fields, with those that it has from the version before)."""


@dataclass(frozen=True, slots=True)
class Versioned:
    """What may stand in each version of a definition."""

    known: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    """Keys that only the first version gives."""
    whole: tuple[str, ...] = ()
    """Keys of which a version that gives one has none from the version before."""

    def read(self, node: Node, reader: Reader, what: str, zone: ZoneInfo) -> list[Version]:
        """Return the versions, oldest first, each complete: what it leaves out it has from the one before.

        A definition that is no list is one version; none that could be read leaves nothing.
        """
        if not isinstance(node, SequenceNode):
            return [(None, reader.fields(node, what, self.known))]
        if not node.value:
            reader.refuse(node, f"{what} needs at least one version")
        versions: list[Version] = []
        for number, item in enumerate(node.value, 1):
            if version := self._version(item, number, versions, reader, what, zone):
                versions.append(version)
        return versions

    def _version(
        self, item: Node, number: int, before: list[Version], reader: Reader, what: str, zone: ZoneInfo
    ) -> Version | None:
        problems = len(reader.problems)
        named = f"version {number} of {what}"
        fields = reader.fields(item, named, (SINCE, *self.known))
        since_node = fields.pop(SINCE, None)
        if number == 1:
            if since_node:
                reader.refuse(since_node, f"{named} has no since: it holds from the beginning")
            return None, fields
        since = reader.value(since_node, lambda node: scalars.instant(node, zone), None)
        if since_node is None:
            reader.refuse(item, f"{named} lacks since")
        for key in self.fixed:
            if key in fields:
                reader.refuse(fields[key], f"{key} stands in version 1 of {what} and cannot change")
        if since is None or len(reader.problems) > problems:
            return None
        if (last := before[-1][0]) is not None and since <= last:
            assert since_node
            reader.refuse(since_node, f"{named} must begin after version {number - 1}: versions stand in order of time")
            return None
        return since, {**_inherited(before[-1][1], fields, self.whole), **fields}


def _inherited(before: dict[str, Node], fields: Collection[str], whole: Collection[str]) -> dict[str, Node]:
    anew = any(key in fields for key in whole)
    return {key: node for key, node in before.items() if not (anew and key in whole)}


def place(node: Node, number: int) -> Node:
    """Return the node of a version, the first of which is 0: where to say that it is wrong."""
    return node.value[number] if isinstance(node, SequenceNode) else node
