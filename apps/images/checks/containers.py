"""Containers of podman or docker: started without a network, told what to do, lent one way out, and removed."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import re
import secrets
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from apps.images.checks.reach import Reached
from apps.images.sandbox.lend import OPEN
from apps.images.sandbox.told import Told

ENGINES = ("podman", "docker")
ANSWERS = 5.0  # seconds within which an engine must answer
TRIAL = 20.0  # seconds that a container which does nothing may take
MOST = 4 << 20  # bytes that are read of what it prints
BEAT = 0.25  # seconds
MARK = "deployconsole-check"
LENDS = "import sys; sys.path[:0] = sys.argv[1:]; from apps.images.sandbox.lend import main; main()"
CAPABILITIES = """
    chown dac_override fowner fsetid kill setgid setuid net_bind_service sys_chroot setfcap
"""
# All that the shell inside is told comes in one line, once the way to the repository is open.
WAITS = 'printf "\\n%s ready 0\\n" "$0"; read -r told; eval "$(printf %s "$told" | base64 -d)"'


class NotLentError(Exception):
    """A container could not be lent the way to its repository; the text says why."""


@dataclass
class Container:
    """One that was started: by what, under which name, what it may reach, until when, and what it printed so far."""

    engine: str
    mark: str
    reached: Reached
    until: float
    process: subprocess.Popen[bytes]
    printed: bytes = b""

    def hear(self, word: str, beat: Callable[[], None]) -> bool:
        """Reads until it says that this part is over, or to its own end; whether that came in time."""
        assert self.process.stdout is not None  # noqa: S101 -- it is a pipe
        said = re.compile(rf"\n{self.mark} {word} \d+\n".encode()) if word else None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while time.monotonic() < self.until and len(self.printed) < MOST:
                beat()
                if not selector.select(BEAT):
                    continue
                piece = os.read(self.process.stdout.fileno(), 65_536)
                self.printed += piece
                if not piece or (said and said.search(self.printed)):
                    return True
        return False

    def tell(self, line: bytes) -> None:
        """One line for the shell inside, which may have ended."""
        assert self.process.stdin is not None  # noqa: S101 -- it is a pipe
        with suppress(BrokenPipeError):
            self.process.stdin.write(line + b"\n")

    @property
    def pid(self) -> int:
        """Of its first process, as the engine has it; 0 where it has ended."""
        told = asked(self.engine, "inspect", "--format", "{{.State.Pid}}", self.mark)
        return int(told) if told.isdecimal() else 0


def installed() -> str:
    """The engine that is here; empty if none is."""
    return next((name for name in ENGINES if shutil.which(name)), "")


def asked(engine: str, *words: str) -> str:
    """What the engine answers; empty where it fails, or takes too long."""
    try:
        done = subprocess.run(
            [engine, *words], env=_environment(), capture_output=True, text=True, timeout=ANSWERS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()


def command(engine: str, seconds: float, image: str, mark: str, reached: Reached) -> list[str]:
    """What starts one. It ends by itself, so that nothing of it outlives a worker that dies by more than its time."""
    limits = ["--memory", "1g", "--memory-swap", "1g", "--pids-limit", "200", "--cpus", "2"]
    for name, most in {"fsize": Told.files, "nofile": 1024, "nproc": 4096, "core": 0}.items():
        limits += ["--ulimit", f"{name}={most}:{most}"]
    may = ["--cap-drop", "all", *(word for name in CAPABILITIES.split() for word in ("--cap-add", name))]
    hosts = ["--add-host", f"{reached.host}:127.0.0.1"] if reached.host and not _is_address(reached.host) else []
    network = ["--network", settings.PACKAGE_CHECK_NETWORK or "none", *hosts]
    named = ["--rm", "--interactive", "--pull", "never", "--name", mark]
    inside = ["timeout", "-s", "KILL", str(int(seconds)), "/bin/sh", "-c", WAITS, mark]
    return [engine, "run", *named, *network, "--security-opt", "no-new-privileges", *may, *limits, image, *inside]


@contextmanager
def started(engine: str, seconds: float, image: str, reached: Reached) -> Iterator[Container]:
    """A container for so many seconds; whatever happens, it is gone afterwards."""
    mark, pipe = f"{MARK}-{secrets.token_hex(8)}", subprocess.PIPE
    words, until = command(engine, seconds, image, mark, reached), time.monotonic() + seconds
    try:
        with subprocess.Popen(
            words, 0, env=_environment(), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
        ) as process:
            try:
                yield Container(engine, mark, reached, until, process)
            finally:
                process.kill()
    finally:
        gone = [engine, "rm", "--force", mark]
        subprocess.run(gone, env=_environment(), capture_output=True, timeout=60, check=False)


def carry_out(container: Container, told: str, beat: Callable[[], None]) -> bool:
    """Has its shell do what is told; whether that ended in time. Raises NotLentError.

    Once it says that `install` is over, nothing is reached any more; it waits for a line until then.
    """
    if not container.hear("ready", beat):
        return False
    with _lent(container):
        container.tell(base64.b64encode(told.encode()))
        in_time = container.hear("install", beat)
    container.tell(b"")
    return in_time and container.hear("", beat)


@cache
def kept_out(engine: str, image: str) -> str:
    """Why no container of the image can be lent a way out, found out by trying; empty if it can."""
    nowhere = Reached("127.0.0.1", 9, ("127.0.0.1",))
    with started(engine, TRIAL, image, nowhere) as container:
        container.hear("ready", lambda: None)
        printed = container.printed.decode(errors="replace").strip()
        if f"{container.mark} ready" not in printed:
            return printed[-300:] or "it does not start"
        try:
            with _lent(container):
                return ""
        except NotLentError as error:
            return str(error)


@contextmanager
def _lent(container: Container) -> Iterator[None]:
    """Within, what connects to the repository in there is connected to it out here. Raises NotLentError."""
    reached = container.reached
    if not reached.host:
        yield
        return
    told = {"parent": os.getpid(), "pid": container.pid, "mark": container.mark}
    way = {"host": reached.host, "port": reached.port, "addresses": reached.addresses}
    words, pipe = [sys.executable, "-I", "-S", "-c", LENDS, str(settings.BASE_DIR)], subprocess.PIPE
    with subprocess.Popen(words, 0, env={}, cwd="/", stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as lender:
        try:
            assert lender.stdin is not None  # noqa: S101 -- both are pipes
            assert lender.stdout is not None  # noqa: S101
            with suppress(BrokenPipeError):  # it ended at once, and says why
                lender.stdin.write(json.dumps({**told, **way}).encode() + b"\n")
            said = lender.stdout.readline().decode(errors="replace").strip()
            if said != OPEN:
                raise NotLentError(f"The way to the repository cannot be lent: {said or 'it says nothing'}")
            yield
        finally:
            lender.kill()


def _is_address(host: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


def _environment() -> dict[str, str]:
    """What an engine needs of the worker's environment, and nothing that is the console's."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR") if name in os.environ}
