"""Kafka's jars: fetched once a machine from Maven Central by `jgo`, without Maven, into the user's cache.

They appear there whole or not at all: a fetch that is interrupted leaves nothing that a later start would trust.
"""

import fcntl
import os
import shutil
import ssl
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from streams.embedded.child import Child, ChildFailed

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
SIZE_MB = 45
"""About what is fetched."""


def folder() -> Path:
    """Return where the jars are, once they are there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "floorcast" / KAFKA.split(":", 1)[1].replace(":", "-")


def present() -> bool:
    """Say whether this machine has Kafka."""
    return folder().is_dir()


def classpath() -> str:
    """Return the class path of Kafka and all it needs, when it is present."""
    return ":".join(sorted(str(jar) for jar in folder().glob("*.jar")))


def fetched_mb() -> int:
    """Return how much of a fetch under way has arrived."""
    return sum(_size(file) for file in (_partial() / "maven").rglob("*.jar")) >> 20


async def fetch(log: Path) -> None:
    """Fetch the jars unless they are present; in a process of its own, which ends with us at any time.

    Raises ChildFailed.
    """
    if present():
        return
    child = Child("fetching Kafka from Maven Central", log)
    await child.start([sys.executable, "-c", f"from {__name__} import download; download()"])
    try:
        if await child.wait() != 0:
            raise ChildFailed(f"Kafka could not be fetched from Maven Central:\n{child.last_lines(3)}")
    finally:
        await child.kill()


def _partial() -> Path:
    return folder().with_name(folder().name + ".partial")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def download() -> None:
    """Fetch into a folder beside, then give it its name. One process at a time: others wait and find it there."""
    if trusted := _trusted():
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)
    whole, partial = folder(), _partial()
    whole.parent.mkdir(parents=True, exist_ok=True)
    with whole.with_name(whole.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if present():
            return
        shutil.rmtree(partial, ignore_errors=True)
        jars = partial / "jars"
        jars.mkdir(parents=True)
        for jar in _resolve(partial / "maven"):
            jar.rename(jars / jar.name)
        jars.rename(whole)
        shutil.rmtree(partial, ignore_errors=True)


def _resolve(repository: Path) -> Iterator[Path]:
    """Yield the jars that Kafka needs to run. `jgo.build` would do the same, but fetch a JDK to look into them."""
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext
    from jgo.parse import Coordinate

    maven = MavenContext(repo_cache=repository, remote_repos={"central": MAVEN_CENTRAL_URL})
    wanted = maven.create_dependency(replace(Coordinate.parse(KAFKA), scope="compile"))
    itself, others = maven.resolver.resolve([wanted])
    for needed in (*itself, *(other for other in others if other.scope in ("compile", "runtime"))):
        yield needed.artifact.resolve()


def _trusted() -> str | None:
    """Return the certificates that this machine trusts, those of its own proxies among them; None: there are none."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or not paths.capath or not any(Path(paths.capath).iterdir()):
        return paths.cafile
    return paths.capath
