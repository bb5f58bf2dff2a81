"""What operations do to a Kafka, as far as tests do it too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.store.protocol import Partition


@asynccontextmanager
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a connected client."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def configure(client: AIOKafkaAdminClient, topic: str, configs: dict[str, str]) -> None:
    """Change a topic's configuration."""
    await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])


async def drop_before(kafka: str, partition: Partition, offset: int) -> None:
    """Let Kafka forget a partition's records before an offset."""
    async with admin(kafka) as client:
        await client.delete_records({TopicPartition(*partition): RecordsToDelete(before_offset=offset)})
