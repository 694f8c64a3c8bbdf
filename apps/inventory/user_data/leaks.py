"""What looks like a secret in a template. Whoever can run a command on an instance can read its user data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.inventory.user_data.language import holes
from apps.inventory.user_data.rendering import Template

_NAMED = re.compile(r"(?i)pass(word|wd|phrase)?(?![a-z])|secret|token|credential|(api|access|private)_?key")
_GIVEN = re.compile(r"^\s*(?:export\s+|-\s*)?([A-Za-z_][\w.-]*)\s*[=:]\s*(\S.*)$")
_LOOKS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_\w{30,}|://[^/\s:@]+:[^/\s@]+@"
)
_POINTS = re.compile(r"^[\"']?(?:arn:aws|ssm:|/|\$|https?://(?![^/\s]*@))")  # says where a secret is kept


def suspects(template: Template) -> tuple[str, ...]:
    """A sentence for each value that looks like a secret, which it names and does not tell."""
    return tuple(dict.fromkeys((*_in_text(template.text), *_in_variables(template))))


def _in_text(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        given = _GIVEN.match(line)
        if _LOOKS.search(line):
            yield f"Line {number} holds what looks like a key or a password."
        elif given and not holes(line) and _secret(given[1], given[2]):
            yield f"Line {number} gives {given[1]} a value, which looks like a secret."


def _in_variables(template: Template) -> Iterator[str]:
    for environment, values in sorted(template.variables.items()):
        for name, value in sorted(values.items()):
            if _secret(name, value) or _LOOKS.search(value):
                yield f"{name} in {environment} looks like a secret."


def _secret(name: str, value: str) -> bool:
    return bool(value.strip("\"' ")) and _NAMED.search(name) is not None and not _POINTS.match(value)
