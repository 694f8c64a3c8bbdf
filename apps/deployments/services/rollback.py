"""Going back to the recorded previous group: of an ended push by a new deployment, of a running one by its undo."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from apps.cloud.aws import pace
from apps.deployments import drivers, gather, in_place_rollback, rollback_plan
from apps.deployments.errors import Finding, Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview, refuse_unknown
from apps.deployments.rollback_plan import Back
from apps.deployments.selectors import kept_by, why_not
from apps.deployments.services.cancel import cancel, preview_cancel
from apps.deployments.services.clean_up import strike_off
from apps.deployments.services.later import planned
from apps.deployments.services.start import Asked, begin, told_if_busy
from apps.workflows.context import Context
from apps.workflows.kinds import planner
from apps.workflows.plans import Outcome, Planned


@pace.patiently()
def rollback(
    deployment_id: int, *, actor: str, reason: str = "", overrides: Collection[str] = (), queue: bool = False
) -> Deployment:
    """Rolls a push back. Raises Invalid, Refused, Busy, CannotCancel; CloudError if AWS does not answer.

    Of a running push the same deployment is answered, being undone; of an ended one a new deployment. With `queue`,
    one that finds the cluster busy is stored, and planned once it is free.
    """
    pushed = _deployment(deployment_id)
    if not pushed.run.ended:
        if no_push := _under_way(pushed):
            raise Refused((no_push,))
        if overrides:
            text = f"{pushed.run.name.capitalize()} still runs: it is undone, which needs no override. Leave them out."
            raise Invalid({"overrides": [text]})
        return cancel(pushed.pk, actor=actor, reason=reason)
    asked = Asked(
        kind=Deployment.Kind.ROLLBACK,
        cluster=pushed.cluster,
        actor=actor,
        reason=reason,
        strategy=pushed.strategy,
        undoes=pushed,
        overrides=tuple(overrides),
        queue=queue,
    )

    def now() -> Preview:
        preview, kept = _plan(pushed), kept_by(pushed)
        if kept and any(finding.code == rollback_plan.GONE for finding in preview.refusals):
            strike_off(kept, actor=actor, reason=reason)
        return preview

    sentence = f"Roll {pushed.cluster.name} back to {pushed.from_group}, once it is free"
    once_free = Preview(sentence, (), to_group=pushed.from_group, to_version=pushed.from_version)
    return begin(asked, now, lambda: once_free)


@pace.patiently()
def preview_rollback(deployment_id: int, overrides: Collection[str] = (), *, queue: bool = False) -> Preview:
    """What rolling back would do; what speaks against it is among the findings. Raises Invalid."""
    refuse_unknown(overrides)
    pushed = _deployment(deployment_id)
    if not pushed.run.ended:
        undone, no_push = preview_cancel(pushed.pk), _under_way(pushed)
        return replace(undone, findings=(*undone.findings, no_push)) if no_push else undone
    return told_if_busy(pushed.cluster, _plan(pushed).letting_through(overrides), queue=queue)


def _under_way(deployment: Deployment) -> Finding | None:
    """Whoever rolls back twice wants to go back, and not that the way back is undone."""
    if deployment.kind == Deployment.Kind.PUSH:
        return None
    name = f"{deployment.kind} {deployment.pk}"
    text = f"{name.capitalize()} is under way already: watch it. To undo it, cancel {name}."
    return Finding("refuse", "no-push", text)


@planner(Deployment.Kind.ROLLBACK)
def plan_rollback(context: Context) -> Planned | Outcome:
    """The plan of a rollback that waited for its turn, from what is so by now."""
    deployment = Deployment.objects.select_related("cluster__environment").get(run_id=context.run_id)
    return planned(deployment, context, lambda: _plan(_deployment(deployment.undoes_id or 0)))


def _deployment(deployment_id: int) -> Deployment:
    return Deployment.objects.select_related("run", "cluster__environment").get(pk=deployment_id)


def _plan(pushed: Deployment) -> Preview:
    refusal = why_not(pushed)
    if not refusal and pushed.in_place:
        return in_place_rollback.plan(pushed)
    kept = kept_by(pushed)
    if refusal or kept is None:
        finding = Finding("refuse", "not-possible", refusal)
        return Preview(f"Roll {pushed.cluster.name} back", (), (finding,), to_group=pushed.from_group)
    situation = gather.situation(pushed.cluster, template_of=pushed.to_group)
    target = pushed.cluster.environment.target(pushed.cluster.region)
    group = situation.group(kept.name)
    template = gather.template_version(target, group)
    why = gather.why_not_launchable(target, template)
    back = Back(kept.name, pushed.to_group, kept.arn, (), why)
    item = gather.taken_of(pushed.cluster, [kept.name]).get(kept.name)
    if item:
        driver, sources = drivers.which(item)
        missing = gather.gone_sources(target, sources)
        pairs = item.original["pairs"] if driver.exact else {}
        back = replace(back, sources=sources, missing=missing, driver=driver.slug, pairs=pairs)
    return rollback_plan.plan(replace(situation, image=gather.seen(target, template)), back)
