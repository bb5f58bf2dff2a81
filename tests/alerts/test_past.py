"""A real Prometheus over samples of the past says of each instant what was said of it, and of no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.alerts.backtest.prometheus import BadExpression, NoPrometheus, Samples, past
from streams.kpis.panes import QUARTER_MS

BEGIN = 1_795_521_600_000
DAY = 96
INSTANTS = [*range(0, 2 * DAY, 2), 20 * DAY]
"""Every other quarter of two days, so that blocks end among them, and one long after: nothing may be forgotten by then."""


async def test_samples_are_those_of_their_own_instant_however_long_ago(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    program("prometheus")
    samples = Samples(tmp_path)
    times = [BEGIN + number * QUARTER_MS for number in INSTANTS]
    for number, t_ms in zip(INSTANTS, times, strict=True):
        await samples.add(t_ms, [f'kpi_value{{name="営業 \\"a\\""}} {number} {t_ms / 1000}\n'])
    await samples.close()
    async with past(tmp_path, samples.blocks) as prometheus:
        ((labels, found),) = await prometheus.ask("kpi_value", BEGIN, times[-1] + QUARTER_MS)
        assert labels == {"__name__": "kpi_value", "name": '営業 "a"'}
        assert found == times
        ((_, late),) = await prometheus.ask(f"kpi_value > {2 * DAY - 4}", BEGIN, times[-1])
        assert late == times[-2:]
        assert await prometheus.ask("kpi_target", BEGIN, times[-1]) == []
        with pytest.raises(BadExpression, match="parse error"):
            await prometheus.ask("kpi_value +", BEGIN, times[-1])


async def test_samples_that_promtool_does_not_take_are_no_empty_history(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    program("promtool")
    samples = Samples(tmp_path)
    await samples.add(BEGIN, ["kpi_value{ 1\n"])
    with pytest.raises(NoPrometheus, match="promtool does not take the samples"):
        await samples.close()
