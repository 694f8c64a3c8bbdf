"""What tests of the throwaway root share: starting it, as root and as not, and looking at it from outside."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.conf import settings

from apps.images.checks.ways.namespace import PROGRAM, USER
from apps.images.sandbox.told import Told
from tests.world import wait_for

NOBODY = 65534
SANDBOX = Path("apps/images/sandbox")


def _readable() -> str:
    """A folder with the sandbox's files that anybody may read: the checkout may lie in one of its owner alone."""
    folder = Path(mkdtemp(prefix="dc-sandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(settings.BASE_DIR / SANDBOX, folder / SANDBOX, ignore=shutil.ignore_patterns("__pycache__"))
    for package in (SANDBOX.parent, SANDBOX.parent.parent):
        shutil.copy(settings.BASE_DIR / package / "__init__.py", folder / package)
    folder.chmod(0o755)
    return str(folder)


COMMAND = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", PROGRAM, _readable()]  # no virtual environment's
MARK = "check-of-the-throwaway-root"  # found in the command line of what is started inside
MODES = ["root", "anybody"] if os.geteuid() == 0 else ["anybody"]
Inside = Callable[..., dict[str, dict[str, Any]]]


def told(install: str, mode: str, **members: Any) -> Told:
    """What the program is told; what is not given is left out."""
    values: dict[str, Any] = {
        "parent": os.getpid(),
        "user": USER if mode == "root" else 0,
        "seconds": 20.0,
        "base": "/",
        "whole": False,
        "records": (),
        "host": "",
        "port": 0,
        "addresses": (),
        "pip": -1,
        "before": "",
        "install": install,
        "after": "",
        "start": "",
        "path": "",
        "service_port": 0,
        "command": "",
        "patience": 5.0,
    }
    return Told(**{**values, **members})


def who(mode: str) -> dict[str, Any]:
    """As whom the program is started: a console that is not root is somebody else's."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if mode == "anybody" and os.geteuid() == 0 else {}


def python(*lines: str) -> str:
    """A command that runs these lines of Python."""
    return f"python3 - <<'END'\n{chr(10).join(lines)}\nEND\n"


def connects(*addresses: str) -> str:
    """Prints of each address, a Python expression, whether it can be connected to."""
    return python(
        "import socket",
        f"for address in [{', '.join(addresses)}]:",
        "    made = socket.socket(socket.AF_UNIX if isinstance(address, (str, bytes)) else socket.AF_INET)",
        "    made.settimeout(2)",
        "    print(address, 'reached' if not made.connect_ex(address) else 'not reached')",
    )


@contextmanager
def listening(family: int, address: Any) -> Iterator[Any]:
    with socket.socket(family) as made:
        made.bind(address)
        made.listen()
        yield made.getsockname()


@contextmanager
def group(most: int) -> Iterator[Path | None]:
    """A control group whose processes may have so many bytes together; None where none can be made."""
    version2 = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    base = Path("/sys/fs/cgroup" if version2 else "/sys/fs/cgroup/memory")
    made = base / f"deployconsole-tests-{os.getpid()}"
    try:
        made.mkdir()
    except OSError:
        yield None
        return
    try:
        name = "memory.max" if version2 else "memory.limit_in_bytes"
        if (made / name).exists():
            (made / name).write_text(str(most))
            yield made
        else:
            yield None
    finally:
        wait_for(lambda: not (made / "cgroup.procs").read_text(), "the control group to be empty")
        made.rmdir()


def marked(text: str) -> list[int]:
    """The processes of this machine with the text as their program."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            program = (each / "cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if text.encode() in program:
            found.append(int(each.name))
    return found


def run(install: str, mode: str, **members: Any) -> dict[str, dict[str, Any]]:
    """Runs commands in a throwaway root; answers what each part came to."""
    given = told(install, mode, **members).packed()
    environment = {"SECRET_KEY": "of the console"}
    done = subprocess.run(
        COMMAND, input=given, env=environment, cwd="/", stdout=subprocess.PIPE, check=False, **who(mode)
    )
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert "broken" not in [line["part"] for line in lines], lines
    return {line["part"]: line for line in lines}


@pytest.fixture(params=MODES)
def inside(request: pytest.FixtureRequest) -> Inside:
    """As each who may start it."""
    return lambda install, **members: run(install, request.param, **members)
