"""Answers as AWS gives them when it is behind: what was so before the last change, a group or tags not there yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tests.faults.calls import Call

Answer = Mapping[str, Any]

# What is eventually consistent on AWS; the list that is still empty where nothing was shown before. Of instances only
# those that are looked for by their launch: what reads them by id has been told of them.
_LISTS = {
    "DescribeAutoScalingGroups": "AutoScalingGroups",
    "DescribeImages": "Images",
    "DescribeInstances": "Reservations",
    "DescribeLaunchTemplateVersions": "LaunchTemplateVersions",
    "DescribeListeners": "Listeners",
    "DescribeRules": "Rules",
    "DescribeTargetHealth": "TargetHealthDescriptions",
    "DescribeTargetGroups": "TargetGroups",
    "DescribeInstanceHealth": "InstanceStates",
    "DescribeScalingActivities": "Activities",
}
_GROUPS, _INSTANCES = "DescribeAutoScalingGroups", "DescribeInstances"
SHOWN_LATE = 3  # reads of one name for which AWS is behind


def goes_stale(call: Call) -> bool:
    """Whether what a call reads is eventually consistent."""
    return call.operation in _LISTS and (call.operation != _INSTANCES or "client-token" in call.asked)


def has_tags(operation: str) -> bool:
    return operation == _GROUPS


def untagged(answer: Answer) -> Answer:
    """Groups without their tags."""
    behind = deepcopy(dict(answer))
    for group in behind["AutoScalingGroups"]:
        group["Tags"] = []
    return behind


class Memory:
    """The true answers of a run, by what was asked, each with the number of changes made before it."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[int, Answer]]] = defaultdict(list)
        self._changes = 0

    def keep(self, call: Call, answer: Answer) -> None:
        self._seen[_asked(call)].append((self._changes, answer))

    def copy(self) -> Memory:
        """One for a run that goes on from here, and then another way."""
        other = Memory()
        other._seen |= {asked: list(seen) for asked, seen in self._seen.items()}
        other._changes = self._changes
        return other

    def changed(self) -> None:
        """A change took effect: from now on all that was seen is behind."""
        self._changes += 1

    def behind(self, call: Call, answer: Answer) -> Answer:
        """What AWS showed before the last change; where it showed nothing of that kind yet: nothing."""
        older = [seen for changes, seen in self._seen[_asked(call)] if changes < self._changes]
        if older:
            return older[-1]
        return {**answer, _LISTS[call.operation]: []} if goes_stale(call) else answer


def _asked(call: Call) -> str:
    return f"{call.operation}/{call.asked}"
