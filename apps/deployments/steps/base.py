"""What the steps of deployments share: where they act, what is recorded of it, and fresh readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.cloud.aws import autoscaling, elbv2
from apps.cloud.aws.observe import observe
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.errors import Unavailable
from apps.cloud.values import CallRecord, GroupState, Target, TargetHealth
from apps.inventory.models import Environment
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind
from apps.workflows.plans import Change, Done, Outcome
from apps.workflows.services.nudge import send

QUICK = 1.0  # seconds between looks while something is expected soon
SLOW = 3.0
SOON = 60.0  # how long "soon" lasts


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


class CloudStep(StepKind):
    """A step that calls AWS: under the lease's deadline, its changing calls kept with the attempt."""

    def run(self, context: Context) -> Outcome:
        return self._carry_out(context, self.act)

    def undo(self, context: Context) -> Outcome:
        return self._carry_out(context, self.revert)

    def act(self, context: Context, place: Place) -> Outcome:
        raise NotImplementedError

    def revert(self, context: Context, place: Place) -> Outcome:
        """Puts back what `act` did. By default there is nothing to put back."""
        del context, place
        return Done()

    def _carry_out(self, context: Context, what: Callable[[Context, Place], Outcome]) -> Outcome:
        place = place_of(context)
        try:
            with observe(lambda call: _keep(context, call)), changing_calls_before(context.fence):
                return what(context, place)
        finally:
            group = context.params.get("group")
            send("inventory.refresh_cluster", place.environment, place.region, place.cluster, [group] if group else [])


def place_of(context: Context) -> Place:
    environment = Environment.objects.get(name=context.params["environment"])
    region, cluster = context.params["region"], context.params["cluster"]
    return Place(environment.name, region, cluster, environment.target(region))


def pause(context: Context) -> float:
    """Seconds until the next look: short at first, so that what is ready is not left waiting."""
    return QUICK if context.elapsed < SOON else SLOW


def groups(place: Place, *names: str) -> dict[str, GroupState]:
    """The named groups that exist, read fresh; one that is being deleted is among them."""
    return {group.name: group for group in autoscaling.describe_groups(place.target, names)}


def existing(place: Place, name: str) -> GroupState:
    """One group, read fresh. Raises Unavailable if it is not shown: just created ones may take seconds to be."""
    found = groups(place, name)
    if name not in found:
        raise Unavailable(f"{name} is not shown by AWS yet", operation="DescribeAutoScalingGroups")
    return found[name]


def health(place: Place, target_groups: Any) -> dict[str, tuple[TargetHealth, ...]]:
    """The health of every target of each target group, read fresh."""
    return {arn: elbv2.target_health(place.target, arn) for arn in target_groups}


def _keep(context: Context, call: CallRecord) -> None:
    context.renew()
    if call.changing or call.outcome != "ok":
        context.log.append(
            {
                "service": call.service,
                "operation": call.operation,
                "outcome": call.outcome,
                "seconds": round(call.seconds, 3),
                "message": call.message,
            }
        )
