"""Disabled groups that pushes keep until the next one: deleted by the operation that deletes groups, under the lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from apps.cloud.aws import autoscaling
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.requests import ChangeRequest
from apps.deployments.services import change
from apps.images.janitor.afresh import Looks
from apps.images.janitor.base import Kind, Thing, Waits, kept, register, tagged, too_young
from apps.images.models import JanitorRules, Mark
from apps.inventory.models import Environment, Group

OPERATION, ACTOR = "delete-group", "janitor"


@register
class Groups(Kind):
    slug = "group"
    title = "Disabled groups that were kept"
    example = "api-prod-v012"

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        mine = kept(environment, self.slug)
        rows = KeptGroup.objects.filter(cluster__environment=environment, ended_at__isnull=True)
        shown = Group.objects.filter(environment=environment, gone_at__isnull=True, name__in=rows.values("name"))
        tags = {(each.region, each.name): each.tags for each in shown}
        for row in rows.select_related("cluster__application").order_by("created_at", "id"):
            region = row.cluster.region
            stays = mine.get((region, row.name), "") or tagged(tags.get((region, row.name), {}))
            if row.until is not None:
                stays = stays or f"It is kept until {row.until:%Y-%m-%d %H:%M} UTC, and deleted by itself then."
            stays = stays or too_young(row.created_at, rules.group_days, now, "It was disabled")
            because = (
                f"Deployment {row.deployment_id} took its traffic away, and it stood by for {rules.group_days} days."
            )
            of = row.cluster.application.name
            yield Thing(region, row.name, row.cluster.name, of, row.created_at, because, stays)

    def knows(self, environment: Environment, region: str, resource: str) -> bool:
        """Those that serve, too: pushes may let them stand by."""
        return Group.objects.filter(
            environment__account_id=environment.account_id, region=region, name=resource, gone_at__isnull=True
        ).exists()

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        del rules, looks  # the operation itself reads everything afresh, and refuses a group that serves
        if not self.standing(mark):
            return "It does not stand by any more."
        begun = _begun(mark) if mark.deleting_at else None
        if begun is not None and begun.run.ended:
            return f"{begun} ended, {begun.run.get_state_display().lower()}, and the group is still there."
        found = autoscaling.describe_groups(mark.environment.target(mark.region), [mark.resource])
        return next((tagged(each.tags) for each in found), "")

    def standing(self, mark: Mark) -> bool:
        return _kept(mark).exists()

    def delete(self, mark: Mark) -> bool:
        if not self.standing(mark):
            return True
        begun = _begun(mark)
        if begun is None:
            _begin(mark)
        else:
            raise Waits(f"{begun} deletes it.")
        return False


def _kept(mark: Mark) -> QuerySet[KeptGroup]:
    return KeptGroup.objects.filter(
        cluster__environment=mark.environment, cluster__region=mark.region, name=mark.resource, ended_at__isnull=True
    )


def _begun(mark: Mark) -> Deployment | None:
    """What was started for this mark, also by a janitor that died just then."""
    rows = Deployment.objects.filter(
        cluster__environment=mark.environment,
        cluster__region=mark.region,
        operation=OPERATION,
        from_group=mark.resource,
        actor=ACTOR,
        created_at__gte=mark.deleting_at,
    )
    return rows.select_related("run", "cluster").order_by("-pk").first()


def _begin(mark: Mark) -> None:
    """Raises Waits where the cluster is busy, frozen, or the group is not to be deleted as things stand."""
    asked = ChangeRequest(
        environment=mark.environment.name,
        region=mark.region,
        group=mark.resource,
        operation=OPERATION,
        reason=f"The janitor: {mark.because}",
    )
    try:
        change(asked, actor=ACTOR)
    except (Busy, Refused, Invalid) as error:
        raise Waits(str(error)) from error
