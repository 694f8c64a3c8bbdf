"""Whether a deployment can be rolled back as far as our own records tell, and why not, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from apps.deployments.models import Deployment, KeptGroup
from apps.workflows.states import Phase, RunState


@dataclass(frozen=True)
class RollbackOffer:
    """What "Roll back" would do on a cluster: of which deployment, to which group; or why it cannot."""

    deployment: Deployment | None
    group: str = ""
    version: str = ""
    why_not: str = ""

    @property
    def possible(self) -> bool:
        return self.deployment is not None and not self.why_not


LEFT = (RunState.CANCELLED, RunState.FAILED)  # ended neither done nor put back: the group before may stand by

# ended as planned; or stopped by a person as it stood, with the group that it replaced kept
TOOK_EFFECT = Q(run__state=RunState.SUCCEEDED) | Q(
    Exists(KeptGroup.objects.filter(deployment=OuterRef("pk"), ended_at__isnull=True)), run__state__in=LEFT
)


def going_on(running: Deployment) -> str:
    """Why nothing is rolled back while a deployment runs, in a sentence."""
    what = f"{running.kind.capitalize()} {running.pk}"
    undoing = running.run.phase == Phase.UNDO
    return f"{what} is being undone." if undoing else f"{what} is going on; cancel it to undo it."


def why_not(pushed: Deployment, last: Deployment | None, *, kept: bool, was_kept: bool, left: bool) -> str:
    """Why it cannot be rolled back; empty if it may.

    `last` is the last deployment of its cluster that took effect; `kept` whether the group before it stands by,
    `was_kept` whether it once did, `left` whether its own group does.
    """
    if pushed.kind == Deployment.Kind.CHANGE:
        return f"Change {pushed.pk} is not rolled back; change {pushed.from_group} again to what it shall be."
    if pushed.kind != Deployment.Kind.PUSH:
        return _forward(pushed)
    if not pushed.run.ended:
        return ""
    if pushed.run.state != RunState.SUCCEEDED and not (pushed.run.state in LEFT and kept):
        return f"Push {pushed.pk} ended {pushed.run.state}; there is nothing to roll back."
    if last and last.pk > pushed.pk:
        return f"{last.kind.capitalize()} {last.pk} came after push {pushed.pk}; only the last one can be rolled back."
    if left:
        return f"The traffic of {pushed.to_group} was taken by hand since; give it, by hand too, to the group you want."
    return "" if kept or pushed.in_place else _lost(pushed, was_kept=was_kept)


def _forward(rolled: Deployment) -> str:
    """What to do instead after a rollback, naming what it went back from; or after any other that is no push."""
    what = f"{rolled.kind.capitalize()} {rolled.pk}"
    left = f"{rolled.from_version} ({rolled.from_image})" if rolled.from_version else rolled.from_image
    if rolled.kind != Deployment.Kind.ROLLBACK or not left:
        return f"{what} is no push; push the image that you want instead."
    return f"{what} went back from {left}; to go forward again, push that or another image."


def _lost(pushed: Deployment, *, was_kept: bool) -> str:
    if was_kept:
        return f"{pushed.from_group} was kept but is gone by now, or serves again, so there is nothing to roll back to."
    return f"{pushed.from_group} was not kept, so there is nothing to roll back to."
