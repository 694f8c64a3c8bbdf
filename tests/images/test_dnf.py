"""RPM packages, installed as root in a throwaway root from a real repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.machine import Machine
from tests.images.repository import Signer, rpm, served


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("dnf") / "repository"
    rpm(folder, "web", "1.0", {"etc/web.conf": "port = 80", "srv/web": "one"})
    rpm(folder, "web", "1.1", {"srv/web": "two"})
    rpm(folder, "web", "2.0", {"srv/web": "three"}, post='error("the database is missing")')
    with served(folder) as address:
        yield address


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def recipe(repository: str) -> dict[str, object]:
    return {"provisioner": "dnf", "repository": repository, "options": {"unsigned": True}}


@pytest.mark.parametrize("version", ["1.0", "1.0-1"])
def test_exactly_the_named_version_is_installed_though_there_is_a_newer_one(
    version: str, machine: Machine, repository: str
) -> None:
    printed, _ = machine.run(recipe(repository), "web", version)
    assert (printed.ok, printed.says) == (True, "")
    assert printed.inside.packages["rpm:web"] == "1.0-1"
    assert "/etc/web.conf" in printed.inside.files
    assert (machine.root / "srv/web").read_text() == "one"
    assert not (machine.root / "etc/yum.repos.d/deployconsole-bake.repo").exists()


def test_a_version_that_does_not_exist_fails_with_dnfs_words(machine: Machine, repository: str) -> None:
    printed, _ = machine.run(recipe(repository), "web", "3.0")
    assert (printed.ok, printed.failed) == (False, "install")
    assert "web-3.0" in printed.says


def test_an_install_script_that_fails_is_told_in_its_own_words(machine: Machine, repository: str) -> None:
    printed, _ = machine.run(recipe(repository), "web", "2.0")
    assert (printed.ok, printed.failed) == (False, "install")
    assert "the database is missing" in printed.log


def test_a_signed_package_is_installed_by_its_key_and_an_unsigned_one_is_not(machine: Machine, tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    try:
        folder = tmp_path / "signed" / "repository"
        folder.parent.mkdir()
        rpm(folder, "web", "1.0", {"srv/web": "one"})
        with served(folder) as address:
            told = {"provisioner": "dnf", "repository": address, "options": {"key": f"file://{signer.key}"}}
            unsigned, _ = machine.run(told, "web", "1.0")
            assert (unsigned.ok, unsigned.failed) == (False, "install")
            assert "not signed" in unsigned.log
            signer.sign_packages(folder)
            printed, _ = machine.run(told, "web", "1.0")
            assert (printed.ok, printed.says) == (True, ""), printed.log
            assert printed.inside.packages["rpm:web"] == "1.0-1"
    finally:
        signer.stop()
