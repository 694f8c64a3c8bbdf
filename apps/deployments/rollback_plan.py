"""The plan of a rollback: the recorded previous group comes to the present load and takes traffic again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from apps.cloud.values import GroupState
from apps.deployments import drivers, guard
from apps.deployments.errors import Finding
from apps.deployments.health import name_of
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation, version_of
from apps.deployments.strategies.parts import (
    give_traffic,
    keep_group,
    own_size,
    raise_group,
    release_size,
    take_traffic,
)
from apps.deployments.timing import boot_seconds
from apps.workflows.counting import instances
from apps.workflows.plans import PlannedStep

PUSH = "Push the version that it had instead."
GONE = "gone"  # the code of the finding that AWS does not show the group to go back to
HEALTHY_WITHIN = 900.0  # seconds until a group that takes traffic again must be wholly healthy


@dataclass(frozen=True)
class Back:
    """Where a rollback goes: the group as it was recorded, and what it took its traffic from.

    `leaving` is the group that the push put in its place.
    """

    name: str
    leaving: str
    arn: str
    sources: tuple[str, ...]
    image_gone: str = ""  # why it could not launch an instance any more, if so
    missing: tuple[str, ...] = ()  # those of the sources that no longer exist
    driver: str = drivers.SHARED  # by which the group was taken out of traffic
    pairs: Mapping[str, str] = field(default_factory=dict)  # its own target groups to those that took over, if so


def plan(situation: Situation, back: Back) -> Preview:
    """What the rollback would do, and what speaks against it; `situation.from_image` is the one that leaves."""
    findings = tuple(_findings(situation, back))
    group, leaving = situation.group(back.name), situation.group(back.leaving)
    if group is None or leaving is None or any(finding.final for finding in findings):
        return Preview(f"Roll {situation.cluster} back to {back.name}", (), findings, to_group=back.name)
    size = _size(group, leaving)
    return Preview(
        sentence=f"Roll {situation.cluster} back to {back.name}, {instances(size)}",
        steps=tuple(_steps(situation, back, group, leaving, size)),
        findings=findings,
        from_group=leaving.name,
        to_group=group.name,
        from_version=version_of(situation.from_image),
        to_version=version_of(situation.image),
        from_image=situation.from_image.id if situation.from_image else "",
        to_image=situation.image.id if situation.image else "",
        from_size=len(leaving.in_service),
        to_size=size,
    )


def _findings(situation: Situation, back: Back) -> Iterator[Finding]:
    group = situation.group(back.name)
    if group is None or group.arn != back.arn:
        yield Finding("refuse", GONE, f"{back.name}, the group to go back to, no longer exists. {PUSH}", back.name)
    elif group.status:
        yield Finding("refuse", "being-deleted", f"{back.name} is being deleted ({group.status}). {PUSH}", back.name)
    elif not back.sources:
        yield Finding("refuse", "not-recorded", f"It is not recorded where {back.name} took its traffic from. {PUSH}")
    elif back.missing:
        names = ", ".join(map(name_of, back.missing))
        text = f"{back.name} took its traffic from {names}, which no longer exists. {PUSH}"
        yield Finding("refuse", "target-group-gone", text, back.missing[0])
    elif back.image_gone:
        yield _cannot_launch(situation, back, group)
    yield from _other_findings(situation, back)
    leaving = situation.group(back.leaving)
    if group and leaving:
        yield from guard.zones_lost(situation.policy, leaving, group, _size(group, leaving))


def _cannot_launch(situation: Situation, back: Back, group: GroupState) -> Finding:
    """Refuses where instances would have to be launched; where enough stand by, it is only worth a warning."""
    leaving = situation.group(back.leaving)
    if len(group.in_service) < _size(group, leaving):
        return Finding("refuse", "cannot-launch", f"{back.name} can no longer serve: {back.image_gone}", back.name)
    text = f"{back.name} serves with the instances it has, but could launch no other: {back.image_gone}"
    return Finding("warn", "cannot-launch", text, back.name)


def _size(group: GroupState, leaving: GroupState | None) -> int:
    """How many instances the group shall have: as many as it has, or as the one that leaves needs."""
    return max(group.desired, leaving.desired, len(leaving.in_service)) if leaving else group.desired


def _other_findings(situation: Situation, back: Back) -> Iterator[Finding]:
    leaving = situation.group(back.leaving)
    others = sorted(set(situation.serving) - {back.name, back.leaving})
    if others:
        text = f"{' and '.join(others)} serves, which this push did not start; it is not known what to go back from. "
        text += "Take their traffic by hand, then look again."
        yield Finding("refuse", "others-serve", text)
    elif leaving is None or leaving.status:
        yield Finding(
            "refuse", "nothing-to-leave", f"{back.leaving}, the group to go back from, no longer exists. {PUSH}"
        )
    elif back.name in situation.serving and drivers.get(back.driver).idle(situation, leaving):
        yield Finding("refuse", "serves-already", f"{back.name} serves already.")
    elif not situation.serving:
        text = (
            f"No instance of {back.leaving} is healthy now; {back.name} is sized to its {instances(leaving.desired)}."
        )
        yield Finding("warn", "nobody-serves", text)


def _steps(
    situation: Situation, back: Back, group: GroupState, leaving: GroupState, size: int
) -> Iterator[PlannedStep]:
    driver = drivers.get(back.driver)
    place = {
        "environment": situation.environment,
        "region": situation.region,
        "cluster": situation.cluster,
        "driver": driver.slug,
    }
    yield raise_group(place, group, leaving)
    yield release_size(place, group)
    given = give_traffic(place, situation, group, leaving, back.sources, back.pairs)
    expected = 10 if size <= len(group.in_service) else boot_seconds(situation)
    yield replace(given, timeout_seconds=HEALTHY_WITHIN, expected_seconds=expected)
    taken = take_traffic(place, situation, leaving, group.name, HEALTHY_WITHIN)
    yield replace(taken, params={**taken.params, "pairs": dict(back.pairs)})
    yield own_size(place, group, leaving)
    yield keep_group(place, leaving.name, leaving.arn, None, "until the next push")
