"""What is wrong with a user data template, field by field, for every place that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.inventory.models import Environment
from apps.inventory.selectors.user_data import Spot
from apps.inventory.services.validation import Errors
from apps.inventory.user_data import Template, Unrenderable, known
from apps.inventory.user_data.identity import NAMES
from apps.inventory.user_data.language import NAME

NEEDED = "Say why: a change of user data is recorded with its reason."
LONGEST_TEXT = 65_536  # characters of a template; what comes out of it is checked by AWS's own limit
LONGEST_VALUE, MOST_VALUES = 1000, 100
LONGEST_PREFIX = 32


def check(template: Template, reason: str, places: Sequence[Spot]) -> None:
    """Raises ValidationError naming each field: text, prefix, reason, or variables by environment."""
    errors = Errors()
    if not reason.strip():
        errors.add("reason", NEEDED)
    if template.prefix and (len(template.prefix) > LONGEST_PREFIX or not NAME.fullmatch(template.prefix)):
        errors.add("prefix", f"A prefix is letters, digits and _, at most {LONGEST_PREFIX}, as CLOUD_.")
    for field, problem in _in_text(template.text):
        errors.add(field, problem)
    for field, problem in _in_variables(template):
        errors.add(field, problem)
    errors.raise_if_any()
    for problem in _nowhere(template, places) if template.text else ():
        errors.add("text", problem)
    errors.raise_if_any()


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    if text and not text.strip():
        yield "text", "It is blank. Write something, or leave it wholly empty to take the template away."
    if len(text) > LONGEST_TEXT:
        yield "text", f"It has {len(text)} characters; {LONGEST_TEXT} are allowed."
    if "\0" in text:
        yield "text", "A NUL is not allowed."
    if text.startswith("#!") and text.partition("\n")[0].endswith("\r"):
        yield "text", "Its lines end with CR LF, which no interpreter takes. End them with LF."


def _in_variables(template: Template) -> Iterator[tuple[str, str]]:
    environments = set(Environment.objects.values_list("name", flat=True)) if template.variables else set()
    for environment, own in template.variables.items():
        field = f"variables.{environment}"
        if environment not in environments:
            known_ones = ", ".join(sorted(environments)) or "none"
            yield field, f"There is no environment {environment}; known are {known_ones}."
        if len(own) > MOST_VALUES:
            yield field, f"{MOST_VALUES} variables are allowed; these are {len(own)}."
        for problem in _values(own, template.prefix):
            yield field, problem


def _values(own: Mapping[str, Any], prefix: str) -> Iterator[str]:
    taken = {each.name for each in known()}
    exported = {f"{prefix}{name.upper()}" for name in NAMES}
    for name, value in own.items():
        if not NAME.fullmatch(name):
            yield f"{name!r} is no name: letters, digits and _, no digit first, at most 64."
        elif name in taken or name in exported:
            yield f"{name} has a meaning already. Take another name."
        if not isinstance(value, str) or len(value) > LONGEST_VALUE or not _one_line(value):
            yield f"The value of {name} is not one line of text of at most {LONGEST_VALUE} characters."


def _one_line(value: str) -> bool:
    return not any(ord(char) < 32 or ord(char) == 127 for char in value.replace("\t", ""))


def _nowhere(template: Template, places: Sequence[Spot]) -> Iterator[str]:
    """Why no user data comes out, each problem once with the first place that has it."""
    told: dict[str, str] = {}
    for place in places:
        try:
            template.render(place.identity)
        except Unrenderable as error:
            for problem in error.problems:
                told.setdefault(problem, place.key)
    for problem, key in told.items():
        yield f"{problem} (For {key}.)"
