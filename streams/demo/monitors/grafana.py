"""A Grafana with the boards of this repository, whose home is the Floor wall."""

import secrets
from pathlib import Path

from streams.demo.monitors.plan import Plan, on_path
from streams.embedded.ports import LOOPBACK

PACKAGED = Path("/usr/share/grafana")
"""Where Debian's and Red Hat's packages put what an archive has around its `bin`."""


def grafana(data: Path, sources: Path, port: int, prometheus: str) -> Plan | None:
    """Return how it is run, None where there is none. Whoever reaches it may look; its admin has a password of its own,
    in `data/grafana/password`.
    """
    program = on_path("grafana", "grafana-server")
    if program is None:
        return None
    folder = data / "grafana"
    folder.mkdir(parents=True, exist_ok=True)
    command = [program, "server"] if Path(program).name == "grafana" else [program]
    if home := home_of(Path(program)):
        command += ["--homepath", str(home)]
    dashboards = sources / "dashboards"
    environment = {
        "GF_PATHS_DATA": str(folder),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(sources / "provisioning"),
        "GF_LOG_MODE": "console",
        "GF_SERVER_HTTP_ADDR": LOOPBACK,
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_SECURITY_ADMIN_PASSWORD": f"$__file{{{_password(folder / 'password')}}}",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(dashboards / "en" / "floor-wall.json"),
        "FLOORCAST_DASHBOARDS": str(dashboards),
        "FLOORCAST_PROMETHEUS_URL": prometheus,
    }
    return Plan("grafana", command, f"http://{LOOPBACK}:{port}", "/api/health", environment)


def home_of(program: Path) -> Path | None:
    """Return the folder with Grafana's own defaults: it does not look for them by itself when it runs elsewhere."""
    around = program.resolve().parent.parent
    places = (around, around / "share" / "grafana", PACKAGED)
    return next((place for place in places if (place / "conf" / "defaults.ini").is_file()), None)


def _password(file: Path) -> Path:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file
