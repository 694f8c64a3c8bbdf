"""What a check sees that is asked once the plan is known, and how it is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from apps.cloud.values import GroupState, LaunchTemplateVersion, Target
from apps.deployments.errors import Finding
from apps.deployments.preflight.readings import Readings
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.steps.base import CloudStep
from apps.images.selectors.gates import Demanded
from apps.images.selectors.promotions import Origin
from apps.workflows.kinds import kind
from apps.workflows.plans import PlannedStep

_FAMILIES = {
    "target-group": ("tachLoadBalancerTargetGroups",),
    "classic": ("tachLoadBalancers", "DescribeInstanceHealth"),
    "traffic-source": ("tachTrafficSources",),
}


@dataclass(frozen=True)
class Fewest:
    """How few instances and zones a cluster may have."""

    instances: int
    zones: int


@dataclass(frozen=True)
class Looked:
    """A plan, what it was made from, and what may be read for it. Checks run in threads: none touches the database."""

    target: Target
    situation: Situation
    preview: Preview
    serving: GroupState
    template: LaunchTemplateVersion
    fewest: Fewest
    read: Readings
    demanded: Demanded | None = None  # the gates that its application asks for, and what its build says of them
    origin: Origin | None = None  # how its image came here, where images come from another environment

    @property
    def types(self) -> tuple[str, ...]:
        """The instance types that the next group may launch; empty where AWS chooses them by requirements."""
        mixed = (self.serving.raw.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
        overrides = mixed.get("Overrides") or ()
        if any("InstanceRequirements" in each for each in overrides):
            return ()
        named = tuple(each["InstanceType"] for each in overrides if each.get("InstanceType"))
        return named or ((self.template.instance_type,) if self.template.instance_type else ())

    @property
    def launches(self) -> int:
        """How many instances the plan launches beside those that run; in place, those that it adds at a time."""
        if self.preview.to_group != self.serving.name:
            return self.preview.to_size
        return max(int(step.params.get("batch", 1)) for step in self.preview.steps)

    @property
    def actions(self) -> frozenset[str]:
        """What the plan's steps, and their undo, call on AWS, as IAM names it.

        Of the three families of calls that move traffic, only those by which the serving group is attached.
        """
        used = {source.via for source in self.serving.traffic_sources}
        others = tuple(name for via, names in _FAMILIES.items() if via not in used for name in names)
        return frozenset(
            action for step in self.preview.steps for action in _calls(step) if not action.endswith(others)
        )

    def makes(self, action: str) -> int:
        """How many of the plan's steps make such a call, once each."""
        return sum(action in _calls(step) for step in self.preview.steps)


@dataclass(frozen=True)
class Check:
    """A check by its name; `about` says what would be unknown if it could not be carried out.

    `first`: it is asked of a cluster's first group, too, before which none serves.
    """

    slug: str
    about: str
    judge: Callable[[Looked], Iterator[Finding]]
    first: bool = False


def _calls(step: PlannedStep) -> tuple[str, ...]:
    of_kind = kind(step.kind)
    return of_kind.calls_for(step.params) if isinstance(of_kind, CloudStep) else ()


_checks: dict[str, Check] = {}


def check(slug: str, about: str, *, first: bool = False) -> Callable[[Callable[[Looked], Iterator[Finding]]], Check]:
    """Decorator: the function is asked of every plan. `about` as "whether the subnets have free addresses".

    `first`: of that of a first group, too; what serves is supposed then, and has no instances and no target groups.
    """

    def register(judge: Callable[[Looked], Iterator[Finding]]) -> Check:
        _checks[slug] = Check(slug, about, judge, first)
        return _checks[slug]

    return register


def known() -> tuple[Check, ...]:
    """Every check, in the order of their names."""
    return tuple(_checks[slug] for slug in sorted(_checks))
