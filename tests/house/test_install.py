"""`tools/install.py`: when it works, when it does nothing, and that it never takes a developer's tools away."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import install


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A checkout whose requirements are empty; what was synced, in order. Virtual environments are really made."""
    (tmp_path / "requirements").mkdir()
    for name in ("demo", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# {name}\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    done: list[str] = []
    monkeypatch.setattr(install, "_sync", lambda path: done.append(path.stem))
    monkeypatch.setattr(install, "_install_ourselves", lambda: None)
    return done


@pytest.fixture
def pretended(synced: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same with this very Python in the place of a new environment, which takes seconds to make."""

    def make() -> None:
        install.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        if not install.PYTHON.exists():
            install.PYTHON.symlink_to(sys.executable)

    monkeypatch.setattr(install, "_make_environment", make)
    return synced


def test_a_bare_checkout_gets_an_environment_and_one_without_a_working_python_is_made_anew(synced: list[str]) -> None:
    assert install.main("demo") == 0
    assert install.main("demo") == 0
    assert synced == ["demo"], "the second call does nothing"
    assert subprocess.run([install.PYTHON, "-c", "import pip"], check=False).returncode == 0
    install.PYTHON.unlink()
    install.PYTHON.symlink_to("/nonexistent/python")
    assert install.main("demo") == 0
    assert synced == ["demo", "demo"]
    assert subprocess.run([install.PYTHON, "-c", ""], check=False).returncode == 0


def test_what_is_installed_and_our_own_code_are_compiled_for_all_processes_to_come(pretended: list[str]) -> None:
    ours = install.ROOT / "apps" / "ours.py"
    theirs = install.VENV / "lib" / "python3" / "site-packages" / "theirs.py"
    broken = theirs.with_name("of_another_python.py")
    for path, text in ((ours, "x = 1\n"), (theirs, "x = 1\n"), (broken, "print 1\n")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert install.main("demo") == 0
    assert all(list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc")) for path in (ours, theirs))


def test_the_demo_is_content_with_what_developers_have(pretended: list[str]) -> None:
    install.main("dev")
    install.main("demo")
    assert pretended == ["dev"]


def test_changed_requirements_are_installed_without_taking_tools_away(pretended: list[str]) -> None:
    install.main("dev")
    (install.ROOT / "requirements" / "dev.txt").write_text("# newer\n")
    install.main("demo")
    assert pretended == ["dev", "dev"]


def test_an_installation_that_broke_off_is_mended(
    pretended: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def break_off(_path: Path) -> None:
        raise subprocess.CalledProcessError(1, ["uv", "pip", "sync"])

    with monkeypatch.context() as patch:
        patch.setattr(install, "_sync", break_off)
        assert install.main("demo") == 1
    assert "uv pip sync" in capfd.readouterr().err
    assert install.main("demo") == 0
    assert pretended == ["demo"]


def test_an_older_python_is_told_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert install.main("demo") == 1
    assert "3.11" in capsys.readouterr().err


def test_uv_keeps_its_cache_in_the_environment_where_there_is_no_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert install._environment()["UV_CACHE_DIR"] == str(install.VENV / "cache")
