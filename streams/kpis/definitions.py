"""What the built-in KPIs are, in the languages that catalogue.yaml does not speak."""

from functools import cache
from importlib import resources

import yaml


@cache
def definitions_ja() -> dict[str, str]:
    """Return the catalogue's definitions in Japanese, by KPI id."""
    text = resources.files("streams.kpis").joinpath("definitions.ja.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found
