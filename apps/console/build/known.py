"""What our own records tell of a cluster, and by that, how its groups stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.console.build.columns import Standing
from apps.deployments import selectors as deployments
from apps.deployments.models import Deployment
from apps.deployments.record import Record
from apps.inventory.models import Cluster


@dataclass(frozen=True)
class Known:
    """`back` is the push that can be rolled back, as far as our records tell.

    `no_way_back` says why there is none, where anything was ever pushed.
    """

    record: Record
    back: Deployment | None
    standing: Standing
    no_way_back: str = ""


def known_of(cluster: Cluster, groups: Collection[str], *, steps: bool = False) -> Known:
    """What is known of a cluster and of these of its groups; with the `steps` of what runs loaded, if asked for.

    3 queries, and one for steps where there are any to load.
    """
    record = deployments.record_of(cluster)
    running, offer = record.running, record.offer
    back = offer.deployment if offer.possible else None
    standing = Standing(
        {name: each.until for name, each in record.kept.items()},
        back.from_group if back else "",
        running.to_group if running else "",
        record.moved_at,
        deployments.borrowed_of_each(cluster, groups, [running.run] if running and steps else ()),
    )
    return Known(record, back, standing, offer.why_not if record.pushed else "")
