"""Everything private of Faust and aiokafka that the transport relies on, so that an upgrade fails in a test and not
at night. A contract test asks the installed versions for each of these, and this folder for any that is missing here.
"""

from typing import NamedTuple


class Reliance(NamedTuple):
    """Names of one class that are used, replaced or overridden here, and what for."""

    owner: str
    """The class with its module."""
    names: tuple[str, ...]
    what_for: str


RELIANCES = (
    Reliance(
        "faust.transport.drivers.aiokafka.Consumer",
        ("_new_consumer_thread", "verify_event_path"),
        "the consumer's thread is ours; Faust's warnings about silent partitions are the ledger's business",
    ),
    Reliance(
        "faust.transport.consumer.ThreadDelegateConsumer",
        ("seek_to_committed", "_thread"),
        "after each assignment the ledger says where to go on",
    ),
    Reliance(
        "faust.transport.consumer.Consumer",
        ("getmany", "_wait_next_records"),
        "one message holds a whole fetch",
    ),
    Reliance(
        "faust.transport.consumer.Consumer",
        ("ack", "_unacked_messages", "_waiting_for_ack"),
        "a message that a stream is done with is forgotten, or a rebalance would wait for it",
    ),
    Reliance(
        "faust.transport.consumer.Consumer",
        ("_filter_tps_with_pending_acks", "_new_offset", "_should_commit", "_commit_offsets", "on_partitions_revoked"),
        "Kafka's committed offsets mirror the ledger",
    ),
    Reliance(
        "faust.transport.consumer.Consumer",
        ("_read_offset", "_add_gap", "on_buffer_full", "on_buffer_drop"),
        "what Faust does for single messages must do nothing here: it would drop what is read again, or sleep",
    ),
    Reliance(
        "faust.transport.drivers.aiokafka.AIOKafkaConsumerThread",
        ("_create_worker_consumer", "_fetch_records", "_commit", "_ensure_consumer", "call_thread"),
        "fetches whole batches, seeks and mirrors offsets in aiokafka's own loop",
    ),
    Reliance(
        "faust.transport.drivers.aiokafka.Transport",
        ("Consumer", "Producer", "default_port"),
        "Faust's extension point",
    ),
    Reliance("faust.transport.drivers.aiokafka.Producer", ("_settings_auth",), "TLS and SASL as everywhere else"),
    Reliance("aiokafka.consumer.consumer.AIOKafkaConsumer", ("_fetcher", "_client", "_closed"), "what to take from"),
    Reliance("aiokafka.client.AIOKafkaClient", ("send",), "what comes back is checked before it is unpacked"),
    Reliance(
        "aiokafka.consumer.fetcher.Fetcher",
        ("_subscriptions", "_records", "_create_fetch_waiter", "_closed", "_notify", "_wait_consume_future"),
        "takes fetched records as its own `fetched_records` does",
    ),
    Reliance(
        "aiokafka.consumer.fetcher.FetchResult",
        ("_partition_records", "check_assignment", "_update_position", "has_more"),
        "takes a partition's records, unless a seek or a new assignment has made them void",
    ),
    Reliance("aiokafka.consumer.fetcher.FetchError", ("check_raise",), "what a fetch found wrong"),
    Reliance(
        "aiokafka.consumer.fetcher.PartitionRecords",
        (
            "_records",
            "_records_iterator",
            "next_fetch_offset",
            "_consume_aborted_up_to",
            "_contains_abort_marker",
            "_aborted_producers",
        ),
        "goes through Kafka's own batches, and leaves aborted transactions out",
    ),
    Reliance(
        "aiokafka.consumer.subscription_state.SubscriptionState",
        ("fetch_context", "is_assigned", "reassignment_in_progress", "wait_for_assignment"),
        "waits while partitions are being assigned",
    ),
    Reliance(
        "aiokafka.consumer.subscription_state.TopicPartitionState",
        ("_position",),
        "tells from any thread how far a partition's records have been taken",
    ),
)
