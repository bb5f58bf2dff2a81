"""One busy hour of the default floor, which many tests look at."""

import pytest

from tests.simulate.runs import Run, plan, run


@pytest.fixture(scope="session")
def hour() -> Run:
    """Return a busy hour at 50 events a second."""
    return run(plan(seed=7), 60)
