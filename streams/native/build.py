# /// script
# requires-python = ">=3.11"
# dependencies = ["ziglang==0.17.1"]
# ///
"""Compiles the C beside it to native.wasm: `make generate` does so, and `make generated` looks whether it is up to date.

The compiler comes as a Python package, 80 MB, that nothing else needs: so it is no dependency of the project, but of
this script (above), which uv runs by itself: `uv run --script streams/native/build.py`; with `--check` it writes
nothing and exits 1 if native.wasm is not what the C compiles to. The same C gives the same bytes on every machine.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

HOME = Path(__file__).parent
MODULE = "native.wasm"
FLAGS = (
    "--target=wasm32-freestanding", "-O3", "-msimd128", "-mbulk-memory", "-nostdlib",
    "-Wall", "-Wextra", "-Werror", "-Wno-int-to-pointer-cast", "-Wl,--no-entry", "-Wl,--strip-all",
)  # fmt: skip
SECTION = b"sources"
"""The custom section that says what the module was made of."""
_COMPILER = "ziglang"


class BuildError(Exception):
    """There is no such compiler, or it refuses the C."""


def compiler() -> str:
    """Return the version of the compiler that is wanted: as the head of this file says."""
    found = re.search(rf'^# dependencies = \["{_COMPILER}==(.+)"\]$', Path(__file__).read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def sources(home: Path = HOME) -> dict[str, bytes]:
    """Return the C by the names of its files, in their order."""
    return {path.name: path.read_bytes() for path in sorted(home.glob("*.[ch]"))}


def digest(files: Mapping[str, bytes], flags: Sequence[str] = FLAGS, version: str = "") -> bytes:
    """Return a hash of all that decides what is compiled."""
    found = hashlib.sha256()
    for part in (version or compiler(), *flags, *(part for item in sorted(files.items()) for part in item)):
        content = part if isinstance(part, bytes) else part.encode()
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest().encode()


def says(module: bytes, made_of: bytes) -> bool:
    """Say whether a module tells that it was made of what has this digest."""
    return module.endswith(_section(SECTION, made_of))


def built(home: Path = HOME) -> bytes:
    """Return what the C compiles to. Raises BuildError."""
    try:
        present = metadata.version(_COMPILER)
    except metadata.PackageNotFoundError:
        present = "none"
    if present != compiler():
        raise BuildError(
            f"the compiler {_COMPILER} {compiler()} is needed, and here is {present}: make generate gets it, "
            "and so does uv run --script streams/native/build.py"
        )
    files = sources(home)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, MODULE)
        ran = subprocess.run(  # noqa: S603  # all of it is written here
            [
                sys.executable,
                "-m",
                _COMPILER,
                "cc",
                *FLAGS,
                "-o",
                str(made),
                *(name for name in files if name.endswith(".c")),
            ],
            cwd=home,
            env=os.environ | {"ZIG_GLOBAL_CACHE_DIR": f"{folder}/all", "ZIG_LOCAL_CACHE_DIR": f"{folder}/own"},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise BuildError(ran.stderr)
        return made.read_bytes() + _section(SECTION, digest(files))


def main(arguments: Sequence[str] | None = None, home: Path = HOME) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help=f"write nothing; exit 1 if {MODULE} is stale")
    check = parser.parse_args(arguments).check
    path = home / MODULE
    try:
        content = built(home)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not check:
        path.write_bytes(content)
    elif not path.exists() or path.read_bytes() != content:
        sys.stderr.write(f"streams/native/{MODULE} is not what its C compiles to: make generate writes it\n")
        return 1
    return 0


def _section(name: bytes, content: bytes) -> bytes:
    """Return a custom section of a module."""
    payload = _leb128(len(name)) + name + content
    return b"\0" + _leb128(len(payload)) + payload


def _leb128(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _leb128(rest) if rest else bytes([low])


if __name__ == "__main__":
    sys.exit(main())
