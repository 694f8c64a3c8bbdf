"""In a container of podman or docker without a network, which is lent the way to its repository from outside.

Where the worker may not enter a container's network, somebody has to name one that leads to the repositories alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from apps.images.checks import commands, containers, reach, roots
from apps.images.checks.base import Asked, Result, Way, register
from apps.images.checks.reach import Reached
from apps.images.checks.read import result

KEPT = 64 << 10  # bytes that are kept of what one part prints
# What else the image knows to install from cannot be reached, and would fail. Never on a machine that is no container.
ALONE = """\
if [ -e /run/.containerenv ] || [ -e /.dockerenv ]; then
  rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/yum.repos.d/*
fi"""
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
    engine = containers.installed()
    if not engine:
        return f"There is no {' or '.join(containers.ENGINES)} here."
    try:
        reach.find(asked.recipe["repository"])
    except reach.CannotReachError as error:
        return str(error)
    if not containers.asked(engine, "version"):
        return f"{engine} is here, and no engine answers it."
    image = image_of(asked)
    if not containers.asked(engine, "image", "inspect", image):
        return f"{engine} has no image {image}; pull it once."
    problem = "" if settings.PACKAGE_CHECK_NETWORK else containers.kept_out(engine, image)
    return f"{engine} is here, and no container can be used: {problem}." if problem else ""


def check(asked: Asked, beat: Callable[[], None]) -> Result:
    """Installs the package in a container and asks whether it is well."""
    reached = Reached() if settings.PACKAGE_CHECK_NETWORK else reach.find(asked.recipe["repository"])
    with containers.started(containers.installed(), asked.seconds, image_of(asked), reached) as container:
        try:
            in_time = containers.carry_out(container, script(asked, container.mark), beat)
        except containers.NotLentError as error:
            return result(asked, [{"part": "broken", "says": str(error)}])
        return result(asked, list(parts(container.printed.decode(errors="replace"), container.mark, in_time=in_time)))


def image_of(asked: Asked) -> str:
    """The image of the distribution: debian-12 is debian:12."""
    return roots.wanted_by(asked).replace("-", ":", 1)


def script(asked: Asked, mark: str) -> str:
    """What the container's shell is told."""
    recipe = asked.recipe
    alone = [] if settings.PACKAGE_CHECK_NETWORK else [ALONE]
    lines = [f"mark={shlex.quote(mark)}", BEGIN, *alone, f"part before {shlex.quote(commands.before())}"]
    lines += [f"part install {shlex.quote(commands.install(asked))} || exit 0", "read -r _"]  # the way is shut by then
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


def parts(printed: str, mark: str, *, in_time: bool) -> Iterator[dict[str, Any]]:
    """What the script said of each part, as the other ways tell it."""
    before, _, rest = f"\n{printed}".partition(f"\n{mark} ready 0\n")
    pieces = re.split(rf"\n{mark} (\S+) (\S+)\n", rest)[1:]
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


register(Way("engine", "a container", 10, why_not, check))
