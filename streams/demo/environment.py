"""The settings that the demo's processes get: the embedded stack, and nothing of a deployment's security."""

from collections.abc import Mapping
from pathlib import Path

NOT_HERE = (
    *("KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE"),
    *("KAFKA_SSL_CAFILE", "KAFKA_SSL_CERTFILE", "KAFKA_SSL_KEYFILE"),
    *("REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_PASSWORD_FILE", "REDIS_SSL_CAFILE"),
)


def environment(kafka: str, redis: str, config: Path) -> Mapping[str, str]:
    """Return the settings for every child. A `config` that is not there is not named: the floor has its defaults."""
    found = {
        "FLOORCAST_KAFKA": kafka,
        "FLOORCAST_REDIS": redis,
        "FLOORCAST_HOST": "127.0.0.1",
        "FLOORCAST_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
        **{f"FLOORCAST_{name}": "" for name in NOT_HERE},
    }
    if config.exists():
        found["FLOORCAST_CONFIG"] = str(config.resolve())
    return found
