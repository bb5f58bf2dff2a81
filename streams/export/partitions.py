"""How many partitions each topic has: as Kafka said last, as the settings say before it ever answered."""

from collections.abc import Callable, Iterable, Mapping

from streams.store.protocol import Partition


class KnownPartitions:
    """Remembers what Kafka said of each topic."""

    def __init__(self, topics: Iterable[str], told: Callable[[], Mapping[str, int]], default: int) -> None:
        self._counts = dict.fromkeys(topics, default)
        self._told = told

    def __call__(self) -> list[Partition]:
        """Return every partition, topic by topic."""
        self._counts.update((topic, n) for topic, n in self._told().items() if topic in self._counts)
        return [Partition(topic, number) for topic, count in self._counts.items() for number in range(count)]
