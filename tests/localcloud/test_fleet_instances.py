"""What an instance is: a copy of an image, its user data, its service, all as one process that can be looked into."""

from __future__ import annotations

import os
import signal
import time
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud.fleet.console import KEPT
from tests.localcloud.fleets import Told, image, listens
from tests.localcloud.targets import eventually
from tests.processes import alive, of


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    told = Told(tmp_path_factory.mktemp("fleet"))
    yield told
    told.fleet.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image(tmp_path_factory.mktemp("images") / "ami-1", **{"release.txt": "version 7"})


def test_an_instance_serves_from_a_copy_of_its_image(told: Told, tree: Path) -> None:
    told.boot("i-copy", tree)
    told.up("i-copy")
    assert told.ask("i-copy", "open('release.txt').read()") == "version 7"
    assert told.ask("i-copy", "open('release.txt', 'w').write('changed')") == "7"
    assert (tree / "release.txt").read_text() == "version 7"


def test_capture_takes_the_tree_as_it_is_now(told: Told, tree: Path, tmp_path: Path) -> None:
    told.boot("i-capture", tree, "mkdir made; echo by-user-data > made/file; ln -s /etc/hostname link; mkfifo pipe")
    told.up("i-capture")
    told.fleet.capture("i-capture", tmp_path / "ami-2")
    assert (tmp_path / "ami-2/made/file").read_text() == "by-user-data\n"
    assert (tmp_path / "ami-2/link").is_symlink()
    assert not (tmp_path / "ami-2/pipe").exists()
    told.boot("i-from-capture", tmp_path / "ami-2")
    told.up("i-from-capture")
    assert told.ask("i-from-capture", "open('made/file').read()") == "by-user-data\n"


