"""Every key in Redis. What belongs to a source partition shares its hash tag, so that one script touches one slot."""

from streams.store.protocol import Partition


class Keys:
    """The keys of one consumer group; braces in its name are percent-encoded, since they delimit the hash tag."""

    def __init__(self, group: str) -> None:
        self._group = group.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")

    def partition(self, partition: Partition) -> str:
        """Return the prefix of a partition's keys; the scripts add what follows."""
        return f"kpi:{{{self._group}:{partition.topic}:{partition.number}}}:"

    def names(self, scope: str) -> str:
        """Return the key of a scope's admitted names."""
        return f"kpi:{{{self._group}:names}}:{scope}"


LEDGER = "ledger"
SEEN = "seen:"
ENDED = "ended:"
CALLS = "calls"
REPS = "reps"
SOURCES = "sources"
CHANGES = "changes"
DISTINCT = "d"
"""A pane's distinct ids stand under `d` + the pane: `dm:<minute>`, `dq:<quarter>`."""
APPLIED = "applied"
"""The channel on which batches are told as they are applied."""
COUNTER = "n:"
"""Before the name of a counter in the ledger."""
