"""Steps that several plans have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from apps.cloud.values import GroupState, LaunchTemplateVersion
from apps.deployments import drivers, user_data
from apps.deployments.digests import digests
from apps.deployments.situation import Situation
from apps.deployments.strategies.push_options import PushOptions
from apps.deployments.timing import boot_seconds, drain_seconds, replace_seconds
from apps.workflows.counting import are, instances
from apps.workflows.plans import PlannedStep
from apps.workflows.timing import span

Where = dict[str, str]  # environment, region, cluster, driver (of the traffic)
SHRINKING = ["AlarmNotification", "AZRebalance", "ScheduledActions"]  # processes that could shrink a group
DELETED_WITHIN = 3600.0  # seconds until a person is asked why a group's instances do not end


def where(situation: Situation) -> Where:
    """The parameters that name the cluster a step acts on."""
    return {"environment": situation.environment, "region": situation.region, "cluster": situation.cluster}


def template_version(situation: Situation, template: LaunchTemplateVersion, group: str) -> PlannedStep:
    """The step that makes a version of the launch template with the image that shall serve, for `group`."""
    image = situation.image
    assert image is not None  # noqa: S101 -- a plan without an image has no steps
    told = user_data.params(situation, group)
    changes = f"ImageId {template.image_id} → {image.id}{user_data.words(situation, group)}"
    new = f"a version of launch template {template.name} from version {template.version}"
    return PlannedStep(
        "create-template-version",
        f"Create {new}",
        {
            **where(situation),
            "template": template.id,
            "source_version": template.version,
            "image": image.id,
            "token": situation.token,
            "members": digests({**template.data, **user_data.member(told)}),
            **told,
        },
        (f"CreateLaunchTemplateVersion: {new}, {changes}",),
        expected_seconds=1,
    )


def soak(place: Where, options: PushOptions, name: str) -> PlannedStep:
    """The step that watches a group for a while."""
    return PlannedStep(
        "soak",
        f"Watch {name} for {span(options.soak_seconds)}",
        {
            **place,
            "group": name,
            "seconds": options.soak_seconds,
            "undo": options.undo_when_unhealthy,
            "unhealthy_for": options.unhealthy_for_seconds,
            "alarms": list(options.watched),
        },
        expected_seconds=options.soak_seconds,
    )


def take_traffic(place: Where, situation: Situation, group: GroupState, stays: str, patience: float) -> PlannedStep:
    """The step that takes a group out of traffic, once the one that stays is wholly healthy, and holds it at its size.

    `patience` is how many seconds that may take, beside the drain.
    """
    drain = drain_seconds(situation, group)
    return PlannedStep(
        "take-traffic",
        f"Take traffic from {group.name}",
        {
            **place,
            "group": group.name,
            "stays": stays,
            "sources": list(group.registered_with),
            "drain_seconds": drain,
            "processes": SHRINKING,
        },
        (
            f"SuspendProcesses: {', '.join(SHRINKING)} of {group.name}, which would shrink it without load",
            *drivers.get(place["driver"]).take_words(situation, group, stays),
        ),
        timeout_seconds=patience + 2 * drain + 60,
        expected_seconds=drain + 2,
    )


def replace_instances(
    situation: Situation, group: GroupState, wanted: dict[str, str], back: dict[str, str], batch: int, within: float
) -> PlannedStep:
    """The step that replaces a group's instances in place; `back` is where its undo goes."""
    size, version = len(group.in_service), wanted["version"] or "the new version"
    top = group.desired + batch
    rounds = math.ceil(size / batch) if batch else 1
    return PlannedStep(
        "replace-instances",
        f"Replace {instances(size)} of {group.name}, {batch} at a time",
        {
            **where(situation),
            "group": group.name,
            "wanted": wanted,
            "back": back,
            "batch": batch,
            "within": within,
        },
        (
            f"UpdateAutoScalingGroup: {group.name} launches {version}",
            f"UpdateAutoScalingGroup: {group.name} desired {group.desired} → {top}, max {max(group.max_size, top)}",
            f"TerminateInstanceInAutoScalingGroup: {instances(size)}, each once a new one is healthy",
        ),
        expected_seconds=replace_seconds(situation, group, rounds),
    )


def share_traffic(
    place: Where, situation: Situation, group: GroupState, takes: str, percent: float, patience: float
) -> PlannedStep:
    """The step that gives the group named `takes` a part of the traffic of `group`, once it is wholly healthy.

    `patience` is how many seconds that may take.
    """
    driver = drivers.get(place["driver"])
    return PlannedStep(
        "share-traffic",
        f"Give {takes} {percent:g} % of the traffic",
        {
            **place,
            "group": takes,
            "stays": group.name,
            "percent": percent,
            "sources": list(group.registered_with),
            "drain_seconds": drain_seconds(situation, group),
        },
        driver.share_words(situation, group, takes, percent),
        timeout_seconds=patience,
        expected_seconds=2,
    )


def raise_group(place: Where, group: GroupState, serving: GroupState) -> PlannedStep:
    """The step that brings a group that stood by to the load of the one that serves."""
    size = max(group.desired, serving.desired, len(serving.in_service))
    top = max(group.max_size, size)
    return PlannedStep(
        "raise-group",
        f"Bring {group.name} to the present load, {instances(size)}",
        {**place, "group": group.name, "as": serving.name},
        (f"UpdateAutoScalingGroup: {group.name} min {size}, desired {group.desired} → {size}, max {top}",),
        expected_seconds=1,
    )


