"""In a container of podman or docker, on a network that leads to the repository alone: somebody has to name that."""

from __future__ import annotations

import os
import re
import secrets
import selectors
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from apps.images.checks import commands, reach, roots
from apps.images.checks.base import Asked, Result, Way, register
from apps.images.checks.read import result

ENGINES = ("podman", "docker")
ANSWERS = 5.0  # seconds within which an engine must answer
MOST, KEPT = 4 << 20, 64 << 10  # bytes that are read, and kept of one part
BEAT = 0.25  # seconds
MARK = "deployconsole-check"
CAPABILITIES = """
    chown dac_override fowner fsetid kill setgid setuid net_bind_service sys_chroot setfcap
"""
BEGIN = """\
export ROOT= WORK=/tmp/.deployconsole-check HOME=/root LANG=C.UTF-8
mkdir -m 700 "$WORK"
say() { printf '\\n%s %s %s\\n' "$mark" "$1" "$2"; }
part() {
  say begin "$1"
  sh -c "$2" </dev/null 2>&1
  status=$?
  say "$1" "$status"
  return "$status"
}
well() {
  if command -v curl >/dev/null; then curl -sf -m 2 -o /dev/null "$1"
  elif command -v wget >/dev/null; then wget -q -T 2 -O /dev/null "$1"
  else python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' "$1" 2>/dev/null
  fi
}
answers() {
  left=$2
  until well "$1"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then return 1; fi
    sleep 1
  done
}"""


def why_not(asked: Asked) -> str:
    """Why no container can be used for it here."""
    network, engine = settings.PACKAGE_CHECK_NETWORK, _engine()
    if not network:
        return "PACKAGE_CHECK_NETWORK names no network of containers that leads to the repository alone."
    if not engine:
        return f"There is no {' or '.join(ENGINES)} here."
    try:
        reach.find(asked.recipe["repository"])
    except reach.CannotReachError as error:
        return str(error)
    if not _answers(engine, "version"):
        return f"{engine} is here, and no engine answers it."
    if not _answers(engine, "image", "inspect", image_of(asked)):
        return f"{engine} has no image {image_of(asked)}; pull it once."
    return ""


def check(asked: Asked, beat: Callable[[], None]) -> Result:
    """Installs the package in a container and asks whether it is well."""
    nonce = secrets.token_hex(8)
    engine = _engine()
    try:
        printed, in_time = _printed(run_command(engine, asked, nonce), script(asked, nonce), asked.seconds, beat)
    finally:
        subprocess.run([engine, "rm", "--force", f"{MARK}-{nonce}"], capture_output=True, timeout=60, check=False)
    return result(asked, list(parts(printed, nonce, in_time=in_time)))


def image_of(asked: Asked) -> str:
    """The image of the distribution: debian-12 is debian:12."""
    return roots.wanted_by(asked).replace("-", ":", 1)


def run_command(engine: str, asked: Asked, nonce: str) -> list[str]:
    """What is run. It ends by itself, so that nothing of it outlives a worker that dies by more than its time."""
    limits = ["--memory", "1g", "--memory-swap", "1g", "--pids-limit", "200", "--cpus", "2"]
    may = ["--cap-drop", "all", *(word for name in CAPABILITIES.split() for word in ("--cap-add", name))]
    apart = ["--network", settings.PACKAGE_CHECK_NETWORK, "--security-opt", "no-new-privileges", *may, *limits]
    named = ["--rm", "--interactive", "--pull", "never", "--name", f"{MARK}-{nonce}"]
    inside = ["timeout", "-s", "KILL", str(int(asked.seconds)), "/bin/sh"]
    return [engine, "run", *named, *apart, image_of(asked), *inside]


def script(asked: Asked, nonce: str) -> str:
    """What the container's shell reads."""
    recipe = asked.recipe
    lines = [f"mark={shlex.quote(f'{MARK} {nonce}')}", BEGIN, f"part before {shlex.quote(commands.before())}"]
    lines += [f"part install {shlex.quote(commands.install(asked))} || exit 0"]
    lines += [f"part after {shlex.quote(commands.after())}"]
    if recipe["check_start"]:
        lines += [f'sh -c {shlex.quote(recipe["check_start"])} </dev/null >"$WORK/service" 2>&1 &']
    if recipe["check_path"]:
        url = f"http://127.0.0.1:{recipe['check_port']}{recipe['check_path']}"
        lines += ["say begin service", f"answers {shlex.quote(url)} {recipe['check_seconds']}", "status=$?"]
        lines += ['cat "$WORK/service" 2>/dev/null', 'say service "$status"', 'if [ "$status" != 0 ]; then exit 0; fi']
    if recipe["check_command"]:
        lines += [f"part command {shlex.quote(recipe['check_command'])}"]
    return "\n".join([*lines, "say end 0", ""])


def parts(printed: str, nonce: str, *, in_time: bool) -> Iterator[dict[str, Any]]:
    """What the script said of each part, as the other ways tell it."""
    before, *pieces = re.split(rf"\n{MARK} {nonce} (\S+) (\S+)\n", f"\n{printed}")
    begun, held = "", b""
    if pieces:
        yield {"part": "made"}
    for name, word, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if name == "begin":
            begun, held = word, text.encode()
            continue
        if name == "end":
            yield {"part": "end"}
            continue
        said = {"text": held[-KEPT:].decode(errors="replace"), "cut": max(len(held) - KEPT, 0)}
        problem = {"problem": "it did not answer well in time" if word != "0" else ""} if name == "service" else {}
        yield {"part": name, "status": int(word), **said, **problem}
        begun = ""
    if not pieces:
        yield {"part": "broken", "says": before.strip()[-300:] or "the engine said nothing"}
    elif begun and not in_time:
        yield {"part": begun, "status": -1, "text": held[-KEPT:].decode(errors="replace"), "cut": 0}
    if pieces and not in_time:
        yield {"part": "over", "why": "time"}


def _engine() -> str:
    return next((name for name in ENGINES if shutil.which(name)), "")


def _answers(engine: str, *words: str) -> bool:
    try:
        done = subprocess.run([engine, *words], capture_output=True, timeout=ANSWERS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _printed(command: list[str], told: str, seconds: float, beat: Callable[[], None]) -> tuple[str, bool]:
    """What it printed, and whether it ended in time."""
    until = time.monotonic() + seconds
    whole = b""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR") if name in os.environ}
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as process,
        selectors.DefaultSelector() as selector,
    ):
        try:
            assert process.stdin is not None  # noqa: S101 -- both are pipes
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(told.encode())
            process.stdin.close()
            selector.register(process.stdout, selectors.EVENT_READ)
            while time.monotonic() < until and len(whole) < MOST:
                beat()
                if selector.select(BEAT):
                    piece = os.read(process.stdout.fileno(), 65_536)
                    if not piece:
                        return whole.decode(errors="replace"), True
                    whole += piece
        finally:
            process.kill()
    return whole.decode(errors="replace"), False


register(Way("engine", "a container", 10, why_not, check))
