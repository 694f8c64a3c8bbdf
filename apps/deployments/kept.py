"""Which groups stand by for a rollback, and until when; what that keeps borrowed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from apps.deployments.ledger import PROCESSES, TRAFFIC, WEIGHTS
from apps.deployments.models import Deployment, KeptGroup
from apps.workflows.kinds import keeper
from apps.workflows.models import Borrowed, Step
from apps.workflows.states import ENDED, Decision, StepState

TAKING = ("take-traffic", "withhold-traffic")  # the kinds of steps that leave a group without traffic


def keep(run_id: int, name: str, arn: str, hours: float | None) -> None:
    """Notes that a group stands by, for some hours or (None) until the next push; once, however often it is called."""
    deployment = Deployment.objects.get(run_id=run_id)
    until = Now() + timedelta(hours=hours) if hours else None
    KeptGroup.objects.update_or_create(
        arn=arn,
        ended_at=None,
        defaults={"name": name, "cluster_id": deployment.cluster_id, "deployment": deployment, "until": until},
    )


def keep_on(run_id: int, name: str, arn: str) -> None:
    """The group stands by until the next push, whatever was planned for it."""
    if not KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).update(until=None):
        keep(run_id, name, arn, None)


def end_kept(arn: str) -> None:
    """The group serves again or is gone."""
    KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).update(ended_at=Now())


def reopen_kept(arn: str) -> None:
    """The group stands by after all: what ended its keeping was undone."""
    last = KeptGroup.objects.filter(arn=arn).first()
    if last and last.ended_at and not KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).exists():
        KeptGroup.objects.filter(pk=last.pk).update(ended_at=None)


def put_off(arn: str) -> None:
    """AWS does not delete the group now: clean-ups try again in an hour."""
    KeptGroup.objects.filter(arn=arn, ended_at__isnull=True).update(until=Now() + timedelta(hours=1))


@keeper(TRAFFIC, WEIGHTS, PROCESSES)
def why_kept(item: Borrowed) -> str:
    """A group that stands by stays out of traffic, and is held at its size.

    Where a person stopped a deployment as it stood, traffic stays as it was then; but a group is not held any more.
    """
    environment, region, name = item.resource.split("/", 2)
    stands_by = KeptGroup.objects.filter(
        cluster__environment__name=environment, cluster__region=region, name=name, ended_at__isnull=True
    )
    if stands_by.exists():
        return f"{name} stands by for a rollback"
    stopped = item.run.decision == Decision.STOP and item.kind != PROCESSES
    return f"{item.run.name} was stopped as it stood" if stopped else ""


def keep_what_was_left() -> None:
    """A group that a deployment had taken out of traffic when it was stopped as it stood stands by.

    So it can be rolled back to, and the next push deletes it, as if the deployment had come to keep it.
    """
    left = Borrowed.objects.filter(
        kind__in=(TRAFFIC, WEIGHTS),
        keep=True,
        repaid_at__isnull=True,
        run__decision=Decision.STOP,
        run__state__in=ENDED,
        run__deployment__isnull=False,
    )
    for item in left:
        name = item.resource.split("/")[-1]
        steps = Step.objects.filter(run=item.run_id, kind__in=TAKING, params__group=name)
        arn = _arn_of(item, name) if any(map(_took_all, steps)) else ""
        since = Q(ended_at__isnull=True) | Q(ended_at__gt=item.borrowed_at)
        if arn and not KeptGroup.objects.filter(since, arn=arn).exists():
            keep(item.run_id, name, arn, None)


def _took_all(step: Step) -> bool:
    """Whether a step took all traffic from its group, as its memory says where it had not ended: it drained then."""
    if step.state not in {StepState.RUNNING, StepState.FAILED}:
        return step.state == StepState.DONE
    if step.kind == "withhold-traffic":
        return False
    taken = set(step.memory.get("taken_from", ()))
    return step.memory.get("at_zero") is not None or (bool(taken) and taken >= set(step.params["sources"]))


def _arn_of(item: Borrowed, name: str) -> str:
    """The ARN of the group that an item is of, as the steps of its owner name it; empty if none does."""
    steps = Step.objects.filter(run=item.run_id, params__group=name).values_list("params", "memory")
    known = (params.get("arn") or memory.get("arn") for params, memory in steps)
    return next((str(arn) for arn in known if arn), "")