def release_size(place: Where, group: GroupState) -> PlannedStep:
    """The step that has a group that stood by scale by itself; its min is held until it has its traffic."""
    return PlannedStep(
        "release-size",
        f"Let {group.name} scale by itself again",
        {**place, "group": group.name, "processes": SHRINKING},
        (f"ResumeProcesses: those of {', '.join(SHRINKING)} that were suspended",),
        expected_seconds=1,
    )


def give_traffic(
    place: Where,
    situation: Situation,
    group: GroupState,
    serving: GroupState,
    sources: Sequence[str],
    pairs: Mapping[str, str],
) -> PlannedStep:
    """The step that gives a group that stood by its traffic again."""
    return PlannedStep(
        "give-traffic",
        f"Give traffic to {group.name} again",
        {
            **place,
            "group": group.name,
            "arn": group.arn,
            "stays": serving.name,
            "sources": list(sources),
            "pairs": dict(pairs),
        },
        drivers.get(place["driver"]).give_words(situation, group, serving, sources),
    )


def own_size(place: Where, group: GroupState, serving: GroupState) -> PlannedStep:
    """The step that gives a group that stood by its own min and max again."""
    size = max(group.desired, serving.desired, len(serving.in_service))
    top = max(group.max_size, size)
    return PlannedStep(
        "restore-size",
        f"Give {group.name} its own min and max again",
        {**place, "group": group.name, "as": serving.name, "clip": False},
        (f"UpdateAutoScalingGroup: {group.name} min {group.min_size}, max {top}, desired {size} (now)",),
        expected_seconds=1,
    )


def withhold_traffic(place: Where, serving: GroupState, name: str) -> PlannedStep:
    """The step that keeps all traffic from the next group, before its first instance starts."""
    return PlannedStep(
        "withhold-traffic",
        f"Keep traffic from {name}",
        {**place, "group": name, "stays": serving.name},
        drivers.get(place["driver"]).withhold_words(serving, name),
        expected_seconds=1,
    )


def in_service(place: Where, situation: Situation, name: str, size: int, within: float, checked: bool) -> PlannedStep:
    """The step that waits, `within` seconds at most, until a group has so many instances, healthy if `checked`."""
    return PlannedStep(
        "wait-sized",
        f"Wait until {instances(size)} of {name} {are(size)} in service and healthy",
        {**place, "group": name, "size": size, "checked": checked},
        timeout_seconds=within,
        expected_seconds=boot_seconds(situation),
    )


def stand_by(place: Where, name: str, size: int) -> PlannedStep:
    """The step that has a group of so many instances, which never had traffic, stand by."""
    return PlannedStep(
        "stand-by",
        f"Have {name} stand by until the next push",
        {**place, "group": name, "size": size, "processes": SHRINKING},
        (f"SuspendProcesses: {', '.join(SHRINKING)} of {name}, which would shrink it without load",),
        expected_seconds=1,
    )


def keep_group(place: Where, name: str, arn: str, hours: float | None, until: str) -> PlannedStep:
    """The step that notes that a group stands by, and for how long (None: until the next push)."""
    return PlannedStep(
        "keep-group",
        f"Keep {name} {until}",
        {**place, "group": name, "arn": arn, "hours": hours},
        expected_seconds=0,
    )


def delete_group(place: Where, situation: Situation, name: str, arn: str, *, final: bool) -> PlannedStep:
    """The step that deletes a group out of traffic. `final`: there is no way back from here on."""
    return PlannedStep(
        "delete-group",
        f"Delete {name}",
        {
            **place,
            "group": name,
            "arn": arn,
            "in_rules": _in_rules(place, situation, name),
            "given": name in situation.given,
        },
        _deletion(situation, name),
        irreversible=final,
        timeout_seconds=DELETED_WITHIN,
        expected_seconds=10,
    )


def delete_older_group(place: Where, situation: Situation, name: str, arn: str) -> PlannedStep:
    """The step that has a group deleted that an earlier deployment kept; nothing here depends on it."""
    group = situation.group(name)
    stands = group is not None and group.arn == arn
    return PlannedStep(
        "delete-older-group",
        f"Delete {name}" if stands else f"Strike {name} off, which is gone",
        {
            **place,
            "group": name,
            "arn": arn,
            "gone": not stands,
            "in_rules": _in_rules(place, situation, name),
            "given": name in situation.given,
        },
        _deletion(situation, name) if stands else (),
        expected_seconds=1,
    )


def _in_rules(place: Where, situation: Situation, name: str) -> bool:
    """Whether a group that is to be deleted stands by in the rules, at weight 0, or will by then."""
    group = situation.group(name)
    if drivers.get(place.get("driver", drivers.SHARED)).exact:
        return True
    return group is not None and group != situation.serving_group and bool(group.target_groups)


def _deletion(situation: Situation, name: str) -> tuple[str, ...]:
    group = situation.group(name)
    return (f"DeleteAutoScalingGroup: {name} and its {instances(len(group.members) if group else 0)}",)
