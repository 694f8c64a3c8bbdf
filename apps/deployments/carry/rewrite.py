"""Making what names the serving group, or its target groups, name the next one's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

GROUP = "AutoScalingGroupName"  # the dimension by which metrics are a group's
LONGEST_NAME = 255


def renamed(value: Any, old: str, new: str) -> Any:
    """A description in which the dimension of group `old` names group `new`, and so do metric expressions."""
    if isinstance(value, Mapping):
        if value.get("Name") == GROUP and value.get("Value") == old:
            return {**value, "Value": new}
        return {
            member: _in_words(each, old, new)
            if member == "Expression" and isinstance(each, str)
            else renamed(each, old, new)
            for member, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [renamed(each, old, new) for each in value]
    return value


def retargeted(value: Any, target_groups: Mapping[str, str]) -> Any:
    """A description in which labels and dimensions of one target group name the other: old ARN to new ARN.

    Both hold the last part of the ARN: "targetgroup/NAME/ID".
    """
    return _texts(value, lambda text: _replaced(text, {_label(old): _label(new) for old, new in target_groups.items()}))


def plain(value: Any) -> Any:
    """A description as JSON can keep it: times as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {member: plain(each) for member, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def derived_name(name: str, old: str, new: str) -> str:
    """The name of a copy: the group's name in it replaced, or put behind it; at most 255 characters, as AWS allows."""
    made = name.replace(old, new) if old in name else f"{name} {new}"
    if len(made) <= LONGEST_NAME:
        return made
    digest = hashlib.sha256(made.encode()).hexdigest()[:8]
    return f"{made[: LONGEST_NAME - 9]}-{digest}"


def _in_words(text: str, old: str, new: str) -> str:
    """The text with the group's whole name replaced: api-prod-v01 is not in api-prod-v012, nor in my-api-prod-v01."""
    return re.sub(rf"(?<![\w.-]){re.escape(old)}(?!\w)", lambda _: new, text)


def _label(arn: str) -> str:
    return arn.rpartition(":")[2]


def _replaced(text: str, labels: Mapping[str, str]) -> str:
    for old, new in labels.items():
        text = text.replace(old, new)
    return text


def _texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {member: _texts(each, change) for member, each in value.items()}
    return [_texts(each, change) for each in value] if isinstance(value, list | tuple) else value
