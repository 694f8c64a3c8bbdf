"""How a cluster's traffic is moved, one file each. Whatever this package holds is registered when the app starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.deployments.drivers.base import SHARED, Driver, known

if TYPE_CHECKING:
    from apps.cloud.values import GroupState
    from apps.deployments.situation import Situation
    from apps.workflows.context import Context
    from apps.workflows.models import Borrowed

__all__ = ["SHARED", "Driver", "all", "chosen", "get", "of", "which"]


def all() -> dict[str, Driver]:  # noqa: A001 -- read as drivers.all()
    """Every traffic driver by slug."""
    return known()


def get(slug: str) -> Driver:
    """The driver of this slug. Raises KeyError if this release does not know it."""
    return known()[slug]


def chosen(situation: Situation, group: GroupState) -> Driver:
    """The driver that the cluster's policy names; without a name, the one that goes with what the group has."""
    slug = situation.policy.traffic_driver
    if slug:
        return get(slug)
    return next((driver for driver in known().values() if driver.suits(group)), get(SHARED))


def which(item: Borrowed) -> tuple[Driver, tuple[str, ...]]:
    """The driver that took a group out of traffic, as the ledger has it, and from what the group had it."""
    found = ((driver, driver.recorded(item)) for driver in known().values())
    return next((driver, sources) for driver, sources in found if sources is not None)


def of(context: Context) -> Driver:
    """The driver that the plan of this step was made for."""
    return get(context.params.get("driver", SHARED))
