"""Where a deployment acts, and fresh readings of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.cloud.aws import elbv2, polls
from apps.cloud.aws.registered import registered
from apps.cloud.errors import NotFound
from apps.cloud.values import GroupState, RuleState, Target, TargetHealth
from apps.inventory.models import Environment
from apps.workflows.context import Context
from apps.workflows.plans import Change

APPEARS_WITHIN = 15.0  # seconds until AWS surely shows what was made, and a group it does not show is surely gone


class LookAgain(Exception):
    """What AWS shows may be behind what is so; the text says what is waited for."""

    retryable = True  # where a repayer raises it, the engine repeats the look


class Gone(Exception):
    """A group that the step cannot do without was deleted by somebody else."""


@dataclass(frozen=True)
class Place:
    """The cluster a step acts on."""

    environment: str
    region: str
    cluster: str
    target: Target

    def change(self, kind: str, subject: str, summary: str, before: Any = None, after: Any = None) -> Change:
        """An event of this cluster."""
        where = {"environment": self.environment, "region": self.region, "cluster": self.cluster}
        return Change(f"group.{kind}", subject, summary, before, after, where)

    def resource(self, group: str) -> str:
        """A group's name in the ledger."""
        return f"{self.environment}/{self.region}/{group}"


def place_of(context: Context) -> Place:
    environment = Environment.objects.get(name=context.params["environment"])
    region, cluster = context.params["region"], context.params["cluster"]
    return Place(environment.name, region, cluster, environment.target(region))


def groups(place: Place, *names: str) -> dict[str, GroupState]:
    """The named groups that AWS shows now; one that is being deleted is among them."""
    return {group.name: group for group in polls.groups(place.target, names)}


def find(context: Context, place: Place, *names: str, deleted: bool = False) -> dict[str, GroupState]:
    """The named groups, read fresh; one that is left out is gone, for AWS has not shown it for APPEARS_WITHIN.

    Raises LookAgain until that is certain. `deleted`: we deleted it ourselves, so not to be shown is certain enough, as
    it is where an earlier step has waited already.
    """
    found = groups(place, *names)
    known = context.memory.get("missing", {})
    missing = {name: known.get(name, context.elapsed) for name in names if name not in found}
    remembered = {**{name: since for name, since in known.items() if name not in names}, **missing}
    if remembered != known:
        context.remember(missing=remembered)
    for name, since in missing.items():
        known_gone = deleted or name in context.facts.get("gone", ())
        if not known_gone and context.elapsed - since < APPEARS_WITHIN:
            raise LookAgain(f"AWS does not show {name}; looking again, in case it is only late.")
    return found


def existing(context: Context, place: Place, name: str) -> GroupState:
    """A group that must be there, read fresh. Raises LookAgain, and Gone once it surely is, or is being deleted."""
    return standing(find(context, place, name), name)


def standing(found: Mapping[str, GroupState], name: str) -> GroupState:
    """A group that must be among those found; raises Gone where it is not, or is being deleted."""
    group = found.get(name)
    if group is None or group.status:
        raise Gone(f"{name} was deleted by somebody else.")
    return group


def health(place: Place, sources: Iterable[str]) -> dict[str, tuple[TargetHealth, ...]]:
    """The health of what is registered with each target group (ARN) and classic load balancer (name), fresh."""
    return {source: polls.health(place.target, source, registered) for source in sources}


def rules(place: Place, target_groups: Iterable[str]) -> tuple[RuleState, ...]:
    """Every rule that forwards to one of the target groups, read fresh; one that is gone is in none."""
    wanted = list(target_groups)
    try:
        return elbv2.rules_for(place.target, wanted)
    except NotFound:
        found = {rule.arn: rule for arn in wanted if len(wanted) > 1 for rule in rules(place, [arn])}
        return tuple(found.values())
