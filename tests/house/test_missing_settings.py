"""A missing or unsafe setting stops the start with a sentence on how to mend it, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = ["-m", "gunicorn", "deployconsole.wsgi:application", "--bind", "127.0.0.1:0", "--no-control-socket"]
COMMANDS = [["manage.py", "check"], ["manage.py", "create_user", "alice", "--role", "viewer"], GUNICORN]


def _run(arguments: list[str], **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in (os.environ | changed).items() if value}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[1])
@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_setting_is_named_in_one_line(arguments: list[str], name: str) -> None:
    done = _run(arguments, **{name: ""})

    assert done.returncode == 1
    assert done.stderr.startswith(f"Set the environment variable {name}, for example {name}=")
    assert len(done.stderr.splitlines()) == 1


def test_a_web_server_with_unsafe_settings_says_which_and_how_to_mend_them() -> None:
    done = _run(GUNICORN, ALLOWED_HOSTS="*")

    assert done.returncode == 1
    assert "ALLOWED_HOSTS=* takes any Host header" in done.stderr
    assert "Name the hosts: ALLOWED_HOSTS=deploy.example.com" in done.stderr
    assert "Traceback" not in done.stderr
