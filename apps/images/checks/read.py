"""What the parts of a check come to, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apps.images.checks import commands
from apps.images.checks.base import Asked, Result
from apps.images.models import Gate

LAST = 300  # characters of a command's last words that a sentence repeats
MEMORY = "All of it together held more memory than a check may (1 GiB)."
ENDED = "It was ended from outside before its time; most likely it wanted too much of the machine."
TITLES = {"install": "Installing", "service": "The service", "command": "The command"}


def result(asked: Asked, lines: Sequence[dict[str, Any]]) -> Result:
    """`lines` are what the program inside told, in its order. What was not tried is skipped, not failed."""
    parts = {line["part"]: line for line in lines if "part" in line}
    log = "\n".join(_log(parts))
    cut = sum(int(part.get("cut", 0)) for part in parts.values())
    if "made" not in parts:  # nothing of the package was tried
        says = " ".join(str(line.get("says", "")) for line in lines)[:LAST].strip() or "it says nothing"
        return Result(Gate.Outcome.SKIPPED, f"Not offered here. The throwaway root was not made: {says}.")
    installed = commands.installed(parts.get("after", {}).get("text", ""))
    problem = _problem(asked, parts)
    outcome = Gate.Outcome.FAILED if problem else Gate.Outcome.PASSED
    return Result(outcome, problem or _well(asked), log, cut, installed)


def _problem(asked: Asked, parts: dict[str, dict[str, Any]]) -> str:
    """What failed; empty if nothing did."""
    what = f"{asked.package} {asked.version}"
    over = parts.get("over", {}).get("why", "")
    if over == "time":
        return f"It took longer than {asked.seconds:g} s. {_last(parts)}".strip()
    if over == "memory":
        return MEMORY
    if parts.get("install", {}).get("status", 0):
        return f"{what} could not be installed (status {parts['install']['status']}). {_last(parts)}".strip()
    if parts.get("service", {}).get("problem"):
        return f"{what} was installed, and is not well: {parts['service']['problem']}."
    if parts.get("command", {}).get("status", 0):
        return f"{what} was installed, and its check failed (status {parts['command']['status']}). {_last(parts)}"
    return "" if "end" in parts else ENDED


def _well(asked: Asked) -> str:
    recipe, said = asked.recipe, []
    if recipe["check_path"]:
        said.append(f"GET {recipe['check_path']} on port {recipe['check_port']} answered well")
    if recipe["check_command"]:
        said.append("its check succeeded")
    return f"Installed; {' and '.join(said) or 'the recipe names no health check'}."


def _last(parts: dict[str, dict[str, Any]]) -> str:
    """The last line that anything printed."""
    lines = [line.strip() for part in parts.values() for line in str(part.get("text", "")).splitlines()]
    found = [line for line in lines if line]
    return f"It says: {found[-1][:LAST]}" if found else ""


def _log(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, title in TITLES.items():
        part = parts.get(name)
        text = str((part or {}).get("text", "")).replace("\0", "").strip("\n")
        if part is not None and text:
            yield f"# {title}"
            yield text
