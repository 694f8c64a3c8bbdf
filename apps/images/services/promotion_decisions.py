"""What people decide of a promotion that is under way, or is being taken back: cancelled, tried again."""

from __future__ import annotations

from collections.abc import Callable

from apps.images.errors import CannotCancel
from apps.images.models import Promotion
from apps.images.selectors.promotions import promotions
from apps.workflows import services as workflows
from apps.workflows.models import Run


def cancel_promotion(pk: int, *, actor: str, reason: str = "") -> Promotion:
    """Has it undone: what was granted is taken back; of one that is being taken back, what was taken is granted again.

    Raises CannotCancel, and Promotion.DoesNotExist.
    """
    return _decided(pk, workflows.cancel, actor, reason)


def resume_promotion(pk: int, *, actor: str, reason: str = "") -> Promotion:
    """Tries the step again that asked for a person. Raises CannotCancel, and Promotion.DoesNotExist."""
    return _decided(pk, workflows.resume, actor, reason)


def _decided(pk: int, act: Callable[..., Run], actor: str, reason: str) -> Promotion:
    try:
        act(promotions().get(pk=pk).now.pk, actor=actor, reason=reason)
    except workflows.CannotDecide as error:
        raise CannotCancel(str(error)) from error
    return promotions().get(pk=pk)
