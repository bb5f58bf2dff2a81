"""Faust taught to hand over whole fetched batches.

Stock Faust makes several asyncio tasks for every message before a stream sees it. Here a stream's event is a `Fetch`:
all batches of one topic that came with one fetch. `drain` takes batches out of aiokafka, `thread` does so in Faust's
consumer thread, `consumer` gives them to the streams and asks the ledger where to go on, `transport` wires both into
Faust's own extension point. `reliance` names every private attribute of Faust and aiokafka that this needs.
"""

from streams.transport.batch import Batch, Fetch, Record
from streams.transport.transport import BatchTransport, FetchSettings, Positions

__all__ = ["Batch", "BatchTransport", "Fetch", "FetchSettings", "Positions", "Record"]
