"""Live = replay: counts Kafka's records once more, beside the running workers, and compares to the last count."""
