"""The processor: what happens to a fetched batch between Kafka and the ledger.

`owner` holds the claims, `partition` turns a batch into a delta, `applier` moves deltas into the store.
"""
