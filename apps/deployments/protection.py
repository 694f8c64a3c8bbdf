"""Protection from deletion that we gave a group as the one before it had it: ours to lift, when we delete the group."""

from __future__ import annotations

from apps.cloud.aws import scaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState
from apps.deployments.alarms import ALARMS
from apps.deployments.carry.settings import protection
from apps.deployments.ledger import standing
from apps.deployments.place import Place
from apps.deployments.steps.base import tell
from apps.inventory.models import Group
from apps.workflows.context import Context
from apps.workflows.kinds import keeper, repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Outcome

PROTECTION = "protection"  # original: what the group had before: "none"


def protect(context: Context, place: Place, group: GroupState, kind: str) -> None:
    """Protects a group from deletion, entering in the ledger first that it was us."""
    says = f"{group.name} protected from deletion, like the group before it"
    context.borrow(PROTECTION, place.resource(group.name), "none", says=says, keep=True)
    scaling.protect(place.target, group.name, kind)


def unprotect(context: Context, place: Place, group: GroupState) -> bool:
    """Lifts the protection from deletion that we gave a group; answers whether it may be deleted now."""
    if not protection(group):
        return True
    if context.owed(PROTECTION, place.resource(group.name)) is None:
        return False
    tell(context, _lifted(place, group.name))
    scaling.protect(place.target, group.name, "none")
    return True


@keeper(ALARMS, PROTECTION)
def why_kept(item: Borrowed) -> str:
    """What we gave a group is its own for as long as it stands, whatever became of the run that gave it."""
    environment, region, name = item.resource.split("/", 2)
    stands = Group.objects.filter(environment__name=environment, region=region, name=name)
    return f"{name} has it for as long as it stands" if stands.exists() else ""


@repayer(PROTECTION)
def repay_protection(context: Context, item: Borrowed) -> Outcome:
    """Lifts the protection that we gave."""
    place, group = standing(context, item)
    if group is None:
        return Done()
    if not protection(group):  # lifted by a look that did not come to tell
        return Done(changes=(_lifted(place, group.name),))
    with changing_calls_before(context.fence):
        scaling.protect(place.target, group.name, item.original)
    return Done(changes=(_lifted(place, group.name),))


def _lifted(place: Place, name: str) -> Change:
    return place.change("unprotected", name, f"{name}: protection from deletion lifted", after={"protection": "none"})
