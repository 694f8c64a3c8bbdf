"""What a forked process does to become an instance: boot, user data, service."""

from __future__ import annotations

import fcntl
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from apps.localcloud import prctl
from apps.localcloud.fleet import boundary, switch
from apps.localcloud.fleet.tree import take_tree
from apps.localcloud.interfaces import InstanceSpec

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PORT = "8080"
_ENVIRONMENT_FD = 9  # the highest that every shell can name
# It is kept free for that from the start. The script is sourced, so that its exports are the shell's own; they are told
# even when it ends by `exit`.
_SOURCE = f"trap 's=$?; trap - EXIT; env -0 >&{_ENVIRONMENT_FD}; exit $s' EXIT; . \"$1\" {_ENVIRONMENT_FD}>&-"


def become(spec: InstanceSpec, tree: Path, log: Path, server: int, running_fd: int) -> None:
    """Runs the instance to its end; SystemExit carries the status. `running_fd` hears when the service starts."""
    os.setsid()
    running_fd = fcntl.fcntl(running_fd, fcntl.F_DUPFD_CLOEXEC, _ENVIRONMENT_FD + 1)
    _redirect(log)
    say(f"boot: {spec.instance_id} on {spec.address}, image {spec.image.name}")
    prctl.die_with_parent(server)
    time.sleep(spec.boot_seconds)
    user = boundary.unprivileged_user()
    take_tree(spec.image, tree, user)
    boundary.confine(user)
    prctl.die_with_parent(server)  # again: the kernel forgets it when the user changes
    prctl.adopt_orphans()
    os.chdir(tree)
    environment = _environment(spec, tree)
    if spec.user_data.strip():
        environment = _run_user_data(spec, environment)
    say(f"cloud-init: finished, starting {spec.instance_id}'s service")
    os.environ.clear()
    os.environ.update(environment)
    os.write(running_fd, b"r")
    os.close(running_fd)
    _serve(tree)


def say(text: str) -> None:
    """A line on the instance's console."""
    now = datetime.now(UTC).strftime("%H:%M:%S.%f")[:-3]
    print(f"[{now}] {text}", flush=True)


def _redirect(log: Path) -> None:
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    for source, target in ((null, 0), (out, 1), (out, 2), (null, _ENVIRONMENT_FD)):
        os.dup2(source, target)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115 (a line at a time, for good)


def _environment(spec: InstanceSpec, tree: Path) -> dict[str, str]:
    path = f"{tree.parent / switch.FOLDER}:{PATH}"
    base = {"PATH": path, "HOME": str(tree), "LANG": "C.UTF-8", "SERVICE_ADDRESS": spec.address, "SERVICE_PORT": PORT}
    return base | dict(spec.environment)


def _run_user_data(spec: InstanceSpec, environment: dict[str, str]) -> dict[str, str]:
    """Runs the script and answers the environment it left; SystemExit when it fails."""
    say("cloud-init: running user data")
    with (
        tempfile.TemporaryFile(dir=".") as told,
        tempfile.TemporaryFile("w", dir=".") as script,  # of no name: nothing of it is left in an image made meanwhile
    ):
        script.write(spec.user_data)
        script.flush()
        os.dup2(told.fileno(), _ENVIRONMENT_FD)
        named = f"/proc/self/fd/{script.fileno()}"
        command = [_shell(spec.user_data), "-c", _SOURCE, "user-data", named]
        kept = [_ENVIRONMENT_FD, script.fileno()]
        status = subprocess.run(command, env=environment, pass_fds=kept, check=False).returncode
        if status:
            say(f"cloud-init: user data failed with status {status}")
            raise SystemExit(status if status > 0 else 128 - status)
        told.seek(0)
        os.close(_ENVIRONMENT_FD)
        pairs = (entry.partition(b"=") for entry in told.read().split(b"\0") if entry)
        return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def _shell(script: str) -> str:
    """Bash where the script asks for it and there is one, else the system's shell."""
    first = script.splitlines()[0]
    wants_bash = first.startswith("#!") and "bash" in first
    return "/bin/bash" if wants_bash and Path("/bin/bash").exists() else "/bin/sh"


def _serve(tree: Path) -> None:
    """Executes the tree's entry point in this process, with the standard library and the tree to import from."""
    sys.path[:] = [str(tree), *(one for one in sys.path if _is_standard(one))]
    sys.argv[:] = ["service.py"]
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    runpy.run_path(str(tree / "service.py"), run_name="__main__")


def _is_standard(path: str) -> bool:
    return Path(path).is_relative_to(sys.base_prefix) and "site-packages" not in path
