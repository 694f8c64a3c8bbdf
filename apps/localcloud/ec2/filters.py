"""EC2's Filters: all must hold, one value of each suffices, `*` and `?` stand for any characters."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from apps.localcloud.errors import AwsError

Subject = TypeVar("Subject")
# the values a subject has for a filter's name; any of them may match
Getter = Callable[[Subject], Iterable[str]]


def select(
    subjects: Iterable[Subject],
    filters: Sequence[Mapping[str, object]],
    getters: Mapping[str, Getter[Subject]],
    tags: Callable[[Subject], Mapping[str, str]],
) -> list[Subject]:
    """The subjects that pass every filter, in order. Raises AwsError for a filter that there is not."""
    wanted = [(str(one.get("Name")), _values(one)) for one in filters]
    for name, _ in wanted:
        if name not in getters and name not in ("tag-key", "tag-value") and not name.startswith("tag:"):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return [one for one in subjects if all(_passes(one, name, values, getters, tags) for name, values in wanted)]


def _values(one: Mapping[str, object]) -> list[str]:
    values = one.get("Values") or []
    return [str(value) for value in values] if isinstance(values, list) else []


def _passes(
    subject: Subject,
    name: str,
    values: list[str],
    getters: Mapping[str, Getter[Subject]],
    tags: Callable[[Subject], Mapping[str, str]],
) -> bool:
    if name.startswith("tag:"):
        value = tags(subject).get(name[4:])
        has: Iterable[str] = [] if value is None else [value]
    elif name == "tag-key":
        has = tags(subject).keys()
    elif name == "tag-value":
        has = tags(subject).values()
    else:
        has = getters[name](subject)
    return any(_matches(pattern, one) for one in has for pattern in values)


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).match(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def page(items: Sequence[Subject], params: Mapping[str, object], default: int) -> tuple[Sequence[Subject], str | None]:
    """One page of `items` and the token of the next; the token is the position. Raises AwsError for a bad token."""
    token = str(params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidNextToken", f"The token '{token}' is invalid")
    start = int(token)
    size = int(str(params.get("MaxResults") or default))
    following = start + size
    return items[start:following], str(following) if following < len(items) else None
