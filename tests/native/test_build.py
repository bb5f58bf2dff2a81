"""native.wasm is what its C compiles to."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from streams.native import build

MODULE = (build.HOME / build.MODULE).read_bytes()


def test_the_module_was_made_of_the_present_c() -> None:
    assert build.says(MODULE, build.digest(build.sources())), "the C has changed: make generate builds native.wasm anew"


def test_another_source_flag_or_compiler_would_be_noticed() -> None:
    sources = build.sources()
    assert {"scan.c", "count.c", "base.h"} < set(sources)
    digests = {
        build.digest(sources),
        build.digest({**sources, "base.h": sources["base.h"] + b" "}),
        build.digest({name: content for name, content in sources.items() if name != "base.h"}),
        build.digest(sources, [*build.FLAGS, "-g"]),
        build.digest(sources, version="0.0.0"),
    }
    assert len(digests) == 5


def test_a_module_that_says_something_else_or_nothing_was_not_made_of_it() -> None:
    made_of = build.digest(build.sources())
    assert not build.says(b"\0asm\1\0\0\0", made_of)
    assert not build.says(MODULE, build.digest(build.sources(), version="0.0.0"))
    long = b"x" * 300
    assert build.says(b"\0asm\1\0\0\0" + build._section(build.SECTION, long), long)


def test_without_the_compiler_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(
        build.BuildError, match=rf"{build.compiler()} is needed, and here is none: make generate gets it"
    ):
        build.built()
    assert build.main(["--check"], tmp_path) == 1


def test_another_version_of_the_compiler_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: "0.0.1")
    with pytest.raises(build.BuildError, match=r"here is 0\.0\.1"):
        build.built()


def test_a_stale_module_is_told_and_only_the_command_without_check_writes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "built", lambda _: b"new")
    path = tmp_path / build.MODULE
    for stale in (None, b"old"):
        if stale:
            path.write_bytes(stale)
        assert build.main(["--check"], tmp_path) == 1
        assert "make generate writes it" in capsys.readouterr().err
    assert path.read_bytes() == b"old"
    assert build.main([], tmp_path) == build.main(["--check"], tmp_path) == 0
    assert path.read_bytes() == b"new"


def test_the_script_needs_nothing_of_the_project() -> None:
    """It runs where there is only the compiler."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", build.__file__, "--check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1 and "is needed, and here is none" in ran.stderr
