"""What a traffic driver is: how the next group comes to be checked and served, and how traffic moves between groups.

Planning is pure, over a situation; acting reads AWS afresh, acts at most once a look, and answers as a step does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.health import HealthByTargetGroup
from apps.deployments.ledger import TRAFFIC
from apps.deployments.place import Place, health
from apps.deployments.situation import Situation
from apps.workflows.context import Context
from apps.workflows.models import Borrowed
from apps.workflows.plans import Outcome, PlannedStep

SHARED = "shared-target-group"
Where = dict[str, str]  # environment, region, cluster, driver

_drivers: dict[str, Driver] = {}


class Driver:
    """One way to move traffic; `summary` is one line for people, `calls` are all its calls on AWS as IAM names them.

    `exact`: any percentage of the requests can be moved at once. Else the share follows the healthy instances.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    exact: ClassVar[bool] = False
    calls: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[bool] = False  # while it drains, `take` may look at what others who wait have just read
    borrows: ClassVar[str] = TRAFFIC  # the kind of ledger item that a group out of traffic has

    def suits(self, group: GroupState) -> bool:
        """Whether this driver is taken for such a group where the cluster's policy names none."""
        del group
        return False

    # planning

    def findings(self, situation: Situation, serving: GroupState) -> Iterator[Finding]:
        """What speaks against moving the traffic of the serving group so."""
        raise NotImplementedError

    def prepare(self, place: Where, situation: Situation, serving: GroupState, name: str) -> Iterator[PlannedStep]:
        """The steps before the next group, `name`, is created."""
        del place, situation, serving, name
        yield from ()

    def take_words(self, situation: Situation, group: GroupState, stays: str) -> tuple[str, ...]:
        """What changes on AWS when all traffic of `group` goes to `stays`."""
        raise NotImplementedError

    def give_words(
        self, situation: Situation, group: GroupState, leaving: GroupState, sources: Iterable[str]
    ) -> tuple[str, ...]:
        """What changes on AWS when `group`, which stood by, has the traffic from these sources again."""
        raise NotImplementedError

    def share_words(self, situation: Situation, group: GroupState, takes: str, percent: float) -> tuple[str, ...]:
        """What changes on AWS when `takes` gets this share of the traffic of `group`."""
        raise NotImplementedError

    def withhold_words(self, serving: GroupState, name: str) -> tuple[str, ...]:
        """What changes on AWS when the next group, `name`, is to have no traffic."""
        raise NotImplementedError

    def idle(self, situation: Situation, group: GroupState) -> bool:
        """Whether no request can reach the group, healthy or not, as this driver leaves a group that stands by."""
        raise NotImplementedError

    def recorded(self, item: Borrowed) -> tuple[str, ...] | None:
        """What a group took its traffic from, as this driver entered it in the ledger; None if another one did."""
        raise NotImplementedError

    # acting

    def parameters(self, context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of CreateAutoScalingGroup for the next group, from those of the serving group."""
        del context
        return dict(given)

    def where(self, context: Context, name: str, sources: Iterable[str]) -> tuple[str, ...]:
        """Where the group `name` is checked and served, of where the serving group is: target groups, classic names."""
        del context, name
        return tuple(sources)

    def health(self, context: Context, place: Place, name: str, sources: Iterable[str]) -> HealthByTargetGroup:
        """The health of all that is registered where the group `name` serves or will serve, read fresh."""
        return health(place, self.where(context, name, sources))

    def take(self, context: Context, place: Place, name: str, stays: str, need: int = 1) -> Outcome:
        """Moves all traffic of a group away, once `stays` is wholly healthy by a fresh read; waits until it is drained.

        It calls `hold` last before that, and where the group is found without traffic.
        `stays` is brought to the load of the leaving group first, and to `need` instances at least.
        """
        raise NotImplementedError

    def give(self, context: Context, place: Place, name: str, other: str, need: int = 1) -> Outcome:
        """Gives a group its traffic again, which `other` has now, once it is wholly healthy.

        It is brought to `need` instances first, if it has fewer. Done when the group was never out of traffic.
        """
        raise NotImplementedError

    def put_back(self, context: Context, place: Place, name: str, other: str) -> Outcome:
        """Gives a group back what it had of the traffic beside `other`, once it is wholly healthy."""
        return self.give(context, place, name, other)

    def withhold(self, context: Context, place: Place, name: str, stays: str) -> Outcome:
        """Keeps all traffic from a group that has no instance yet; the ledger then says where it would have its own."""
        raise NotImplementedError

    def share(self, context: Context, place: Place, name: str, other: str, percent: float) -> Outcome:
        """Gives the group `name` a share of the traffic that `other` has, 0 < percent < 100.

        The group is brought to that share of the load first, and must be wholly healthy. Where the driver is not
        `exact` this is all there is to it: the sentence says what share that makes.
        """
        raise NotImplementedError


def register(driver: type[Driver]) -> type[Driver]:
    """Class decorator: makes a driver known by its slug."""
    _drivers[driver.slug] = driver()
    return driver


def known() -> dict[str, Driver]:
    """Every driver by slug, in the order of their slugs."""
    return dict(sorted(_drivers.items()))
