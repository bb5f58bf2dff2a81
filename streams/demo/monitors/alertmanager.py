"""An Alertmanager with the routes of the demo's floor."""

from datetime import date
from pathlib import Path

from streams.alerts.routing import Options
from streams.alerts.routing import alertmanager as routes
from streams.demo.monitors.plan import Plan, on_path
from streams.embedded.ports import LOOPBACK
from streams.floor import Floor


def alertmanager(data: Path, floor: Floor, port: int) -> Plan | None:
    """Return how it is run, None where there is none. It stands alone, and sends to the addresses in the files of
    `data/alertmanager/secrets`, of which there are none at first.
    """
    program = on_path("alertmanager", "prometheus-alertmanager")
    if program is None:
        return None
    folder = data / "alertmanager"
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    config, year = folder / "alertmanager.yaml", date.today().year
    config.write_text(routes(floor, Options(range(year, year + 2), str(folder / "secrets"))), "utf-8")
    places = (f"--config.file={config}", f"--storage.path={folder / 'state'}")
    listens = f"{LOOPBACK}:{port}"
    alone = (f"--web.listen-address={listens}", "--cluster.listen-address=")
    return Plan("alertmanager", (program, *places, *alone), f"http://{listens}", "/-/ready")
