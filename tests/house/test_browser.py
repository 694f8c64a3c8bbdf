"""`tools/browser.py`: without a browser the tests stop and say the one command, they never skip."""

from pathlib import Path

import pytest

from tools import browser


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, and a user who is not root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return tmp_path


def _program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("manager", "command"), browser.BY_MANAGER.items())
def test_without_a_browser_it_stops_with_the_one_command(
    bare: Path, capsys: pytest.CaptureFixture[str], manager: str, command: str
) -> None:
    _program(bare, manager)

    assert browser.main() == 1
    assert f"Install it with: {command}\n" in capsys.readouterr().err


def test_a_browser_on_the_path_or_a_named_one_is_enough(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _program(bare, "chromium")
    assert browser.found() == str(found)
    monkeypatch.setenv("CHROMIUM", "/opt/browser")
    assert browser.found() == "/opt/browser"
    assert browser.main() == 0
