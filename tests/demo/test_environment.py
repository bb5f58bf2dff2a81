"""The settings that the demo's processes get."""

from pathlib import Path

import pytest

from streams.demo.environment import environment
from streams.settings import Settings

SECURED = {
    "FLOORCAST_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "FLOORCAST_KAFKA_SASL_USERNAME": "somebody",
    "FLOORCAST_KAFKA_SASL_PASSWORD": "x",
    "FLOORCAST_REDIS_PASSWORD": "x",
    "FLOORCAST_REDIS_SSL_CAFILE": "/ca.pem",
    "FLOORCAST_HOST": "0.0.0.0",  # noqa: S104
}


def test_a_deployments_settings_do_not_reach_the_embedded_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**SECURED, **environment("here:1", "redis://here:2/0", tmp_path / "floor.yaml")}.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.kafka, settings.redis, settings.host) == ("here:1", "redis://here:2/0", "127.0.0.1")
    assert settings.kafka_security == {}
    assert settings.redis_arguments == {}


def test_a_configuration_is_named_only_where_there_is_one(tmp_path: Path) -> None:
    config = tmp_path / "floor.yaml"
    assert "FLOORCAST_CONFIG" not in environment("k", "r", config)
    config.touch()
    assert environment("k", "r", config)["FLOORCAST_CONFIG"] == str(config)
