"""What is wrong with one field of a recipe, in a sentence that says how to mend it; empty if nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.images.commits import wrong_address, wrong_git, wrong_pattern
from apps.images.models import Recipe
from apps.images.selectors import latest_base, pinned_base, standing_bases
from apps.images.services.bases import ARCHITECTURES, NAME

SHORTEST, LONGEST = 60, 86_400  # seconds that a builder may take


def _like(pattern: str, says: str) -> Callable[[Any], str]:
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        return "" if isinstance(value, str) and compiled.fullmatch(value) else says

    return check


def _list_of(pattern: str, says: str) -> Callable[[Any], str]:
    each_of = _like(pattern, says)

    def check(value: Any) -> str:
        if not isinstance(value, list):
            return f"A list is expected. {says}"
        problem = next(filter(None, map(each_of, value)), "")
        return problem or ("" if len(set(value)) == len(value) else "Something is named twice.")

    return check


def _architecture(value: Any) -> str:
    return "" if value in ARCHITECTURES else f"{value!r} is none of {', '.join(ARCHITECTURES)}."


def _options(value: Any) -> str:
    return "" if isinstance(value, Mapping) else 'Options are given by name, as {"target": "/srv/app"}.'


def _timeout(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if whole and SHORTEST <= value <= LONGEST else f"Give {SHORTEST} to {LONGEST} seconds."


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "This is true or false."


def _number(least: int, most: int, what: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole and least <= value <= most else f"Give {least} to {most}, the {what}."

    return check


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.isprintable() else "This is text of one line."


def _text_that(wrong: Callable[[str], str]) -> Callable[[Any], str]:
    """Text of one line of which something else knows what is wrong with it."""

    def check(value: Any) -> str:
        return _text(value) or wrong(value)

    return check


_SUBNET = "A subnet is written as subnet-0123456789abcdef0."
_GROUP = "A security group is written as sg-0123456789abcdef0."
_BUCKET = "A bucket's name has 3 to 63 lower-case letters, digits, '.' and '-'."
_ROOT = "A distribution is written as debian-12; host: as the console's own machine."
_BASE = "A base image's name is 1 to 64 lower-case letters, digits, '.', '_' and '-', as debian-12."

CHECKS: Mapping[str, Callable[[Any], str]] = {
    "environment": _text,
    "region": _text,
    "copies": _list_of(r"[a-z0-9-]+", "A region is written as eu-west-1."),
    "base": _like(NAME.pattern, _BASE),
    "base_pinned": _like(r"(ami-[0-9a-f]{8,17})?", "An AMI is written as ami-0123456789abcdef0; empty for the latest."),
    "architecture": _architecture,
    "provisioner": _text,
    "repository": _text,
    "options": _options,
    "package": _text,
    "instance_type": _like(r"[a-z0-9-]+\.[a-z0-9-]+", "An instance type is written as t3.small."),
    "subnet": _like(r"(subnet-[0-9a-f]{8,17})?", f"{_SUBNET} Empty for the region's default one."),
    "security_groups": _list_of(r"sg-[0-9a-f]{8,17}", _GROUP),
    "instance_profile": _like(r"[\w+=,.@:/-]{0,255}", "An instance profile is a name or an ARN."),
    "bucket": _like(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?", f"{_BUCKET} Empty where there is none."),
    "timeout_seconds": _timeout,
    "gates": _list_of(r"[\w .:/-]{1,64}", "A gate is named as CI names it, as unit."),
    "git": _text_that(wrong_git),
    "ticket_pattern": _text_that(wrong_pattern),
    "ticket_url": _text_that(wrong_address),
    "check_first": _flag,
    "check_root": _like(r"([a-z0-9][a-z0-9._-]{0,63})?", f"{_ROOT} Empty: as the base image is called."),
    "check_start": _text,
    "check_path": _like(r"(/[!-~]{0,254})?", "A path begins with /, as /health; empty where nothing is asked."),
    "check_port": _number(1, 65_535, "port"),
    "check_command": _text,
    "check_seconds": _number(1, 40, "seconds"),
}


def where_problems(row: Recipe) -> dict[str, str]:
    """What is wrong with the place of a recipe that is complete: field to sentence."""
    return dict(_where(row))


def base_problem(row: Recipe) -> str:
    """Why nothing can be baked upon the base image that a recipe names, with those that can be; empty if it can."""
    if latest_base(row.environment.name, row.region, row.base, row.architecture):
        return ""
    others = standing_bases(row.environment.name, row.region, row.architecture)
    place = f"{row.architecture} in {row.environment} {row.region}"
    known = f"approved there are {', '.join(others)}" if others else "none is approved there"
    return f"No base image {row.base} is approved for {place}; {known}. Approve it first, or name another."


def _where(row: Recipe) -> Iterator[tuple[str, str]]:
    environment, regions = row.environment, row.environment.regions
    if row.region not in regions:
        yield "region", f"{environment} has no region {row.region}; it has {', '.join(regions)}."
    unknown = [each for each in row.copies if each not in regions]
    if unknown:
        yield "copies", f"{environment} has no region {unknown[0]}; it has {', '.join(regions)}."
    if row.region in row.copies:
        yield "copies", f"The image is made in {row.region}; only other regions get a copy."
    if row.base_pinned and not pinned_base(environment.name, row.region, row.base, row.architecture, row.base_pinned):
        yield "base_pinned", f"{row.base_pinned} is no approved base image {row.base} for {row.architecture} there."