def test_capture_of_an_unknown_instance_is_refused(told: Told, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        told.fleet.capture("i-unknown", tmp_path / "ami")


def test_only_the_given_environment_reaches_the_service(
    told: Told, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.boot("i-env", tree, INSTANCE_ID="i-env")
    told.up("i-env")
    names = set(literal_eval(told.ask("i-env", "sorted(os.environ)")))
    assert names == {"INSTANCE_ID", "PATH", "HOME", "LANG", "SERVICE_ADDRESS", "SERVICE_PORT"}


def test_exports_of_user_data_reach_the_service(told: Told, tree: Path) -> None:
    script = '#!/bin/bash\nexport PLAIN=1 QUOTED="two words"\nNOT_EXPORTED=x\nexport SERVICE_PORT=8080\nexit 0\n'
    told.boot("i-exports", tree, script, GIVEN="given")
    told.up("i-exports")
    seen = told.ask("i-exports", "[os.environ.get(x) for x in ('PLAIN', 'QUOTED', 'NOT_EXPORTED', 'GIVEN')]")
    assert seen == "['1', 'two words', None, 'given']"


def test_user_data_that_fails_ends_the_instance_and_the_console_says_why(told: Told, tree: Path) -> None:
    told.boot("i-fails", tree, "echo about to fail\nls /does/not/exist\nexit 3\n")
    assert told.ended("i-fails") == 3
    assert "about to fail" in told.console("i-fails")
    assert "No such file" in told.console("i-fails")
    assert "user data failed with status 3" in told.console("i-fails")
    assert "i-fails" not in told.running
    assert told.fleet.pid("i-fails") is None


def test_a_service_that_raises_ends_with_its_traceback_on_the_console(told: Told, tmp_path: Path) -> None:
    told.boot("i-raises", image(tmp_path / "ami", "raise RuntimeError('broken build')"))
    assert told.ended("i-raises") == 1
    assert "RuntimeError: broken build" in told.console("i-raises")


def test_an_image_without_a_service_ends(told: Told, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told.boot("i-empty", tmp_path / "empty")
    assert told.ended("i-empty") == 1
    assert "service.py" in told.console("i-empty")


def test_a_missing_image_ends(told: Told, tmp_path: Path) -> None:
    told.boot("i-missing", tmp_path / "nowhere")
    assert told.ended("i-missing") == 1
    assert "nowhere" in told.console("i-missing")


def test_boot_takes_its_time(told: Told, tree: Path) -> None:
    started = time.monotonic()
    told.boot("i-boot", tree, boot_seconds=0.5)
    told.up("i-boot")
    assert time.monotonic() - started >= 0.5
    assert "boot: i-boot" in told.console("i-boot")
    assert "service starts" in told.console("i-boot")


def test_stop_during_boot_ends_it(told: Told, tree: Path) -> None:
    told.boot("i-early", tree, boot_seconds=30)
    told.fleet.stop("i-early")
    assert told.ended("i-early") == -signal.SIGTERM


def test_stop_lets_the_service_end_and_removes_its_tree(told: Told, tmp_path: Path) -> None:
    service = "import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit(7))\nprint('ready')\ntime.sleep(60)"
    told.boot("i-stop", image(tmp_path / "ami", service))
    eventually(lambda: "ready" in told.console("i-stop"))
    told.fleet.stop("i-stop")
    assert told.ended("i-stop") == 7
    with pytest.raises(OSError, match="i-stop"):
        told.fleet.capture("i-stop", tmp_path / "late")
    assert "ready" in told.console("i-stop")
    told.fleet.stop("i-stop")
    told.fleet.stop("i-never-was")


def test_a_service_that_will_not_end_is_killed_after_the_grace(told: Told, tmp_path: Path) -> None:
    service = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready')\ntime.sleep(60)"
    told.boot("i-stubborn", image(tmp_path / "ami", service))
    eventually(lambda: "ready" in told.console("i-stubborn"))
    told.fleet.stop("i-stubborn", grace=0.2)
    assert told.ended("i-stubborn") == -signal.SIGKILL


def test_a_killed_service_is_noticed(told: Told, tree: Path) -> None:
    told.boot("i-killed", tree)
    told.up("i-killed")
    pid = told.fleet.pid("i-killed")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert told.ended("i-killed") == -signal.SIGKILL
    assert told.fleet.pid("i-killed") is None


def test_what_user_data_leaves_behind_dies_with_the_instance(told: Told, tree: Path) -> None:
    script = (
        "sleep 300 & echo $! > kept\nsetsid sleep 300 & echo $! > away\n(setsid sh -c 'sleep 300 & echo $! > far' &)\n"
    )
    told.boot("i-leaves", tree, script)
    told.up("i-leaves")
    eventually(lambda: told.ask("i-leaves", "os.path.exists('far')") == "True")
    left = of(*(int(told.ask("i-leaves", f"open('{name}').read()")) for name in ("kept", "away", "far")))
    assert len(alive(left)) == 3
    told.fleet.stop("i-leaves")
    told.ended("i-leaves")
    eventually(lambda: not alive(left))


def test_a_console_keeps_its_last_64_kilobytes(told: Told, tmp_path: Path) -> None:
    service = "for number in range(40000): print('line', number)"
    told.boot("i-chatty", image(tmp_path / "ami", service))
    assert told.ended("i-chatty") == 0
    output = told.fleet.console_output("i-chatty")
    assert len(output) == KEPT
    assert output.endswith(b"line 39999\n")
    log = next(told.work.glob("console/i-chatty.log"))
    assert log.stat().st_size == KEPT


def test_an_id_can_be_used_again_after_its_end_but_not_before(told: Told, tree: Path) -> None:
    told.boot("i-again", tree)
    told.up("i-again")
    with pytest.raises(ValueError, match="i-again"):
        told.boot("i-again", tree)
    told.fleet.stop("i-again")
    told.ended("i-again")
    told.exits.pop("i-again")
    told.boot("i-again", tree)
    told.up("i-again")


def test_a_callback_that_fails_does_not_stop_the_others(tmp_path: Path, tree: Path) -> None:
    told = Told(tmp_path / "fleet")
    told.fleet._on_running = lambda _: 1 / 0  # type: ignore[assignment]
    try:
        told.boot("i-1", tree)
        eventually(lambda: listens(told.addresses["i-1"]))
        told.fleet.stop("i-1")
        assert told.ended("i-1") == -signal.SIGTERM
    finally:
        told.fleet.close()
