"""Prometheus' configuration of the deployment, at addresses of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml


def at_home(file: Path, targets: Mapping[str, Sequence[str]], alertmanagers: Sequence[str] = ()) -> str:
    """Return the text of a configuration like `file`, that scrapes the addresses of each job and reads the same rules.

    Raises KeyError for a job of the file without addresses.
    """
    config: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    rules = [str(file.parent / pattern) for pattern in config["rule_files"]]
    jobs = [_scraping(job, targets[job["job_name"]]) for job in config["scrape_configs"]]
    changed = {**config, "rule_files": rules, "scrape_configs": jobs, "alerting": _alerting(alertmanagers)}
    return yaml.safe_dump(changed, allow_unicode=True, sort_keys=False)


def _scraping(job: Mapping[str, Any], addresses: Sequence[str]) -> dict[str, Any]:
    kept = {key: value for key, value in job.items() if not key.endswith("_sd_configs")}
    return {**kept, "static_configs": [{"targets": list(addresses)}]}


def _alerting(addresses: Sequence[str]) -> dict[str, Any]:
    return {"alertmanagers": [{"static_configs": [{"targets": list(addresses)}]}] if addresses else []}
