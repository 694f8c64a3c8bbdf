"""Changes of one group by hand, one for each operation that the product has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from apps.deployments import drivers, operations, services
from apps.deployments.models import Deployment
from apps.deployments.requests import ChangeRequest
from apps.workflows.models import Step
from tests.deployments import rich
from tests.faults.operations import CANCEL, FOR_GOOD, SHARED, Operation, Prepare, register
from tests.faults.scenarios import acts
from tests.faults.watch import Watch
from tests.faults.workers import carry_on
from tests.faults.world import SIZE, World, settle
from tests.world import wait_for

COVERS = frozenset({"change"})
Options = Callable[[World], Mapping[str, Any]]


def _first(world: World) -> str:
    group = world.service.groups()[world.service.group]
    return min(str(member["InstanceId"]) for member in group["Instances"])


def _first_instance(world: World, *, shrink: bool) -> Mapping[str, Any]:
    return {"instance": _first(world), "shrink": shrink}


def change(world: World, operation: str, options: Options, group: str = "") -> Deployment:
    """Starts an operation on the first group, or the one named."""
    place = world.place
    request = ChangeRequest(
        place["environment"],
        place["region"],
        group or world.service.group,
        operation,
        dict(options(world)),
        acts.REASON,
        overrides=("guard-min-healthy",) if operation in {"terminate-instance", "detach-instance"} else (),
    )
    return services.change(request, actor=acts.ACTOR)


def _three(world: World) -> None:
    """The group serves with one instance more than it needs."""
    world.account.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=world.service.group, DesiredCapacity=SIZE + 1
    )
    watch = Watch(world.account, SIZE)
    wait_for(lambda: watch.capacity() == SIZE + 1, "the group to have grown")


def _full(world: World) -> None:
    """The group serves with as many instances as its max allows."""
    world.account.autoscaling.update_auto_scaling_group(AutoScalingGroupName=world.service.group, MaxSize=SIZE)


def _replacing(world: World) -> None:
    """An instance is being replaced: the group was given another."""
    _full(world)
    world.done.append(change(world, "replace-instance", ASKED["replace-instance"]))
    given = Step.objects.filter(run_id=world.done[-1].run_id, memory__sizing__to=SIZE + 1)
    carry_on(world.done[-1], given.exists)


def _resizing(world: World) -> None:
    """A group is being made larger, whose new instances are still waited for."""
    world.done.append(change(world, "resize", lambda _world: {"min": 2, "desired": 4}))
    acts.until_step(world.done[-1], "wait-sized")


def _kept(world: World) -> None:
    """The first group stands by after a push."""
    acts.pushed(world)


def _scaling(world: World) -> None:
    """The group has a step policy with an alarm, and a scheduled action."""
    scaling, group = world.account.autoscaling, world.service.group
    arn = scaling.put_scaling_policy(AutoScalingGroupName=group, PolicyName="out", **rich.STEP)["PolicyARN"]
    rich.put_alarm(world.service, f"{group}-busy", [arn])
    scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=group, ScheduledActionName="night", Recurrence="0 3 1 1 *", MinSize=1
    )


def _both(world: World) -> None:
    """Both groups serve after a push."""
    _kept(world)
    acts.succeeded(change(world, "enable-traffic", lambda _world: {}))


# what each is asked for; an operation that is not here is named by `operations.missing`
ASKED: Mapping[str, Options] = {
    "create-next": lambda world: {"image": world.service.images["1.1.0"]},
    "resize": lambda _world: {"min": 2, "desired": 3},
    "settings": lambda _world: {"health_check_grace_period": 77, "default_cooldown": 10},
    "processes": lambda _world: {"AZRebalance": "suspend", "ScheduledActions": "suspend"},
    "terminate-instance": partial(_first_instance, shrink=False),
    "replace-instance": lambda world: {"instance": _first(world)},
    "detach-instance": partial(_first_instance, shrink=False),
    "protect-instance": lambda world: {"instance": _first(world)},
    "delete-group": lambda _world: {},
    "enable-traffic": lambda _world: {},
    "disable-traffic": lambda _world: {},
    "schedule": lambda _world: {"schedule": "night", "desired": SIZE},
    "delete-schedule": lambda _world: {"schedule": "night"},
    "track-metric": lambda _world: {"policy": "cpu", "metric": "ASGAverageCPUUtilization", "target": 60.0},
    "scale-on-alarm": lambda _world: {"policy": "low", "when": "below", "threshold": 5.0, "by": -1},
    "switch-policy": lambda _world: {"policy": "out", "enabled": "no"},
    "delete-policy": lambda _world: {"policy": "out"},
}
# those whose calls depend on what moves the traffic
MOVING = (
    "create-next",
    "enable-traffic",
    "disable-traffic",
    "delete-group",
    "terminate-instance",
    "detach-instance",
    "replace-instance",
)
LIKE: Mapping[str, str] = {"switch-policy": "change-track-metric"}  # those that make no other calls

BEFORE: Mapping[str, Prepare] = {
    "delete-group": _kept,
    "enable-traffic": _kept,
    "disable-traffic": _both,
    "replace-instance": _full,
    "terminate-instance": _three,
    "detach-instance": _three,
    **dict.fromkeys(("schedule", "delete-schedule", "switch-policy", "delete-policy"), _scaling),
}


def _interrupted(world: World, slug: str) -> None:
    """A worker died right after the first thing that the operation changed; nobody went on yet."""
    BEFORE.get(slug, lambda _world: None)(world)
    settle(world)
    world.undone = world.account.state()
    world.done.append(change(world, slug, ASKED[slug]))
    acts.killed_after_a_change(world.done[-1])


for _slug in operations.all():
    if _slug in ASKED:
        register(
            Operation(
                f"change-{_slug}",
                Deployment.Kind.CHANGE,
                partial(change, operation=_slug, options=ASKED[_slug]),
                COVERS,
                prepare=BEFORE.get(_slug, lambda _world: None),
                like=LIKE.get(_slug, ""),
                grows=_slug == "disable-traffic",
            )
        )
for _slug in MOVING:
    for _driver in drivers.all():
        if _driver != SHARED:
            register(
                Operation(
                    f"change-{_slug}-{_driver}",
                    Deployment.Kind.CHANGE,
                    partial(change, operation=_slug, options=ASKED[_slug]),
                    COVERS,
                    prepare=BEFORE.get(_slug, lambda _world: None),
                    driver=_driver,
                    like=f"change-{_slug}",
                    grows=_slug == "disable-traffic",
                )
            )
for _slug in ASKED:
    if _slug not in FOR_GOOD:
        register(
            Operation(
                f"undo-of-change-{_slug}",
                Deployment.Kind.CHANGE,
                acts.cancel,
                frozenset({CANCEL}),
                prepare=partial(_interrupted, slug=_slug),
                grows=_slug == "disable-traffic",
            )
        )
register(
    Operation(
        "change-shrink",
        Deployment.Kind.CHANGE,
        partial(change, operation="resize", options=lambda _world: {"desired": SIZE}),
        COVERS,
        prepare=_three,
        like="change-resize",
    )
)
register(
    Operation(
        "change-terminate-and-shrink",
        Deployment.Kind.CHANGE,
        partial(change, operation="terminate-instance", options=partial(_first_instance, shrink=True)),
        COVERS,
        prepare=_three,
        like="change-terminate-instance",
    )
)
register(
    Operation("undo-of-change-resized", Deployment.Kind.CHANGE, acts.cancel, frozenset({CANCEL}), prepare=_resizing)
)
register(
    Operation(
        "undo-of-change-replacing",
        Deployment.Kind.CHANGE,
        acts.cancel,
        frozenset({CANCEL}),
        prepare=_replacing,
    )
)
