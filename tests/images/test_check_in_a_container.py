"""Checks in containers: the command line, and what is made of what is printed. The engine here is a pretended one.

It writes down what it was asked, and has the shell of this machine do it: that a container keeps anything apart is the
engine's own to show, and not tried here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.images.checks import Asked, Result, choose, read
from apps.images.checks.ways import engine

PRETENDED = """\
#!/bin/sh
echo "$@" >>"{asked}"
if [ "$1" = run ]; then
  cat >"{asked}.script"
  sed 's#/tmp/.deployconsole-check#{work}#; s#find "$ROOT/"#find /dev/null#' "{asked}.script" | sh
fi
"""
RECIPE = {
    "architecture": "x86_64",
    "base": "debian-12",
    "provisioner": "script",
    "repository": "",
    "options": {"commands": "echo unpacking $PACKAGE"},
    "check_root": "",
    "check_start": "",
    "check_path": "",
    "check_port": 8080,
    "check_command": "",
    "check_seconds": 1,
}
Do = Callable[..., Result]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """Where the pretended podman writes down what it was asked."""
    settings.PACKAGE_CHECK_NETWORK = "repositories"
    found, program = tmp_path / "asked", tmp_path / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(PRETENDED.format(asked=found, work=tmp_path / "work"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return found


def done(seconds: float = 20.0, **values: Any) -> Result:
    given = Asked({**RECIPE, **values}, "shop", "1.0", seconds)
    way = choose(given)
    assert not isinstance(way, Result), way
    assert way.slug == "engine"
    return way.check(given, lambda: None)


def test_the_container_is_told_what_it_may_and_is_removed(asked: Path) -> None:
    result = done()
    assert (result.outcome, result.says) == ("passed", "Installed; the recipe names no health check.")
    assert "unpacking shop" in result.log
    version, image, run, removed = asked.read_text().splitlines()
    assert (version, image) == ("version", "image inspect debian:12")
    name = removed.removeprefix("rm --force ")
    assert run.startswith(f"run --rm --interactive --pull never --name {name} --network repositories ")
    assert run.endswith(" debian:12 timeout -s KILL 20 /bin/sh")
    for words in (
        "--security-opt no-new-privileges",
        "--cap-drop all",
        "--memory 1g --memory-swap 1g --pids-limit 200",
    ):
        assert f" {words} " in run
    assert "sys_admin" not in run


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"options": {"commands": "echo the shelf is empty; exit 3"}}, "(status 3). It says: the shelf is empty"),
        ({"check_command": "echo unwell; false"}, "its check failed (status 1). It says: unwell"),
        ({"check_path": "/health", "check_port": 9}, "is not well: it did not answer well in time."),
    ],
)
def test_what_is_wrong_is_told(values: dict[str, Any], says: str, asked: Path) -> None:
    result = done(**values)
    assert result.outcome == "failed"
    assert says in result.says


def test_what_was_printed_until_its_time_was_over_is_kept() -> None:
    printed = f"\n{engine.MARK} 1 begin install\nbegan\n"
    found = read.result(Asked(RECIPE, "shop", "1.0", 5.0), list(engine.parts(printed, "1", in_time=False)))
    assert (found.outcome, found.says) == ("failed", "It took longer than 5 s. It says: began")


def test_an_engine_that_starts_nothing_fails_no_package() -> None:
    found = read.result(Asked(RECIPE, "shop", "1.0", 5.0), list(engine.parts("no such network\n", "1", in_time=True)))
    assert (found.outcome, found.says) == (
        "skipped",
        "Not offered here. The throwaway root was not made: no such network.",
    )


@pytest.mark.parametrize(("network", "path", "says"), [("", "", "PACKAGE_CHECK_NETWORK"), ("x", "/none", "no podman")])
def test_without_a_network_or_an_engine_none_is_used(
    network: str, path: str, says: str, asked: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PACKAGE_CHECK_NETWORK = network
    if path:
        monkeypatch.setenv("PATH", path)
    assert says in engine.why_not(Asked(RECIPE, "shop", "1.0", 20.0))
