"""Roots of other distributions for checks: made by one command, and taken for checks from then on."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.images.checks import Asked, roots
from tests.images.repository import rpm, served

OS_RELEASE = 'ID="shop"\nVERSION_ID="9.4"\n'
# stands for mmdebstrap, which needs a whole Debian to make one of; what it was asked lies beside the root
PRETENDED = """\
#!/bin/sh
for place; do case $place in */root) break;; esac; done
mkdir -p "$place/usr/bin" "$place/usr/lib"
printf 'PRETTY_NAME="Debian"\\nID=debian\\nVERSION_ID="13"\\n' >"$place/usr/lib/os-release"
echo "$@" >"$place/asked"
"""


@pytest.fixture
def kept(tmp_path: Path, settings: Any) -> Path:
    """The folder that roots are kept in."""
    settings.PACKAGE_CHECK_ROOTS = str(tmp_path / "roots")
    return tmp_path / "roots"


def asked(provisioner: str) -> Asked:
    machine = roots.ARCHITECTURES[platform.machine()]
    recipe = {"provisioner": provisioner, "check_root": "shop-9.4", "base": "plain", "architecture": machine}
    return Asked(recipe, "web", "1.0", 5.0)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A distribution of one package, that is all which every root is to have."""
    folder = tmp_path_factory.mktemp("distribution") / "repository"
    files = {"etc/os-release": OS_RELEASE, "usr/bin/python3": "", "usr/bin/dnf": "", "usr/bin/rpm": ""}
    rpm(folder, "shop-release", "9.4", files, provides="ca-certificates coreutils dnf findutils python3 system-release")
    with served(folder) as address:
        yield address


def test_one_of_an_rpm_distribution_is_made_by_dnf_and_made_anew(kept: Path, repository: str, capsys: Any) -> None:
    for _ in range(2):
        call_command("make_check_root", release="9", repository=repository, unsigned=True)
        assert [each.name for each in kept.iterdir()] == ["shop-9.4"]
        assert (kept / "shop-9.4" / "usr/bin/dnf").exists()
        (kept / "shop-9.4" / "older").touch()
    assert roots.find(asked("dnf")) == kept / "shop-9.4"
    with pytest.raises(roots.NoRootError, match=r"shop-9\.4 has no apt-get and no dpkg-query"):
        roots.find(asked("apt"))
    assert "recipes whose check_root is shop-9.4 are checked in it" in capsys.readouterr().out


def test_one_of_debians_is_made_by_mmdebstrap(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "mmdebstrap"
    program.parent.mkdir()
    program.write_text(PRETENDED)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for repository, named in (("", []), ("http://127.0.0.1:9/debian", ["http://127.0.0.1:9/debian"])):
        call_command("make_check_root", suite="trixie", repository=repository, also=["curl"])
        variant, included, suite, _, *mirror = (kept / "debian-13" / "asked").read_text().split()
        assert (variant, suite, mirror) == ("--variant=minbase", "trixie", named), "without one, the tool's own"
        assert included == "--include=ca-certificates,python3,curl"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"release": "9", "unsigned": True}, "Name the distribution's repository"),
        ({"release": "9", "repository": "http://127.0.0.1:9"}, "Name the key"),
        ({"release": "9", "repository": "http://127.0.0.1:9", "unsigned": True}, "dnf ended with status 1"),
    ],
)
def test_what_cannot_be_made_is_told_and_leaves_nothing(told: dict[str, Any], says: str, kept: Path) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("make_check_root", **told)
    assert list(kept.iterdir()) == []


def test_without_its_tools_or_a_folder_the_command_says_what_to_do(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="apt-get install mmdebstrap"):
        call_command("make_check_root", suite="trixie")
    with pytest.raises(CommandError, match="There is no dnf here"):
        call_command("make_check_root", release="9", repository="http://127.0.0.1:9", unsigned=True)
    settings.PACKAGE_CHECK_ROOTS = ""
    with pytest.raises(CommandError, match="Set PACKAGE_CHECK_ROOTS"):
        call_command("make_check_root", suite="trixie")
