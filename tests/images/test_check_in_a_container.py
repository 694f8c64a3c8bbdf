"""Checks in containers: by a real podman where one can run, and by a pretended one that shows what it is asked.

The pretended one has the shell of this machine do it: that a container keeps anything apart is the real one's to show.
"""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured

from apps.images.checks import Asked, Result, choose, containers, read, roots
from apps.images.checks.ways import engine
from apps.images.sandbox import linux
from tests.images.repository import deb, served
from tests.images.throwaway import connects, listening, python

PRETENDED = """\
#!/bin/sh
printf '%s\\n' "$*" >>"{asked}"
case $1 in
version | image) echo yes ;;
run)
  for mark; do :; done
  printf '\\n%s ready 0\\n' "$mark"
  read -r told
  echo "$told" | base64 -d >"{asked}.script"
  sed -i 's#/tmp/.deployconsole-check#{work}#; s#find "$ROOT/"#find /dev/null#' "{asked}.script"
  sh "{asked}.script" ;;
esac
"""
RECIPE = {
    "architecture": roots.ARCHITECTURES.get(platform.machine(), platform.machine()),
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
    assert " debian:12 timeout -s KILL 20 /bin/sh -c " in run
    for words in (
        "--security-opt no-new-privileges",
        "--cap-drop all",
        "--memory 1g --memory-swap 1g --pids-limit 200",
        "--ulimit fsize=805306368:805306368",
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
    printed = "\nmark ready 0\n\nmark begin install\nbegan\n"
    found = read.result(Asked(RECIPE, "shop", "1.0", 5.0), list(engine.parts(printed, "mark", in_time=False)))
    assert (found.outcome, found.says) == ("failed", "It took longer than 5 s. It says: began")


def test_an_engine_that_starts_nothing_fails_no_package() -> None:
    printed = list(engine.parts("no such network\n", "mark", in_time=True))
    found = read.result(Asked(RECIPE, "shop", "1.0", 5.0), printed)
    assert (found.outcome, found.says) == (
        "skipped",
        "Not offered here. The throwaway root was not made: no such network.",
    )


def test_without_an_engine_none_is_used(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/none")
    assert "no podman" in engine.why_not(Asked(RECIPE, "shop", "1.0", 20.0))


IMAGE = "debian:12"
CONFIGURED = '[engine]\nruntime = "{runtime}"\n'


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one, with an image; skipped aloud where there is none that can run a container."""
    real = shutil.which("podman")
    if not real:
        pytest.skip("podman is not installed: no container was tried (Debian: apt-get install podman runc)")
    runtime = next((name for name in ("runc", "crun") if shutil.which(name)), "")
    (tmp_path / "containers.conf").write_text(CONFIGURED.format(runtime=runtime))
    program = tmp_path / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nCONTAINERS_CONF={tmp_path}/containers.conf exec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/sbin:/usr/bin:/sbin:/bin")
    if not containers.asked("podman", "image", "inspect", IMAGE):
        pytest.skip(f"podman has no image {IMAGE}: no container was tried (docs/how-to/check-a-package.md makes one)")
    containers.kept_out.cache_clear()
    problem = containers.kept_out("podman", IMAGE)
    if problem:
        pytest.skip(f"podman cannot run a container here: {problem}")


def test_a_real_container_reaches_its_repository_alone_and_only_while_it_installs(podman: None, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("packages")
    redis, database = urlsplit(configured.REDIS_URL), configured.DATABASES["default"]
    with (
        served(tmp_path) as repository,
        listening(socket.AF_INET, ("127.0.0.1", 0)) as other,
        listening(socket.AF_UNIX, "\0deployconsole-test") as abstract,
    ):
        port = urlsplit(repository).port
        way = connects(f"('127.0.0.1', {port})")
        closed = [tuple(other), abstract, redis.path, f"{database['HOST']}/.s.PGSQL.5432", ("169.254.169.254", 80)]
        fetched = python(
            "import os, urllib.request",
            f"print(urllib.request.urlopen('{repository}/').read().decode())",
            "print([name for name in os.environ if name.startswith(('SECRET', 'DATABASE', 'AWS'))])",
        )
        limits = "grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status"
        commands = "\n".join([fetched, way, connects(*map(repr, closed)), limits])
        result = done(40.0, repository=repository, options={"commands": commands}, check_command=way)
    assert result.outcome == "passed", result
    lines = result.log.splitlines()
    assert lines[lines.index("packages") + 1] == "[]", "the console's environment is not there"
    told = [line.endswith("not reached") for line in lines if line.endswith("reached")]
    assert told == [False, *[True] * len(closed), True], result.log
    kept = f"{sum(1 << each for each in linux.KEPT):016x}"
    limited = ("CapBnd", "NoNewPrivs", "Seccomp")
    assert [line.split()[1] for line in lines if line.startswith(limited)] == [kept, "1", "2"]
    left = subprocess.run(["podman", "ps", "--all", "--quiet"], capture_output=True, text=True, check=True)
    assert left.stdout == ""


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs Debian's tools")
def test_a_debian_package_is_installed_in_a_real_container_and_one_that_there_is_not_fails(
    podman: None, tmp_path: Path
) -> None:
    deb(tmp_path / "flat", "shop", "1.0-1", {"usr/bin/shop": "echo well"}, {"postinst": "echo set up"})
    with served(tmp_path / "flat") as repository:
        told = {"provisioner": "apt", "repository": repository, "options": {"suite": "./", "trusted": True}}
        service = {"check_start": "exec python3 -m http.server 8080", "check_path": "/", "check_seconds": 10}
        way = engine.check(Asked({**RECIPE, **told, **service}, "shop", "1.0-1", 40.0), lambda: None)
        missing = engine.check(Asked({**RECIPE, **told}, "shop", "2.0-1", 40.0), lambda: None)
    assert (way.outcome, way.says) == ("passed", "Installed; GET / on port 8080 answered well."), way
    assert way.installed == {"deb:shop": "1.0-1"}
    assert "set up" in way.log
    assert missing.outcome == "failed"
    assert "2.0-1" in missing.log
