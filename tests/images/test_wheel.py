"""Wheels, installed by pip and by uv into a throwaway root, from a real index, open or with a password."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.machine import Machine
from tests.images.repository import served, wheel

UV = Path(sys.executable).parent / "uv"
INSTALLERS = ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV.exists(), reason="setup did not get uv"))]
WORDS = {"pip": "No matching distribution found", "uv": "no version of"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "1.1"):
        wheel(folder, "shop", version, {"shop/__init__.py": f'VERSION = "{version}"\n'}, requires="till")
    wheel(folder, "till", "3.2", {"till/__init__.py": ""})
    return folder


@pytest.fixture(scope="module")
def repository(index: Path) -> Iterator[str]:
    with served(index) as address:
        yield f"{address}/simple/"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """It has uv, and a python3 with pip."""
    made = Machine(tmp_path)
    for tool in ("uv", "python3"):
        (made.bin / tool).symlink_to(Path(sys.executable).parent / tool)
    shutil.rmtree(made.root / "srv")
    return made


def recipe(repository: str, installer: str) -> dict[str, object]:
    return {"provisioner": "wheel", "repository": repository, "options": {"target": "/srv", "installer": installer}}


@pytest.mark.parametrize("installer", INSTALLERS)
def test_exactly_the_named_version_is_installed_with_what_it_needs(
    installer: str, machine: Machine, repository: str
) -> None:
    for version in ("1.1", "1.0"):  # the newer one gives way
        printed, _ = machine.run(recipe(repository, installer), "shop", version)
        assert (printed.ok, printed.says) == (True, "")
        assert printed.inside.packages == {"python:shop": version, "python:till": "3.2"}
    assert (machine.root / "srv/shop/__init__.py").read_text() == 'VERSION = "1.0"\n'
    assert machine.holding(repository) == [], "the index is not known to the image"


@pytest.mark.parametrize("installer", INSTALLERS)
def test_a_version_that_does_not_exist_fails_with_the_installers_words(
    installer: str, machine: Machine, repository: str
) -> None:
    printed, _ = machine.run(recipe(repository, installer), "shop", "9.9")
    assert (printed.ok, printed.failed) == (False, "install")
    assert WORDS[installer] in printed.log


@pytest.mark.parametrize("installer", INSTALLERS)
def test_an_index_with_a_password_is_opened_by_the_homes_own_file_which_is_not_in_the_image(
    installer: str, machine: Machine, index: Path
) -> None:
    machine.home = machine.root / "root"
    (machine.home / ".netrc").unlink()
    with served(index, closed=True) as address:
        refused, _ = machine.run(recipe(f"{address}/simple/", installer), "shop", "1.0")
        assert (refused.ok, refused.failed) == (False, "install")
        (machine.home / ".netrc").write_text("machine 127.0.0.1 login robot password secret\n")
        printed, console = machine.run(recipe(f"{address}/simple/", installer), "shop", "1.0")
        assert (printed.ok, printed.says) == (True, "")
    assert "secret" not in console
    assert not (machine.home / ".netrc").exists()
