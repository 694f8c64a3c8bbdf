"""How a machine switches itself off: by the commands that every machine has, whoever on it calls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud.interfaces import SWITCHED_OFF
from tests.localcloud.fleets import Told, image
from tests.localcloud.targets import eventually
from tests.processes import alive, of


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    told = Told(tmp_path_factory.mktemp("fleet"))
    yield told
    told.fleet.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image(tmp_path_factory.mktemp("images") / "ami-1")


@pytest.mark.parametrize(
    "script",
    [
        "shutdown -h now",
        "poweroff",
        "halt -p",
        "(cd / && env -i PATH=$PATH setsid sh -c 'shutdown now') & wait",
        "sh -c 'sh -c \"shutdown -P +0\" &'",
        "exec shutdown now",
    ],
)
def test_user_data_switches_the_machine_off(script: str, told: Told, tree: Path, tmp_path: Path) -> None:
    name = tmp_path.name
    told.boot(name, tree, f"echo secret > left; echo printed; {script}; sleep 300")
    assert told.ended(name) == SWITCHED_OFF
    assert name not in told.running
    assert "printed" in told.console(name)
    told.fleet.capture(name, tmp_path / "ami")
    assert sorted(each.name for each in (tmp_path / "ami").iterdir()) == ["left", "service.py"]
    told.fleet.stop(name)
    eventually(lambda: not list(told.work.rglob(f"{name}*/service.py")))


def test_a_service_switches_its_machine_off_and_what_it_left_behind_ends(told: Told, tree: Path) -> None:
    told.boot("i-service", tree, "setsid sleep 300 & echo $! > away")
    told.up("i-service")
    left = of(int(told.ask("i-service", "open('away').read()")))
    told.ask("i-service", "__import__('subprocess').Popen(['poweroff'])")
    assert told.ended("i-service") == SWITCHED_OFF
    eventually(lambda: not alive(left))


def test_started_again_it_finds_what_it_had(told: Told, tree: Path) -> None:
    script = "echo started >> starts; if [ $(wc -l < starts) = 1 ]; then poweroff; sleep 300; fi"
    told.boot("i-twice", tree, script)
    assert told.ended("i-twice") == SWITCHED_OFF
    told.exits.pop("i-twice")
    told.boot("i-twice", tree, script)
    told.up("i-twice")
    assert told.ask("i-twice", "open('starts').read().split()") == "['started', 'started']"
    told.fleet.stop("i-twice", keep=True)
    told.ended("i-twice")
    told.fleet.capture("i-twice", told.work / "kept")
    told.fleet.stop("i-twice")
    eventually(lambda: not list(told.work.rglob("i-twice/starts")))


def test_other_ends_are_refused_in_words_and_the_machine_goes_on(told: Told, tree: Path) -> None:
    told.boot("i-reboot", tree, "shutdown -r now; shutdown +5; echo status $?")
    told.up("i-reboot")
    assert "shutdown: machines here are switched off at once and for good" in told.console("i-reboot")
    assert "status 1" in told.console("i-reboot")
