"""Taking promotions back: previewed, started."""

from __future__ import annotations

from functools import partial

from django.db import IntegrityError

from apps.cloud.aws import pace
from apps.events.services import record
from apps.images.errors import Invalid, Refused
from apps.images.models import Promotion
from apps.images.promotion.plan import revoking
from apps.images.promotion.used import users
from apps.images.requests import RevocationPreview
from apps.images.selectors.promotions import promotions
from apps.images.services.promotable import lock_of
from apps.workflows import services as workflows
from apps.workflows.models import Run
from apps.workflows.states import RunState

KIND = "revocation"


@pace.patiently()
def preview_revocation(pk: int) -> RevocationPreview:
    """What taking it back would do. Raises Promotion.DoesNotExist, Refused, and CloudError."""
    row = _standing(pk)
    used_by = users(row)
    sentence = f"Let {row.target.name} no longer launch {row.what} ({row.image_id})"
    return RevocationPreview(sentence, used_by, revoking(row.images, row.target.name, although_used=bool(used_by)))


@pace.patiently()
def revoke(pk: int, *, actor: str, reason: str = "", although_used: bool = False) -> Promotion:
    """Takes a promotion back. While something in the target's account uses the AMI, only `although_used`, with a
    reason; both are recorded. Raises Promotion.DoesNotExist, Invalid, Refused, and CloudError.
    """
    row = _standing(pk)
    used_by = users(row)
    if used_by and not although_used:
        raise Refused(
            f"{row.target.name} uses {row.what}: {'; '.join(used_by)}. Push another image there and delete what is "
            "left of these, groups that stand by and launch template versions too. Or take it back although it is used "
            "(although_used, with a reason): what runs goes on, and nothing new starts."
        )
    if used_by and not reason.strip():
        raise Invalid({"reason": [f"Say why it is taken back although {row.target.name} uses it."]})
    try:
        workflows.start(
            kind=KIND,
            subject=f"{row.what} to {row.target.name}"[:255],
            steps=revoking(row.images, row.target.name, although_used=bool(used_by)),
            actor=actor,
            reason=reason,
            lock=lock_of(row.image_id, row.target),
            created=partial(_created, row, used_by),
        )
    except (IntegrityError, workflows.Busy) as error:
        raise Refused("Somebody else is taking it back, or promotes it again. Look at its promotions.") from error
    return promotions().get(pk=pk)


def _created(row: Promotion, used_by: tuple[str, ...], run: Run) -> None:
    taken = Promotion.objects.filter(pk=row.pk, live=True, revocation=row.revocation_id).update(revocation=run)
    if not taken:  # between the look and now
        raise IntegrityError(f"{row} changed")
    Run.objects.filter(pk=run.pk).update(called=f"{KIND} of promotion {row.pk}")
    although = f", although {row.target.name} uses it: {'; '.join(used_by)}" if used_by else ""
    record(
        "promotion.revoke_requested",
        actor=run.actor,
        subject=row.image_id,
        summary=f"{run.actor} asked to take the promotion of {row.what} to {row.target.name} back{although}",
        reason=run.reason,
        before={"application": row.application, "images": row.images},
        after={"used_by": list(used_by), "overridden": bool(used_by)},
        run=run.pk,
        environment=row.target.name,
    )


def _standing(pk: int) -> Promotion:
    row = promotions().get(pk=pk)
    if row.stands:
        return row
    if row.being_revoked:
        raise Refused(f"It is being taken back already, by {row.now.actor}.")
    if row.revoked:
        raise Refused(f"It was taken back already, by {row.now.actor}.")
    if row.live and not row.run.ended:
        raise Refused("It is being granted. Wait until it has ended.")
    if row.run.state == RunState.SUCCEEDED:
        raise Refused("A later promotion has taken its place. Take that one back.")
    raise Refused("It never came to be: there is nothing to take back.")
