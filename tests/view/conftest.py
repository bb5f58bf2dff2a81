"""The view learns of changes in two ways; what it shows is the same."""

import pytest

from tests.view.stored import MemoryReader


@pytest.fixture(params=[True, False], ids=["told", "read"])
def told_or_read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test once with a store that tells its batches, and once with one that does not."""
    monkeypatch.setattr(MemoryReader, "telling", request.param)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with a store that does not tell its batches."""
    monkeypatch.setattr(MemoryReader, "telling", False)
