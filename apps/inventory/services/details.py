"""What AWS tells of one group beyond what is kept of all: read when somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.cloud.aws import alarms, autoscaling, launch_templates, scaling
from apps.cloud.aws.together import together
from apps.cloud.errors import Invalid, NotFound
from apps.cloud.values import Activity, AlarmState, GroupExtras, LaunchTemplateVersion, Target
from apps.inventory.models import Group
from apps.inventory.services.clock import database_time

ACTIVITIES = 20


@dataclass(frozen=True)
class GroupDetails:
    """One group as AWS shows it at `read_at`. `launches` is None where no launch template version can be read."""

    read_at: datetime
    extras: GroupExtras
    alarms: tuple[AlarmState, ...]  # those of its policies
    activities: tuple[Activity, ...]  # newest first
    launches: LaunchTemplateVersion | None


def group_details(group: Group) -> GroupDetails:
    """Policies with their alarms, schedules, hooks, notifications, activities and launch template version.

    Six calls side by side, and one for the alarms. Raises NotFound when the group is gone, and other CloudErrors.
    """
    target, name, read_at = group.environment.target(group.region), group.name, database_time()
    with together() as ask:
        reading = ask(scaling.describe_policies, target, name)
        hooks = ask(scaling.describe_hooks, target, name)
        schedules = ask(scaling.describe_schedules, target, name)
        notifications = ask(scaling.describe_notifications, target, name)
        activities = ask(autoscaling.describe_activities, target, name, ACTIVITIES)
        version = ask(_launches, target, group.launch_template_id, group.launch_template_version)
        policies = reading.result()
        names = {alarm["AlarmName"] for policy in policies for alarm in policy.get("Alarms", ())}
        found = alarms.describe_alarms(target, sorted(names)) if names else ()
        extras = GroupExtras(hooks.result(), policies, schedules.result(), notifications.result())
        return GroupDetails(read_at, extras, found, activities.result(), version.result())


def _launches(target: Target, template: str, version: str) -> LaunchTemplateVersion | None:
    """The version; None when the group has no template, or that was deleted."""
    if not template:
        return None
    try:
        return launch_templates.launch_template_version(target, template, version)
    except (NotFound, Invalid):
        return None
