"""The real Kafka and Redis that integration tests share, and what a machine may lack."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from streams.embedded import Stack

os.environ["_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1"
"""Some thirty Kafkas are started, none of which runs for long: the best compiler would cost more than it saves."""


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Start one real Kafka and one real Redis for the whole run."""
    async with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def program() -> Callable[[str], Path]:
    """Return what finds a program that a machine may lack: a visible skip at home, a failure where `CI` is set."""

    def find(name: str) -> Path:
        path = shutil.which(name)
        if path is None:
            reason = f"{name} is not on the PATH: .ci/run says how it is installed"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        return Path(path)

    return find
