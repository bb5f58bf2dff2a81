"""The whole product on one machine: Kafka, Redis, workers, exporter, a simulated floor, and a live table of it."""
