"""The deployment on paper: what the Compose schema, a linter and the promises of the file say. Nothing here runs it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.deployment import compose

SCHEMA = Path(__file__).with_name("compose-spec.json")
"""Of the Compose specification, as compose-go 2.4.9 has it (Apache-2.0)."""
PUBLISHED = {"grafana", "gateway"}
JOBS = {"topics", "simulate"}
"""Services that nothing waits for to be healthy: one ends, one only emits."""


def complaints(file: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks a promise of the deployment."""
    for name, service in file["services"].items():
        for complaint in (*_of_itself(name, service), *_of_others(service, file["services"])):
            yield f"{name}: {complaint}"
    for name, secret in file["secrets"].items():
        if set(secret) != {"file"}:
            yield f"{name}: a secret that is no file"


def _of_itself(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    if not re.search(r":v?\d+\.\d+\.\d+", service["image"]):
        yield f"{service['image']} is not pinned"
    if service.get("ports") and name not in PUBLISHED:
        yield f"publishes {service['ports']}"
    if "healthcheck" not in service and name not in JOBS:
        yield "no health check"
    for variable, value in service.get("environment", {}).items():
        if re.search(r"(?i)password|secret|token", variable) and not str(value).startswith("/run/secrets/"):
            yield f"{variable} is no file of secrets"


def _of_others(service: Mapping[str, Any], services: Mapping[str, Any]) -> Iterator[str]:
    for needed, how in service.get("depends_on", {}).items():
        if how["condition"] == "service_healthy" and "healthcheck" not in services[needed]:
            yield f"waits for the health of {needed}, which has no check"


def test_the_file_is_what_the_compose_specification_allows() -> None:
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(compose.load())


def test_the_deployment_keeps_its_promises() -> None:
    assert list(complaints(compose.load())) == []


@pytest.mark.parametrize(
    ("service", "change", "complaint"),
    [
        ("redis", {"image": "redis:latest"}, "redis: redis:latest is not pinned"),
        ("redis", {"ports": ["6379:6379"]}, "redis: publishes ['6379:6379']"),
        ("worker", {"healthcheck": None}, "worker: no health check"),
        ("worker", {"environment": {"FLOORCAST_REDIS_PASSWORD": "x"}}, "worker: FLOORCAST_REDIS_PASSWORD is no file of secrets"),
        ("kafka", {"healthcheck": None}, "topics: waits for the health of kafka, which has no check"),
    ],
)  # fmt: skip
def test_a_promise_that_is_broken_is_noticed(service: str, change: dict[str, Any], complaint: str) -> None:
    file = compose.load()
    changed = {**file["services"][service], **change}
    file["services"][service] = {key: value for key, value in changed.items() if value is not None}
    assert complaint in list(complaints(file))


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([linter, compose.ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


def test_the_image_is_of_the_version_that_is_built_and_holds_what_the_package_holds() -> None:
    version = re.search(r'^version = "(.+)"', (compose.ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert {service["image"] for service in compose.ours().values()} == {f"floorcast:{version[1]}"}
    packages = re.search(r"^packages = \[(.+)\]", (compose.ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages is not None
    dockerfile = (compose.ROOT / "Dockerfile").read_text()
    for package in re.findall(r'"(\w+)"', packages[1]):
        assert f"COPY {package} {package}\n" in dockerfile
        assert f"!{package}\n" in (compose.ROOT / ".dockerignore").read_text()
