"""Debian packages, installed as root in a throwaway root from a real repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.machine import Machine
from tests.images.repository import Signer, deb, served


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("apt") / "flat"
    deb(folder, "web", "1.0-1", {"etc/web.conf": "port = 80\n", "srv/web": "one"}, {"postinst": "echo set up"})
    deb(folder, "web", "1.1-1", {"srv/web": "two"})
    deb(folder, "web", "2.0-1", {"srv/web": "three"}, {"postinst": "echo the database is missing >&2; exit 9"})
    with served(folder) as address:
        yield address


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    for name in (
        "var/lib/dpkg/updates",
        "var/lib/dpkg/info",
        "var/lib/dpkg/triggers",
        "var/lib/apt/lists/partial",
        "var/cache/apt/archives/partial",
        "var/log/apt",
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
    ):
        (made.root / name).mkdir(parents=True, exist_ok=True)
    (made.root / "var/lib/dpkg/status").write_text("")
    return made


def recipe(repository: str) -> dict[str, object]:
    return {"provisioner": "apt", "repository": repository, "options": {"suite": "./", "trusted": True}}


def test_exactly_the_named_version_is_installed_though_there_is_a_newer_one(machine: Machine, repository: str) -> None:
    printed, _ = machine.run(recipe(repository), "web", "1.0-1")
    assert (printed.ok, printed.says) == (True, "")
    assert printed.inside.packages["deb:web"] == "1.0-1"
    assert "/etc/web.conf" in printed.inside.files
    assert "set up" in printed.log
    assert (machine.root / "srv/web").read_text() == "one"
    assert machine.holding(repository) == [], "the repository is not known to the image"


def test_a_newer_version_that_is_there_gives_way(machine: Machine, repository: str) -> None:
    for version in ("1.1-1", "1.0-1"):
        printed, _ = machine.run(recipe(repository), "web", version)
        assert printed.ok
    assert printed.inside.packages["deb:web"] == "1.0-1"


def test_a_version_that_does_not_exist_fails_with_apts_words(machine: Machine, repository: str) -> None:
    printed, _ = machine.run(recipe(repository), "web", "3.0-1")
    assert (printed.ok, printed.failed) == (False, "install")
    assert "3.0-1" in printed.says
    assert "not found" in printed.says


def test_an_install_script_that_fails_is_told_in_its_own_words(machine: Machine, repository: str) -> None:
    printed, _ = machine.run(recipe(repository), "web", "2.0-1")
    assert (printed.ok, printed.failed) == (False, "install")
    assert "the database is missing" in printed.log


def test_a_repository_that_does_not_answer_fails(machine: Machine) -> None:
    printed, _ = machine.run(recipe("http://127.0.0.1:9"), "web", "1.0-1")
    assert (printed.ok, printed.failed) == (False, "install")
    assert "127.0.0.1:9" in printed.log


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    made = Signer(tmp_path_factory.mktemp("signer"))
    yield made
    made.stop()


def test_a_signed_repository_is_believed_by_the_key_that_the_base_image_holds_and_by_no_other(
    machine: Machine, signer: Signer, tmp_path: Path
) -> None:
    folder = tmp_path / "signed" / "flat"
    folder.parent.mkdir()
    deb(folder, "web", "1.0-1", {"srv/web": "one"})
    with served(folder) as address:
        options = {"suite": "./", "signed_by": str(signer.key)}
        unsigned, _ = machine.run({"provisioner": "apt", "repository": address, "options": options}, "web", "1.0-1")
        assert (unsigned.ok, unsigned.failed) == (False, "install")
        assert "is not signed" in unsigned.log
        signer.sign(folder)
        printed, _ = machine.run({"provisioner": "apt", "repository": address, "options": options}, "web", "1.0-1")
        assert (printed.ok, printed.says) == (True, "")
        (folder / "Packages").write_text((folder / "Packages").read_text() + "\n")
        changed, _ = machine.run({"provisioner": "apt", "repository": address, "options": options}, "web", "1.0-1")
        assert (changed.ok, changed.failed) == (False, "install"), "what was changed after it was signed is refused"


def test_a_repository_with_a_password_is_opened_by_the_base_images_own_file(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "closed" / "flat"
    folder.parent.mkdir()
    deb(folder, "web", "1.0-1", {"srv/web": "one"})
    with served(folder, closed=True) as address:
        refused, _ = machine.run(recipe(address), "web", "1.0-1")
        assert (refused.ok, refused.failed) == (False, "install")
        assert "401" in refused.log
        place = machine.root / "etc/apt/auth.conf.d/packages.conf"
        place.parent.mkdir()
        place.write_text(f"machine {address} login robot password secret\n")
        printed, console = machine.run(recipe(address), "web", "1.0-1")
        assert (printed.ok, printed.says) == (True, "")
        assert "secret" not in console
