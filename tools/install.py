"""`python3 tools/install.py demo|dev`: .venv as one requirements file says, made or mended as needed.

Runs on the machine's own Python with its standard library only. A finished installation leaves a stamp (a hash of all
that went into it), so that the next call costs nothing; without the stamp everything is put right again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
OURS = ("apps", "deployconsole", "tests")


def main(wanted: str) -> int:
    """Installs the set `wanted`; answers the exit status."""
    if sys.version_info < OLDEST:
        print("Python 3.11 or newer is needed; this is " + sys.version.split()[0], file=sys.stderr)
        return 1
    with (ROOT / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(wanted)


def _install(wanted: str) -> int:
    if _stamped(wanted) or (wanted == "demo" and _stamped("dev")):
        return 0
    chosen = "dev" if _stamp("dev").exists() else wanted  # dev holds all of demo: never take a developer's tools away
    print(f"Installing requirements/{chosen}.txt into .venv (the first time takes up to a minute)", flush=True)
    try:
        _make_environment()
        _stamp(chosen).unlink(missing_ok=True)
        _sync(ROOT / "requirements" / f"{chosen}.txt")
        _install_ourselves()
        _compile()
    except subprocess.CalledProcessError as error:
        print(
            f"This command failed: {' '.join(map(str, error.cmd))}\nMend what it says above, then call make again;"
            " the installation goes on where it stopped.",
            file=sys.stderr,
        )
        return 1
    _stamp(chosen).write_text(_fingerprint(chosen))
    return 0


def _stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def _stamped(name: str) -> bool:
    stamp = _stamp(name)
    return stamp.exists() and stamp.read_text() == _fingerprint(name) and PYTHON.exists()


def _fingerprint(name: str) -> str:
    parts = (ROOT / "requirements" / f"{name}.txt", ROOT / "pyproject.toml", Path(__file__))
    digest = hashlib.sha256(str(ROOT).encode())
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def _make_environment() -> None:
    if _works():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, stdout=sys.stderr)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        version = ".".join(map(str, sys.version_info[:2]))
        print(
            f"Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python{version}-venv",
            file=sys.stderr,
        )
        raise subprocess.CalledProcessError(made.returncode, made.args)


def _works() -> bool:
    """Whether .venv holds a Python that is new enough and has pip: one half made or moved from elsewhere does not."""
    if not PYTHON.exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST} or sys.prefix != {str(VENV)!r})"
    return subprocess.run([PYTHON, "-c", probe], check=False, stderr=subprocess.DEVNULL).returncode == 0


def _sync(requirements: Path) -> None:
    """By uv, which is ten times quicker; by pip, where uv is not to be had or does not find its way to an index."""
    environment = _environment()
    try:
        _run(PYTHON, "-m", "pip", "install", "--quiet", "uv", env=environment)
        uv = [PYTHON, "-m", "uv", "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes"]
        _run(*uv, requirements, env=environment)
    except subprocess.CalledProcessError:
        print("uv did not manage; trying pip", file=sys.stderr, flush=True)
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--require-hashes", "--requirement"]
        _run(*pip, requirements, env=environment)


def _install_ourselves() -> None:
    """So that .venv/bin/deployconsole exists."""
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--editable"]
    _run(PYTHON, "-m", "pip", "install", *options, ROOT, env=_environment())


def _compile() -> None:
    """Once, for the many processes to come: uv leaves it to them, and by PYTHONDONTWRITEBYTECODE none keeps it.

    What some packages bring for other versions of Python cannot be compiled, and is not needed.
    """
    folders = [*VENV.glob("lib/python*/site-packages"), *(ROOT / name for name in OURS)]
    command = [PYTHON, "-m", "compileall", "-qq", "-j", "0", *folders]
    subprocess.run([str(part) for part in command], check=False, stdin=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    """uv must have a cache; where there is no home to keep it in, it lives in .venv."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    home = Path(environment.get("HOME") or "/nonexistent")
    kept = environment.get("UV_CACHE_DIR") or environment.get("XDG_CACHE_HOME")
    if not kept and not os.access(home, os.W_OK):
        environment |= {"UV_CACHE_DIR": str(VENV / "cache"), "PIP_NO_CACHE_DIR": "1"}
    return environment


def _run(*command: object, env: dict[str, str] | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
