"""What the steps of deployments share: how a look is taken, what is recorded of it, how its surprises are answered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, ClassVar, Literal, TypeVar

from apps.cloud.aws import autoscaling
from apps.cloud.aws.guard import ReadAgain, looking_only
from apps.cloud.aws.looking import calling
from apps.cloud.errors import Denied, InUse, Invalid, NotFound, Throttled
from apps.deployments.guard import HELD_BY
from apps.deployments.health import capacity_trouble
from apps.deployments.place import Gone, LookAgain, Place, place_of
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait
from apps.workflows.services.nudge import send

T = TypeVar("T")

QUICK = 1.0  # seconds between looks while something is expected soon
SLOW = 3.0
SOON = 60.0  # how long "soon" lasts

REFUSED = (NotFound, Invalid, InUse, Throttled, Denied)  # what AWS answers so had no effect

# what steps call on AWS, as IAM names it
READ_GROUPS = ("autoscaling:DescribeAutoScalingGroups",)
WHY_MISSING = ("autoscaling:DescribeScalingActivities",)
READ_HEALTH = ("elasticloadbalancing:DescribeInstanceHealth", "elasticloadbalancing:DescribeTargetHealth")
READ_RULES = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
)
CHANGE_RULES = ("elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule")
ATTACH = (
    "autoscaling:AttachLoadBalancers",
    "autoscaling:AttachLoadBalancerTargetGroups",
    "autoscaling:AttachTrafficSources",
)
DETACH = (
    "autoscaling:DetachLoadBalancers",
    "autoscaling:DetachLoadBalancerTargetGroups",
    "autoscaling:DetachTrafficSources",
)


class CloudStep(StepKind):
    """A step that calls AWS: within the lease, its changing calls kept with the attempt.

    `undo_title` says what its undo does, of the step's `{group}`; empty where there is nothing to put back. `calls` are
    all that it and its undo may call on AWS, as IAM names it: pre-flight asks whether the role may, and tests that no
    other call is made. `shares`: "waits" if a look that only waits may be at what others have just read, while what is
    done, and the end, follow from a fresh read; "end" if the end may, too, since what is waited for stays so, or the
    step that builds on it reads afresh; "all" if a first look may, since the step changes nothing on AWS.
    """

    undo_title: ClassVar[str] = ""
    calls: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[Literal["", "waits", "end", "all"]] = ""
    clocks: ClassVar[frozenset[str]] = frozenset({"missing"})  # what its memory holds of `elapsed`

    def afresh(self, memory: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in memory.items() if key not in {*self.clocks, HELD_BY}}

    def untold(self, memory: Mapping[str, Any]) -> tuple[Change, ...]:
        told = () if "undoing" not in memory and memory.get("all_told") else memory.get("told", ())
        return tuple(Change(**each) for each in told)

    def run(self, context: Context) -> Outcome:
        outcome = self._carry_out(context, self._looked)
        if isinstance(outcome, Done) and context.memory.get("told"):
            context.remember(all_told=True)
        return outcome

    def undo(self, context: Context) -> Outcome:
        if "undoing" not in context.memory:  # another clock runs now, and what was told is told
            told = [] if context.memory.get("all_told") else context.memory.get("told", [])
            context.remember(undoing=True, missing={}, told=told, **{HELD_BY: []})
        return self._carry_out(context, self.revert)

    def shares_for(self, params: Mapping[str, Any]) -> str:
        """`shares` of a step with these parameters."""
        del params
        return self.shares

    def _looked(self, context: Context, place: Place) -> Outcome:
        """One look. Else than said by `shares` it is fresh: what others read may be older than what was done since."""
        shares = self.shares_for(context.params)
        if shares == "all" or (shares and context.elapsed):
            with contextlib.suppress(ReadAgain, Gone), looking_only():
                outcome = self.act(context, place)
                if isinstance(outcome, Wait) or (shares != "waits" and isinstance(outcome, Done)):
                    return outcome
        return self.act(context, place)

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Those of `calls` that a step with these parameters may make; by default all."""
        del params
        return self.calls

    def act(self, context: Context, place: Place) -> Outcome:
        raise NotImplementedError

    def revert(self, context: Context, place: Place) -> Outcome:
        """Puts back what `act` did. By default there is nothing to put back."""
        del context, place
        return Done()

    def _carry_out(self, context: Context, what: Callable[[Context, Place], Outcome]) -> Outcome:
        place = place_of(context)
        outcome: Outcome | None = None
        try:
            outcome = self._answered(context, place, what)
        finally:
            if _news(context, outcome):
                group = [context.params["group"]] if context.params.get("group") else []
                send("inventory.refresh_cluster", place.environment, place.region, place.cluster, group)
        return outcome

    def _answered(self, context: Context, place: Place, what: Callable[[Context, Place], Outcome]) -> Outcome:
        try:
            with calling(context):
                return _with_memory(context, what(context, place))
        except LookAgain as late:
            return Wait(pause(context), str(late))
        except Gone as gone:
            return Failed(str(gone))


def pause(context: Context) -> float:
    """Seconds until the next look: short at first, so that what is ready is not left waiting."""
    return QUICK if context.elapsed < SOON else SLOW


def why_missing(place: Place, group: str) -> str:
    """Why the last instance that Auto Scaling tried to launch did not come, in AWS's words; "" if it does come."""
    trouble = capacity_trouble(autoscaling.describe_activities(place.target, group, limit=1))
    return f"AWS says: {trouble}" if trouble else ""


def tell(context: Context, change: Change) -> None:
    """Notes a change that is about to be made before the step's end, which will tell of it, once."""
    told = context.memory.get("told", [])
    if asdict(change) not in told:
        context.remember(told=[*told, asdict(change)])


def attempt(context: Context, call: Callable[[], None], says: str) -> Wait:
    """Makes a changing call that may be a repeat of one that took effect: what AWS then refuses, a later look judges.

    Answers a Wait that says `says`, and what AWS said if it refused.
    """
    try:
        call()
    except (NotFound, Invalid, InUse) as error:
        return Wait(pause(context), f"{says} AWS says: {error}")
    return Wait(pause(context), says)


def sent(context: Context, call: Callable[[], T], **otherwise: Any) -> T:
    """Makes a changing call. Where AWS refuses it, nothing is told, and `otherwise` is remembered; raises CloudError.

    That is so only if no earlier call can have had its effect: one that was not answered may have.
    """
    before = context.memory.get("sent", False)
    context.remember(sent=True)
    try:
        return call()
    except REFUSED:
        if not before:
            context.remember(sent=False, told=[], **otherwise)
        raise


def _with_memory(context: Context, outcome: Outcome) -> Outcome:
    """The outcome; if it is the end, with the changes noted on the way and the groups found to be gone."""
    if not isinstance(outcome, Done):
        return outcome
    told = tuple(Change(**each) for each in context.memory.get("told", []))
    gone = {*context.facts.get("gone", ()), *context.memory.get("missing", {})}
    facts = {"gone": sorted(gone), **outcome.facts} if gone else outcome.facts
    return replace(outcome, changes=(*told, *outcome.changes), facts=facts)


def _news(context: Context, outcome: Outcome | None) -> bool:
    """Whether a look found or did anything that the inventory should know of; one that only waits on does not."""
    only_waits = isinstance(outcome, Wait) and outcome.says == context.said
    return not only_waits or any(call["changing"] for call in context.log)
