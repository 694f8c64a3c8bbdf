"""`tools/system.py`: without what they need the tests stop and say the one command, they never skip."""

from pathlib import Path

import pytest

from tools import system

PACKAGING = ("apt-get", "dpkg-deb", "dnf", "rpmbuild", "createrepo_c")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, and a user who is not root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(system, "POSTGRES_FOLDERS", tmp_path / "none")
    return tmp_path


def _program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        (
            "apt-get",
            (
                "sudo apt-get install -y curl postgresql redis-server apt dpkg dnf rpm createrepo-c "
                "chromium fonts-dejavu-core"
            ),
        ),
        (
            "dnf",
            (
                "sudo dnf install -y curl postgresql-server redis apt dpkg dnf rpm-build createrepo_c "
                "chromium dejavu-sans-fonts"
            ),
        ),
        ("pacman", "sudo pacman -S curl postgresql redis apt dpkg dnf rpm-tools createrepo_c chromium ttf-dejavu"),
        ("apk", "sudo apk add curl postgresql redis apt dpkg dnf rpm createrepo_c chromium font-dejavu"),
    ],
)
def test_without_anything_it_stops_with_the_one_command(
    bare: Path, capsys: pytest.CaptureFixture[str], manager: str, command: str
) -> None:
    _program(bare, manager)

    assert system.main() == 1
    needed = "curl, PostgreSQL, Redis, Debian's package tools, RPM's package tools and Chromium"
    assert f"The tests need {needed}. Install with: {command}\n" in capsys.readouterr().err


def test_what_is_there_already_is_not_asked_for(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("chromium", "postgres", "redis-server", *PACKAGING):
        _program(bare, name)

    assert system.main() == 1
    assert capsys.readouterr().err == "The tests need curl. Install with: sudo apt-get install -y curl\n"


def test_a_browser_on_the_path_or_a_named_one_is_enough(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _program(bare, "chromium")
    for name in ("curl", "postgres", "redis-server", *PACKAGING):
        _program(bare, name)
    assert system.browser() == str(found)
    monkeypatch.setenv("CHROMIUM", "/opt/browser")
    assert system.browser() == "/opt/browser"
    assert system.main() == 0


def test_root_on_debian_has_what_is_missing_installed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    told = bare / "told"
    script = f'#!/bin/sh\necho "$@" >> {told}\nprintf "#!/bin/sh\\n" > {bare}/curl\n/bin/chmod +x {bare}/curl\n'
    for name in ("chromium", "postgres", "redis-server", *PACKAGING):
        _program(bare, name)
    _program(bare, "apt-get").write_text(script)

    assert system.main() == 0
    assert told.read_text().splitlines()[-1] == "install -y -qq --no-install-recommends curl"


def test_a_package_manager_that_is_there_for_the_tests_is_not_taken_for_the_machines_own(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("apt-get", "dnf"):
        _program(bare, name)
    for debian, own in ((True, "apt-get"), (False, "dnf")):
        monkeypatch.setattr(system, "DEBIAN", bare if debian else bare / "none")
        assert system.manager() == own
