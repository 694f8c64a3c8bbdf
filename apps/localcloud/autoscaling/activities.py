"""Scaling activities: what was done to a group, when and why, in AWS's own manner of telling it."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from apps.localcloud.cloud import now


@dataclass
class Activity:
    group: str
    description: str
    cause: str
    details: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid4()))
    started: datetime = field(default_factory=now)
    ended: datetime | None = None
    status: str = "InProgress"
    message: str = ""
    progress: int = 0

    def finish(self, status: str = "Successful", message: str = "") -> None:
        self.status, self.message, self.ended, self.progress = status, message, now(), 100

    def view(self, arn: str, deleted: bool = False) -> dict[str, Any]:
        """As DescribeScalingActivities shows it."""
        shown: dict[str, Any] = {
            "ActivityId": self.id,
            "AutoScalingGroupName": self.group,
            "AutoScalingGroupARN": arn,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": self.started,
            "EndTime": self.ended,
            "StatusCode": self.status,
            "StatusMessage": self.message or None,
            "Progress": self.progress,
            "Details": json.dumps(self.details),
            "AutoScalingGroupState": "Deleted" if deleted else None,
        }
        return {key: value for key, value in shown.items() if value is not None}


def stamp(moment: datetime | None = None) -> str:
    """A moment as the sentences of a Cause write it."""
    return (moment or now()).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(activities: deque[Activity], activity: Activity) -> Activity:
    """Puts a new activity first."""
    activities.appendleft(activity)
    return activity
