"""Another size for a group: what is not named stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.cloud.values import GroupExtras, GroupState
from apps.deployments.errors import Finding, Invalid
from apps.deployments.guard import Loss
from apps.deployments.ledger import sizes
from apps.deployments.operations.base import (
    Operation,
    guarded,
    load_with,
    nothing,
    other,
    others_serve,
    register,
    where,
)
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.timing import boot_seconds
from apps.workflows.counting import are, instances
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

MEMBERS = {"min": "MinSize", "desired": "DesiredCapacity", "max": "MaxSize"}
SHRINKS_WITHIN = 600.0  # seconds until a step fails that the traffic guard holds back


@dataclass(frozen=True)
class Sizes:
    """An empty one stays as it is."""

    min: int | None = option(None, "Min", "Auto Scaling never goes below it.", minimum=0, maximum=10_000)
    desired: int | None = option(None, "Desired", "How many instances it shall have now.", minimum=0, maximum=10_000)
    max: int | None = option(None, "Max", "Auto Scaling never goes above it.", minimum=0, maximum=10_000)
    healthy_within_seconds: int = option(
        900,
        "Healthy within",
        "When not every instance of a larger group is in service and healthy by then, its size goes back.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )


def current(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """Its sizes."""
    del extras, part
    return {name: str(value) for name, value in sizes(group).items()}


def plan(situation: Situation, group: GroupState, options: Sizes) -> Preview:
    """The size is set, and when the group grows, its instances are waited for."""
    now = sizes(group)
    given = {name: getattr(options, name) for name in MEMBERS if getattr(options, name) is not None}
    wanted = {**now, **given}
    _check(now, wanted, given)
    words = [f"{name} {now[name]} → {wanted[name]}" for name in MEMBERS if wanted[name] != now[name]]
    changed = {MEMBERS[name]: value for name, value in given.items() if value != now[name]}
    was = {MEMBERS[name]: now[name] for name in given if MEMBERS[name] in changed}
    steps = (
        PlannedStep(
            "change-group",
            f"Resize {group.name}: {', '.join(words)}",
            {**where(situation, group), "members": changed, "was": was, **other(situation, group)},
            (f"UpdateAutoScalingGroup: {group.name} {', '.join(words)}",),
            timeout_seconds=SHRINKS_WITHIN,
            expected_seconds=1,
        ),
        *_waited_for(situation, group, now, wanted, options),
    )
    sentence = f"Resize {group.name}: {', '.join(words) or 'as it is'}"
    findings = tuple(_findings(situation, group, now, wanted))
    shrinks = wanted["desired"] < now["desired"] and group.name in situation.serving
    return Preview(
        sentence,
        steps if words else (),
        findings,
        from_group=group.name,
        from_size=now["desired"],
        to_size=wanted["desired"],
        at_stake=f"{group.name} serves, and gets smaller." if shrinks else "",
    )


def _check(now: Mapping[str, int], wanted: Mapping[str, int], given: Mapping[str, int]) -> None:
    """Raises Invalid where min, desired and max would not be in order; it names what was asked for."""
    for low, high in (("min", "desired"), ("desired", "max"), ("min", "max")):
        if wanted[low] > wanted[high]:
            field, other, less = (low, high, "at most") if low in given else (high, low, "at least")
            kept = "" if other in given else f", which stays {now[other]} unless you change it too"
            text = f"{field} can be {less} {other}, {wanted[other]}{kept}."
            raise Invalid({f"options.{field}": [text]})


def _waited_for(
    situation: Situation, group: GroupState, now: Mapping[str, int], wanted: Mapping[str, int], options: Sizes
) -> Iterator[PlannedStep]:
    if (desired := wanted["desired"]) > now["desired"]:
        yield PlannedStep(
            "wait-sized",
            f"Wait until {instances(desired)} of {group.name} {are(desired)} in service and healthy",
            {**where(situation, group), "size": desired},
            timeout_seconds=float(options.healthy_within_seconds),
            expected_seconds=boot_seconds(situation),
        )


def _findings(
    situation: Situation, group: GroupState, now: Mapping[str, int], wanted: Mapping[str, int]
) -> Iterator[Finding]:
    if wanted == now:
        yield nothing(group, "has this size")
    if wanted["desired"] < now["desired"]:
        keeps, beside = wanted["desired"], others_serve(situation, group)
        load = load_with(keeps or now["desired"], beside)
        yield from guarded(situation, Loss(group, frozenset(), keeps, beside, load))
    if group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by for a rollback; the group that serves keeps its size."
        if wanted["desired"] < now["desired"]:
            text = f"{group.name} stands by for a rollback, which would have to wait until it has its instances again."
        yield Finding("warn", "stands-by", text, group.name)
    needed = {"AddToLoadBalancer", "Launch"} if group.name in situation.serving else {"Launch"}
    stopped = sorted(needed & set(group.suspended))
    if wanted["desired"] > now["desired"] and stopped:
        text = f"{' and '.join(stopped)} is suspended on {group.name}, so no instance would serve. Resume it first."
        yield Finding("refuse", "not-launched", text, group.name)


register(
    Operation(
        "resize",
        "Resize",
        "Sets its min, desired and max, and waits for new instances.",
        Sizes,
        plan,
        often=True,
        current=current,
    )
)
