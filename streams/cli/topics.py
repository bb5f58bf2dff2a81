"""`floorcast topics`"""

import click
from aiokafka.errors import KafkaError

from streams import topics as kafka_topics
from streams.cli.running import read_settings, run
from streams.topics import KafkaAway, TopicsError


@click.group()
def topics() -> None:
    """Create and check the topics."""


@topics.command()
@click.option("--grow", is_flag=True, help="Add partitions to topics that have fewer than FLOORCAST_PARTITIONS.")
def create(grow: bool) -> None:
    """Create the topics that are missing; existing ones are never shrunk."""
    settings = read_settings()

    async def work() -> None:
        for line in (await kafka_topics.create(settings, grow=grow)).lines:
            click.echo(line)

    run(work, TopicsError, KafkaAway, KafkaError, OSError)


@topics.command()
def check() -> None:
    """Say what is wrong with the topics; exit code 1 if anything is."""
    settings = read_settings()

    async def work() -> None:
        faults = await kafka_topics.check(settings)
        if faults:
            raise TopicsError("\n".join(faults))
        click.echo("all topics are as they must be")

    run(work, TopicsError, KafkaAway, KafkaError, OSError)
