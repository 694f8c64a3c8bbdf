"""Reading promotions: lists, one of them, and whether an image came to an environment by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Prefetch, Q, QuerySet

from apps.images.models import Promotion
from apps.inventory.models import Environment
from apps.workflows.models import Attempt, Step
from apps.workflows.states import ACTIVE, RunState


def promotions() -> QuerySet[Promotion]:
    """All promotions, newest first, with what a list shows."""
    rows = Promotion.objects.select_related("run", "revocation", "source", "target")
    return rows.order_by("-id")


def counting() -> QuerySet[Promotion]:
    """Those by which an account may launch an AMI, or is about to: under way, standing, or being taken back."""
    return promotions().filter(live=True, run__state__in=(*ACTIVE, RunState.SUCCEEDED))


def beside(row: Promotion) -> QuerySet[Promotion]:
    """The others by which the same account may launch the same AMI, or a copy that both have. 1 query."""
    shared = Q()
    for each in row.images:
        shared |= Q(images__contains=[{"image_id": each["image_id"]}])
    return counting().filter(shared, target__account_id=row.target.account_id).exclude(pk=row.pk)


def live_promotion(image_id: str, target: Environment) -> Promotion | None:
    """The promotion that answers for an AMI and a target: it is under way, or stood when it was last looked at."""
    return promotions().filter(image_id=image_id, target=target, live=True).first()


def of_image(image_id: str) -> QuerySet[Promotion]:
    """The promotions of an AMI or a copy of it, newest first."""
    return promotions().filter(Q(image_id=image_id) | Q(images__contains=[{"image_id": image_id}]))


def promotion(pk: int) -> Promotion:
    """One with the steps of its runs. 5 queries at most; raises Promotion.DoesNotExist."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("id"))
    steps = Step.objects.order_by("position").prefetch_related(attempts)
    return promotions().prefetch_related(Prefetch("run__steps", steps), Prefetch("revocation__steps", steps)).get(pk=pk)


@dataclass(frozen=True)
class Origin:
    """How an AMI came to an environment that takes its images from another.

    `promotion` is the id of the promotion that brought it, None where none did; `snapshots` are what it had then.
    """

    environment: str
    images_from: str
    promotion: int | None = None
    snapshots: frozenset[str] = field(default_factory=frozenset)
    withdrawn: bool = False  # it is being taken back

    def unchanged(self, snapshots: Collection[str]) -> bool:
        """Whether it has the snapshots that were promoted."""
        return frozenset(snapshots) == self.snapshots


def origin(environment: Environment, image_id: str) -> Origin | None:
    """None where the environment names no other. 1 query at most."""
    if not environment.images_from:
        return None
    rows = of_image(image_id).filter(target=environment, source__name=environment.images_from, live=True)
    for row in rows:
        if row.stands or row.being_revoked:
            held = {one for each in row.images if each["image_id"] == image_id for one in each["snapshots"]}
            return Origin(
                environment.name, environment.images_from, row.pk, frozenset(held), withdrawn=row.being_revoked
            )
    return Origin(environment.name, environment.images_from)
