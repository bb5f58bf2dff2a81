"""Settings: what DESIGN says of them, what is refused and in which words, and what the clients are given."""

import os
import re
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.settings import Settings, SettingsError, load, unknown, variable

DESIGN = {
    "FLOORCAST_KAFKA": "localhost:9092",
    "FLOORCAST_REDIS": "redis://localhost:6379/0",
    "FLOORCAST_CONFIG": Path("floor.yaml"),
    "FLOORCAST_GROUP": "floorcast",
    "FLOORCAST_PARTITIONS": 8,
    "FLOORCAST_EXPORTER_PORT": 9108,
    "FLOORCAST_GATEWAY_PORT": 8080,
    "FLOORCAST_WORKER_PORT": 6066,
}
"""What §6 says."""
OTHERS = {
    "FLOORCAST_HOST": "127.0.0.1",
    "FLOORCAST_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
    "FLOORCAST_DEDUP_HOURS": 24,
    "FLOORCAST_DEDUP_HOURS_BY_TOPIC": {},
    "FLOORCAST_NAMES_LIMIT": 5000,
    "FLOORCAST_SERIES_LIMIT": 100_000,
    "FLOORCAST_REP_SERIES": False,
    "FLOORCAST_BATCH_RECORDS": 12_000,
    "FLOORCAST_FETCH_MIN_BYTES": 1 << 20,
    "FLOORCAST_FETCH_MAX_WAIT_MS": 100,
    "FLOORCAST_LOG_FORMAT": "console",
    "FLOORCAST_LOG_LEVEL": "info",
}
"""What §2, §5, §6 and the issue say without naming the variable."""
SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_USERNAME": "floor"}
TLS = {"REDIS": "rediss://redis:6379/0"}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FLOORCAST_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Return what reads the settings of an environment."""

    def read(**variables: object) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(f"FLOORCAST_{name}", str(value))
        return load()

    return read


@pytest.fixture
def refused(given: Callable[..., Settings]) -> Callable[..., str]:
    """Return what reads the settings of an environment and returns why they are refused."""

    def read(**variables: object) -> str:
        with pytest.raises(SettingsError) as caught:
            given(**variables)
        return str(caught.value)

    return read


def test_every_default_is_what_the_design_says() -> None:
    settings = load()
    found = {variable(field): getattr(settings, field) for field in Settings.model_fields}
    assert {name: found[name] for name in DESIGN | OTHERS} == DESIGN | OTHERS
    rest = {name: found[name] for name in found if name not in DESIGN | OTHERS}
    assert {name for name, value in rest.items() if value is not None} == {
        "FLOORCAST_KAFKA_SASL_MECHANISM",
        "FLOORCAST_LEASE_MS",
        "FLOORCAST_SESSION_TIMEOUT_S",
    }


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_variable_is_read(given: Callable[..., Settings]) -> None:
    wanted = {
        "kafka": "a:1, b:2", "config": Path("x.yaml"), "group": "g-1", "partitions": 3, "host": "::",
        "exporter_port": 1, "gateway_port": 2, "worker_port": 3, "dedup_hours": 5, "names_limit": 6,
        "series_limit": 700, "rep_series": True, "batch_records": 8, "fetch_min_bytes": 9, "fetch_max_wait_ms": 10,
        "session_timeout_s": 11.5, "lease_ms": 1200, "log_format": "json", "log_level": "debug",
        "redis": "unix:///run/redis.sock",
    }  # fmt: skip
    settings = given(**{name.upper(): value for name, value in wanted.items()})
    assert {name: getattr(settings, name) for name in wanted} == wanted
    security = {name for name in Settings.model_fields if name.startswith(("kafka_", "redis_"))}
    assert {*wanted, *security, "dedup_hours_by_topic"} == {*Settings.model_fields}, "each is tested"


def test_topics_may_remember_ids_for_different_times(given: Callable[..., Settings]) -> None:
    settings = given(DEDUP_HOURS=12, DEDUP_HOURS_BY_TOPIC='{"crm": 96}')
    assert (settings.horizon_hours("crm"), settings.horizon_hours("calls")) == (96, 12)


def test_an_empty_variable_is_as_good_as_none(given: Callable[..., Settings]) -> None:
    settings = given(**{name.removeprefix("FLOORCAST_"): "" for name in map(variable, Settings.model_fields)})
    assert settings == load()
    assert settings.model_fields_set == set()
    assert not settings.config_named


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("KAFKA", "localhost", "like kafka-1:9092"),
        ("KAFKA", "kafka://localhost:9092", "like kafka-1:9092"),
        ("KAFKA", "a:9092,,b:9092", "like kafka-1:9092"),
        ("KAFKA", "a:99999", "like kafka-1:9092"),
        ("REDIS", "localhost:6379", "like redis://"),
        ("REDIS", "http://localhost", "like redis://"),
        ("REDIS", "redis://localhost:port/0", "like redis://"),
        ("REDIS", "redis://localhost/zero", "database"),
        ("GROUP", "a/b", "pattern"),
        ("GROUP", "a" * 65, "64"),
        ("PARTITIONS", "0", "greater than or equal to 1"),
        ("PARTITIONS", "many", "integer"),
        ("WORKER_PORT", "65536", "65535"),
        ("WORKER_PORT", "tcp://10.0.0.1:6066", "integer"),
        ("EXPORTER_PORT", "-1", "0"),
        ("DEDUP_HOURS", "0", "1"),
        ("DEDUP_HOURS", "337", "336"),
        ("DEDUP_HOURS_BY_TOPIC", "96", "JSON|dictionary"),
        ("DEDUP_HOURS_BY_TOPIC", "crm=96", "JSON"),
        ("DEDUP_HOURS_BY_TOPIC", '{"deals": 96}', "deals.*'crm'"),
        ("DEDUP_HOURS_BY_TOPIC", '{"crm": 0}', "crm: .*1"),
        ("REP_SERIES", "perhaps", "boolean"),
        ("LOG_FORMAT", "xml", "'console' or 'json'"),
        ("LOG_LEVEL", "loud", "'debug'"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "'SASL_SSL'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_variable_and_the_reason(
    refused: Callable[..., str], name: str, value: str, reason: str
) -> None:
    words = refused(**{name: value})
    assert words.startswith(f"FLOORCAST_{name}: ")
    assert re.search(reason, words), words
    assert len(words.splitlines()) == 1


def test_all_that_is_wrong_is_told_at_once(refused: Callable[..., str]) -> None:
    lines = refused(PARTITIONS="0", GROUP="", KAFKA="x", LOG_LEVEL="loud").splitlines()
    assert sorted(line.split(":")[0] for line in lines) == [
        "FLOORCAST_KAFKA",
        "FLOORCAST_LOG_LEVEL",
        "FLOORCAST_PARTITIONS",
    ]


def test_no_refusal_tells_a_password(refused: Callable[..., str]) -> None:
    assert "hunter2" not in refused(REDIS="redis://:hunter2@localhost:port", KAFKA="x", REDIS_PASSWORD="hunter2")
    assert "hunter2" not in refused(**SASL, KAFKA_SASL_PASSWORD="hunter2", KAFKA_SASL_PASSWORD_FILE="/nowhere")


def test_no_log_of_the_settings_tells_a_password(given: Callable[..., Settings]) -> None:
    assert "hunter2" not in repr(given(**SASL, KAFKA_SASL_PASSWORD="hunter2", REDIS_PASSWORD="hunter2"))


def test_a_variable_that_is_no_setting_is_pointed_out_with_the_one_that_was_meant() -> None:
    assert unknown(["FLOORCAST_PARTITION", "FLOORCAST_ZZZ", "FLOORCAST_KAFKA", "PATH"]) == [
        "FLOORCAST_PARTITION is no setting; did you mean FLOORCAST_PARTITIONS?",
        "FLOORCAST_ZZZ is no setting",
    ]


def test_without_security_the_clients_are_given_none(given: Callable[..., Settings]) -> None:
    settings = given()
    assert (settings.kafka_security, settings.redis_arguments) == ({}, {})


def test_a_user_of_kafka_is_given_to_its_clients(given: Callable[..., Settings]) -> None:
    assert given(**SASL, KAFKA_SASL_MECHANISM="SCRAM-SHA-512", KAFKA_SASL_PASSWORD="secret").kafka_security == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "floor",
        "sasl_plain_password": "secret",
    }


def test_tls_of_kafka_checks_certificate_and_name(given: Callable[..., Settings]) -> None:
    security = given(**SASL | {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, KAFKA_SASL_PASSWORD="secret").kafka_security
    context = security["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_user_of_redis_is_given_to_its_client(given: Callable[..., Settings]) -> None:
    settings = given(REDIS_USERNAME="floor", REDIS_PASSWORD="secret")
    assert settings.redis_arguments == {"username": "floor", "password": "secret"}


@pytest.mark.parametrize(
    ("variables", "name", "argument"),
    [
        (SASL, "KAFKA_SASL_PASSWORD_FILE", lambda settings: settings.kafka_security["sasl_plain_password"]),
        ({}, "REDIS_PASSWORD_FILE", lambda settings: settings.redis_arguments["password"]),
    ],
)
def test_a_password_may_stand_in_a_file(
    given: Callable[..., Settings],
    refused: Callable[..., str],
    tmp_path: Path,
    variables: dict[str, str],
    name: str,
    argument: Callable[[Settings], str],
) -> None:
    (file := tmp_path / "password").write_text(" pass word \r\n")
    assert argument(given(**variables, **{name: file})) == " pass word "
    file.write_text("\n")
    assert refused() == f"FLOORCAST_{name}: {file} is empty"
    file.unlink()
    assert refused() == f"FLOORCAST_{name}: {file} cannot be read: No such file or directory"
    assert "only one of them" in refused(**{name.removesuffix("_FILE"): "secret"})


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, ["SASL_SSL", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"]),
        (SASL, ["SASL_PLAINTEXT", "KAFKA_SASL_PASSWORD"]),
        ({"KAFKA_SASL_USERNAME": "floor"}, ["KAFKA_SASL_USERNAME means nothing", "PROTOCOL=PLAINTEXT"]),
        ({"KAFKA_SSL_CAFILE": "/ca.pem"}, ["KAFKA_SSL_CAFILE means nothing", "PROTOCOL=PLAINTEXT"]),
        (
            SASL | {"KAFKA_SASL_PASSWORD": "s", "KAFKA_SSL_CAFILE": "/ca.pem"},
            ["KAFKA_SSL_CAFILE means nothing", "PROTOCOL=SASL_PLAINTEXT"],
        ),
        ({"REDIS_SSL_CAFILE": "/ca.pem"}, ["REDIS_SSL_CAFILE means nothing", "rediss://"]),
        ({"REDIS": "redis://a:b@c/0", "REDIS_USERNAME": "d"}, ["REDIS_USERNAME and FLOORCAST_REDIS both"]),
        ({"REDIS": "redis://a:b@c/0", "REDIS_PASSWORD": "d"}, ["REDIS_PASSWORD and FLOORCAST_REDIS both"]),
        (TLS | {"REDIS_SSL_CAFILE": "/nowhere/ca.pem"}, ["REDIS_SSL_CAFILE: /nowhere/ca.pem cannot be read"]),
        (TLS | {"REDIS_SSL_CAFILE": __file__}, ["REDIS_SSL_CAFILE", "holds no certificate"]),
        (TLS | {"REDIS_SSL_KEYFILE": __file__}, ["REDIS_SSL_KEYFILE needs FLOORCAST_REDIS_SSL_CERTFILE"]),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTFILE": __file__},
            ["KAFKA_SSL_CERTFILE: no certificate with its key"],
        ),
    ],
)
def test_security_that_cannot_hold_is_refused(
    refused: Callable[..., str], variables: dict[str, str], words: list[str]
) -> None:
    told = refused(**variables)
    assert [word for word in words if word not in told] == [], told


def test_an_encrypted_key_is_refused(
    refused: Callable[..., str], program: Callable[[str], Path], tmp_path: Path
) -> None:
    pem = tmp_path / "own.pem"
    request = "req -x509 -newkey rsa:2048 -passout pass:x -subj /CN=own -keyout own.pem -out own.crt"
    subprocess.run([program("openssl"), *request.split()], cwd=tmp_path, check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "own.crt").read_text())
    assert "KAFKA_SSL_CERTFILE: no certificate with its key" in refused(
        KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CERTFILE=pem
    )
