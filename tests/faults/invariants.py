"""What holds after every operation, whatever struck it: the invariants of the design, checked one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from apps.deployments import drivers
from apps.deployments.alarms import ALARMS
from apps.deployments.models import KeptGroup
from apps.deployments.protection import PROTECTION
from apps.events.models import Event
from apps.workflows.models import Borrowed, Lock
from tests.faults.snapshot import State, differences
from tests.faults.watch import Effect, Watch
from tests.faults.world import SIZE, World

GIVEN = {ALARMS, PROTECTION}  # what a group has from us for as long as it stands
# what may be left by whatever was done; the rest goes with a group
ALWAYS = {"alarm", "builder", "group", "image", "share", "template", "traffic"}


def broken(world: World, watch: Watch, expected: State, deployment: Any) -> Iterator[str]:
    """A sentence for each invariant that does not hold; `expected` is the state in which AWS should be left."""
    yield from _differs(world, expected)
    yield from beside_state(world, watch, deployment)


def beside_state(world: World, watch: Watch, deployment: Any) -> Iterator[str]:
    """The same, but for the state in which AWS is left."""
    yield from watch.drops
    yield from _ledger(world)
    yield from _locks(world)
    yield from _repeated(watch.effects)
    if deployment is not None:
        yield from _untold(world, deployment, watch.effects)
        yield from _untrue(world, deployment)
    for more in world.holds:
        yield from more(world, deployment)


def _differs(world: World, expected: State) -> Iterator[str]:
    kinds = ALWAYS & {*world.account.kinds} | {resource.split(" ", 1)[0] for resource in expected}
    for resource, attribute, wanted, found in differences(expected, world.account.state(*sorted(kinds))):
        yield f"{resource} {attribute}".strip() + f" was left as {found}, not as {wanted}"


def _ledger(world: World) -> Iterator[str]:
    """All is repaid, but what a group that stands by still owes, and what one that stands was given."""
    prefix = f"{world.environment.name}/"
    standing = set(
        KeptGroup.objects.filter(cluster=world.cluster, ended_at__isnull=True).values_list("name", flat=True)
    )
    kept = {"processes", *(driver.borrows for driver in drivers.all().values())}
    for item in Borrowed.objects.filter(resource__startswith=prefix, repaid_at__isnull=True):
        stays = standing if item.kind in kept else _there(world) if item.kind in GIVEN else set()
        if not item.keep or item.resource.rsplit("/", 1)[-1] not in stays:
            yield f"the ledger still holds {item}: {item.says}"


def _locks(world: World) -> Iterator[str]:
    for lock in Lock.objects.filter(resource__contains=f"{world.environment.name}/"):
        yield f"the lock {lock} is still held"


def _repeated(effects: Iterable[Effect]) -> Iterator[str]:
    """No change of state happens twice in one direction of a run; of a launch template, no second version either.

    A replacement in place raises and lowers its group's size in turn: at most once for each instance that serves.
    """
    seen = Counter(
        (_direction(effect), effect.resource, effect.attribute, _became(effect), _rounds(effect)) for effect in effects
    )
    for (direction, resource, attribute, value, rounds), times in seen.items():
        if times > rounds:
            yield f"{resource} {attribute} became {value} {times} times on the way {direction}"


def _became(effect: Effect) -> str:
    if effect.attribute == "versions":
        return "longer" if len(effect.after) > len(effect.before) else "shorter"
    return str(effect.after)


def _rounds(effect: Effect) -> int:
    replaces = effect.call.step.endswith("replace-instances") and effect.attribute == "size"
    return SIZE if replaces else 1


def _direction(effect: Effect) -> str:
    return "forward" if effect.call.phase in {"plan", "forward"} else "back"


def _untold(world: World, deployment: Any, effects: Iterable[Effect]) -> Iterator[str]:
    """Each call that changed something has an event that names what it changed: of its run, or of one that came later.

    Only a run that failed may leave what it did last to be told by what puts it right. No run tells what the janitor
    deleted.
    """
    told = Event.objects.filter(environment=world.environment.name).exclude(kind__startswith="run.")
    failed = deployment.run.state == "failed"
    of_run = Q(run__gte=deployment.run_id) if failed else Q(run=deployment.run_id)
    own = told.filter(of_run | Q(kind="janitor.deleted"))
    its = [effect for effect in effects if effect.call.run == deployment.run_id]
    yield from _lacking(world, its, own)
    later = [effect for effect in effects if effect.call.run != deployment.run_id]
    yield from _lacking(world, later, told.filter(run__gt=deployment.run_id))


def _lacking(world: World, effects: Sequence[Effect], events: Iterable[Event]) -> Iterator[str]:
    events = list(events)
    changed = Counter(resource for _, resource in {(_told_of(effect), effect.resource) for effect in effects})
    for resource, times in changed.items():
        names = _names(world, resource, [effect for effect in effects if effect.resource == resource])
        texts = (f"{event.subject} {event.summary} {event.before} {event.after}" for event in events)
        told = sum(any(name in text for name in names) for text in texts)
        if told < times:
            listed = "; ".join(str(effect) for effect in effects if effect.resource == resource)
            yield f"{times} calls changed {resource}, but {told} events tell of it: {listed}"


def _told_of(effect: Effect) -> str:
    """What has an event: each call, but of what is carried over to a new group all calls together.

    So are the tags that a promotion writes, and removes, by one look at a resource.
    """
    if "tag-shared" in effect.call.step:
        return f"{effect.call.phase} {effect.call.step}"
    return effect.call.step if "carry-" in effect.call.step else str(effect.call)


def _untrue(world: World, deployment: Any) -> Iterator[str]:
    """No group stands that was last said to be deleted."""
    kinds = ("group.created", "group.deleted")
    told = Event.objects.filter(environment=world.environment.name, kind__in=kinds, run__gte=deployment.run_id)
    last = dict(told.order_by("pk").values_list("subject", "kind"))
    deleted = {name for name, kind in last.items() if kind == "group.deleted"}
    for name in sorted(deleted & _there(world)) if deleted else ():
        yield f"{name} stands, and an event says that it was deleted"


def _there(world: World) -> set[str]:
    """The names of the groups that stand."""
    return {group["AutoScalingGroupName"] for group in world.account.groups() if "Status" not in group}


def _names(world: World, resource: str, effects: Iterable[Effect]) -> set[str]:
    """By which of its names an event may tell of a resource: that of a rule are the target groups it forwards to."""
    if resource in world.account.names:
        return world.account.names[resource]
    names = {resource.split(" ")[-1].split("/")[-1].removesuffix("-token")}
    if resource.startswith("template "):
        names.add(world.service.template)
    for effect in effects:
        if effect.attribute == "weights":
            names |= {*effect.before, *effect.after}
        elif not effect.attribute:  # a listener, or a rule, that was made or taken away
            names |= {*(effect.before or effect.after or {}).get("weights", ())}
    return names
