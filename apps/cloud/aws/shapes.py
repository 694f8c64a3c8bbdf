"""Small readers of the shapes AWS's answers share: tags, chunks of a list, text that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Shape = Mapping[str, Any]


def tags(members: Iterable[Shape] | None) -> dict[str, str]:
    """`[{"Key": k, "Value": v}]` as a mapping."""
    return {member["Key"]: member.get("Value", "") for member in members or ()}


def tag_list(values: Mapping[str, str]) -> list[dict[str, str]]:
    """A mapping as AWS's list of tags."""
    return [{"Key": key, "Value": value} for key, value in values.items()]


def chunks(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, in lists of at most `size`."""
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]
