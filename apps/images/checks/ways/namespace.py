"""In namespaces of the kernel: as no user of the machine, without its network, in a root that is in memory."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.images.checks import commands, reach, roots
from apps.images.checks.base import Asked, Result, Way, register
from apps.images.checks.read import result
from apps.images.sandbox.told import Told

USER = 0x7000_0000  # the first of the ids that a worker of root lends; no distribution gives them to anybody
PROGRAM = "import sys; sys.path[:0] = sys.argv[1:]; from apps.images.sandbox.main import main; main()"
MOST = 4 << 20  # bytes that a check may tell
LATE = 5.0  # seconds beyond its time after which it is ended from here
BEAT = 0.25  # seconds


class NoNamespacesError(Exception):
    """This machine lets the worker make none; the text says why."""


def why_not(asked: Asked) -> str:
    """Why no package of this recipe can be checked so on this machine."""
    try:
        roots.find(asked)
        reach.find(asked.recipe["repository"])
        _kernel()
    except (roots.NoRootError, reach.CannotReachError, NoNamespacesError) as error:
        return str(error)
    return ""


def check(asked: Asked, beat: Callable[[], None]) -> Result:
    """Installs the package in a root of its own and asks whether it is well."""
    reached, root = reach.find(asked.recipe["repository"]), roots.find(asked)
    recipe = asked.recipe
    with _packed_pip(asked.provisioner.slug == "wheel" and not _has_pip(root)) as pip:
        told = _told(
            seconds=asked.seconds,
            base=str(root),
            whole=asked.provisioner.writes(asked.options),
            records=asked.provisioner.records,
            host=reached.host,
            port=reached.port,
            addresses=reached.addresses,
            pip=pip,
            before=commands.before(),
            install=commands.install(asked),
            after=commands.after(),
            start=recipe["check_start"],
            path=recipe["check_path"],
            service_port=recipe["check_port"],
            command=recipe["check_command"],
            patience=float(recipe["check_seconds"]),
        )
        return result(asked, _lines(told, beat))


def _told(**members: Any) -> Told:
    groups = tuple(settings.PACKAGE_CHECK_CGROUPS)
    return Told(parent=os.getpid(), user=USER if os.geteuid() == 0 else 0, cgroups=groups, **members)


@cache
def _kernel() -> None:
    """Finds out by trying whether the kernel lets us, once it did; what stands against it may pass, and is not kept.

    Raises NoNamespacesError.
    """
    nothing: dict[str, Any] = {"before": "", "install": "true", "after": "", "start": "", "path": "", "command": ""}
    told = _told(
        seconds=10.0,
        base="/",
        whole=False,
        records=(),
        host="",
        port=0,
        addresses=(),
        pip=-1,
        service_port=0,
        patience=0.0,
        **nothing,
    )
    lines = _lines(told, lambda: None)
    parts = [line.get("part") for line in lines]
    if parts[-1:] != ["end"]:
        problem = next((line["says"] for line in lines if line.get("says")), "it says nothing")
        raise NoNamespacesError(f"This machine lets the worker make no namespaces ({problem}).")


def _lines(told: Told, beat: Callable[[], None]) -> list[dict[str, Any]]:
    """Runs the program; answers what it told, part by part. It is gone afterwards, with all that it started."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(settings.BASE_DIR)]
    pipe = subprocess.PIPE
    passed = (told.pip,) if told.pip >= 0 else ()
    with subprocess.Popen(
        command, env={}, cwd="/", stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, pass_fds=passed
    ) as process:
        try:
            assert process.stdin is not None  # noqa: S101 -- both are pipes
            assert process.stdout is not None  # noqa: S101
            with suppress(BrokenPipeError):  # it ended at once, and says why
                process.stdin.write(told.packed())
                process.stdin.close()
            return list(_read(process.stdout.fileno(), time.monotonic() + told.seconds + LATE, beat))
        finally:
            process.kill()


def _read(output: int, until: float, beat: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Until the program closes its output, or should have."""
    whole = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while time.monotonic() < until and len(whole) < MOST:
            beat()
            if not selector.select(BEAT):
                continue
            piece = os.read(output, 65_536)
            if not piece:
                break
            whole += piece
    for line in whole.decode(errors="replace").splitlines():
        try:
            yield dict(json.loads(line))
        except (ValueError, TypeError):
            yield {"says": line}  # what no program of ours says: why it could not begin


@contextmanager
def _packed_pip(wanted: bool) -> Iterator[int]:
    """A file in memory with the console's own pip as one file, which a root without pip is given; -1 for none."""
    spec = find_spec("pip") if wanted else None
    if spec is None or spec.origin is None:
        yield -1
        return
    folder = Path(spec.origin).parent
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as packed:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix not in {".pyc", ".exe"}:
                    packed.write(path, path.relative_to(folder.parent))
        file.flush()
        file.seek(0)
        yield file.fileno()


def _has_pip(root: Path) -> bool:
    return any(root.glob("usr/lib/python3*/*-packages/pip")) or any(root.glob("usr/local/lib/python3*/*-packages/pip"))


register(Way("namespace", "namespaces of the kernel", 20, why_not, check))
