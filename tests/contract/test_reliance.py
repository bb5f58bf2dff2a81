"""The installed Faust and aiokafka are what the transport was made for: each private name is there, pins hold, and
the settings of the batch timer arrive where aiokafka reads them.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from streams import transport
from streams.app import faust_app
from streams.embedded import Stack
from streams.settings import Settings
from streams.transport import BatchTransport, FetchSettings
from streams.transport.consumer import BatchConsumer
from streams.transport.reliance import RELIANCES, Reliance
from streams.transport.thread import BatchThread
from streams.transport.transport import SecureProducer

FOLDER = Path(transport.__file__).parent
NAMED = {name for reliance in RELIANCES for name in reliance.names}
OURS = (BatchConsumer, BatchThread, BatchTransport, SecureProducer)
MADE_BY_PYTHON = {"_abc_impl", "logger"}


@pytest.mark.parametrize("reliance", RELIANCES, ids=lambda one: f"{one.owner.rsplit('.', 1)[1]}-{one.names[0]}")
def test_what_the_transport_relies_on_is_there(reliance: Reliance) -> None:
    module, name = reliance.owner.rsplit(".", 1)
    owner = getattr(import_module(module), name)
    assert [name for name in reliance.names if not _has(owner, name)] == []


def test_a_name_that_is_not_there_would_be_missed() -> None:
    assert not _has(BatchConsumer, "_no_such_thing")


def test_every_private_name_that_the_transport_uses_is_listed() -> None:
    used = {name for path in FOLDER.glob("*.py") for name in _foreign_names(ast.parse(path.read_text("utf-8")))}
    assert used
    assert used - NAMED == set()


def test_every_override_is_listed() -> None:
    overridden = {
        name
        for ours in OURS
        for name in vars(ours)
        if not name.startswith("__") and any(name in vars(base) for base in ours.__mro__[1:])
    }
    assert overridden - MADE_BY_PYTHON - NAMED == set()


@pytest.mark.parametrize("package", ["faust-streaming", "aiokafka", "click"])
def test_the_installed_version_is_the_one_that_is_asked_for(package: str) -> None:
    (pin,) = [one for one in map(Requirement, requires("floorcast") or []) if one.name == package]
    assert str(pin.specifier)
    assert version(package) in pin.specifier


async def test_the_batch_timer_arrives_in_aiokafkas_fetcher(stack: Stack) -> None:
    app = faust_app(Settings(kafka=stack.kafka, group="reliance"))
    settings = FetchSettings(batch_records=123, min_bytes=4567, max_wait_ms=89, partition_bytes=101_112)
    app.transport = BatchTransport(app, settings, _Nowhere())
    consumer = app.consumer._thread._create_worker_consumer(app.transport)
    await consumer.start()
    try:
        fetcher = consumer._fetcher
        arrived = fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms, fetcher._max_partition_fetch_bytes
        assert arrived == (4567, 89, 101_112)
        assert consumer._max_poll_records == 123
    finally:
        await consumer.stop()


class _Nowhere:
    async def assigned(self, partitions: Any, generation: int) -> None:
        """Nothing is ever assigned here."""


def _has(owner: type, name: str) -> bool:
    """Say whether a class has an attribute, of its own or given to its instances."""
    sources = [inspect.getsource(base) for base in inspect.getmro(owner) if base is not object and _is_python(base)]
    return hasattr(owner, name) or any(re.search(rf"\bself\.{name}\b.*=", source) for source in sources)


def _is_python(owner: type) -> bool:
    return (getattr(import_module(owner.__module__), "__file__", None) or "").endswith(".py")


def _foreign_names(tree: ast.Module) -> Iterator[str]:
    """Yield the private attributes that a module uses and does not define itself."""
    nodes = list(ast.walk(tree))
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_assigned_to_self(node)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr) and node.attr not in own:
            yield node.attr


def _is_assigned_to_self(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == "self"
