"""Reading deployments, for display."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Prefetch, Q, QuerySet

from apps.deployments import guard, record, way_back
from apps.deployments.models import ClusterPolicy, Deployment, KeptGroup, ScaffoldPart
from apps.deployments.record import Record
from apps.deployments.way_back import TOOK_EFFECT, RollbackOffer
from apps.inventory.models import Cluster
from apps.workflows import selectors as workflows
from apps.workflows.models import Attempt, Borrowed, Run, Step
from apps.workflows.states import ACTIVE, RunState, StepState


def deployments() -> QuerySet[Deployment]:
    """All deployments, newest first, with what a list shows."""
    return Deployment.objects.select_related("run", "cluster__environment", "cluster__application", "undoes").order_by(
        "-id"
    )


def detail(deployment_id: int) -> Deployment:
    """One deployment with its steps and attempts. Raises Deployment.DoesNotExist."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("id"))
    steps = Prefetch("run__steps", Step.objects.order_by("position").prefetch_related(attempts))
    return deployments().prefetch_related(steps).get(pk=deployment_id)


def running() -> QuerySet[Deployment]:
    """Deployments that have not ended."""
    return deployments().filter(run__state__in=ACTIVE)


def running_on(cluster: Cluster) -> Deployment | None:
    """The deployment that changes this cluster now; at most one can. Those that wait for their turn do not."""
    return running().filter(cluster=cluster).exclude(run__in=workflows.queued()).first()


def held_by(deployment: Deployment) -> tuple[str, ...]:
    """By which of its codes the traffic guard holds the step that is under way, unless they are overridden."""
    run = deployment.run
    if run.ended:
        return ()
    under_way = (step for step in run.steps.all() if step.state in {StepState.RUNNING, StepState.UNDOING})
    codes = (code for step in under_way for code in step.memory.get(guard.HELD_BY, ()))
    return tuple(code for code in codes if code not in deployment.overrides)


def lock_name(cluster: Cluster) -> str:
    """The one lock of a cluster, for every kind of operation."""
    return f"cluster:{cluster.environment.name}/{cluster.region}/{cluster.name}"


def borrowed_of(cluster: Cluster, group: str) -> tuple[workflows.Owed, ...]:
    """What is changed of a group for a while: by whom, and when it is expected back."""
    return borrowed_of_each(cluster, [group])[group]


def borrowed_of_each(
    cluster: Cluster, groups: Iterable[str], beside: Iterable[Run] = ()
) -> dict[str, tuple[workflows.Owed, ...]]:
    """The same of several groups of a cluster, by their names; loads the steps of runs `beside` them on the way."""
    resources = {f"{cluster.environment.name}/{cluster.region}/{group}": group for group in groups}
    found = workflows.borrowed_of_each(resources, beside)
    return {group: found[resource] for resource, group in resources.items()}


def policy_of(cluster: Cluster) -> ClusterPolicy:
    """How the cluster is to be changed; with the defaults, not stored, where nobody has said anything."""
    return ClusterPolicy.objects.filter(cluster=cluster).first() or ClusterPolicy(cluster=cluster)


def kept_groups(cluster: Cluster) -> QuerySet[KeptGroup]:
    """Groups that stand by for a rollback."""
    return KeptGroup.objects.filter(cluster=cluster, ended_at__isnull=True)


def record_of(cluster: Cluster) -> Record:
    """What our own records tell of a cluster, which needs its environment and application. 2 queries."""
    return record.read(cluster, lock_name(cluster))


def rollback_offer(cluster: Cluster) -> RollbackOffer:
    """What rolling this cluster back would mean now, as far as our own records tell."""
    return record_of(cluster).offer


def offer_of(deployment: Deployment) -> RollbackOffer:
    """What rolling this one back would mean now, as far as our own records tell: of a push that runs, its undo."""
    refusal = why_not(deployment)
    if not refusal and not deployment.run.ended:
        undo = workflows.cancelling(deployment.run)
        refusal = undo.why_not if undo else ""
    return RollbackOffer(deployment, deployment.from_group, deployment.from_version, refusal)


def why_not(pushed: Deployment) -> str:
    """Why a push cannot be rolled back as far as our own records tell, in a sentence; empty if it may."""
    return ways_back([pushed])[pushed.pk]


def ways_back(rows: Collection[Deployment]) -> dict[int, str]:
    """By deployment, why it cannot be rolled back; empty where it may. 2 queries for all of them."""
    clusters = {row.cluster_id for row in rows}
    in_effect = Deployment.objects.filter(TOOK_EFFECT, cluster__in=clusters, kind__in=Deployment.MOVES)
    last = {row.cluster_id: row for row in in_effect.order_by("cluster_id", "-pk").distinct("cluster_id")}
    now = Q(cluster__in=clusters, ended_at__isnull=True)
    keeps = list(KeptGroup.objects.filter(now | Q(deployment__in=[row.pk for row in rows])))
    kept = {(each.cluster_id, each.name) for each in keeps if each.ended_at is None}
    was = {(each.deployment_id, each.name) for each in keeps}
    return {
        row.pk: way_back.why_not(
            row,
            last.get(row.cluster_id),
            kept=(row.cluster_id, row.from_group) in kept,
            was_kept=(row.pk, row.from_group) in was,
            left=(row.cluster_id, row.to_group) in kept,
        )
        for row in rows
    }


def kept_by(pushed: Deployment) -> KeptGroup | None:
    """The group the push replaced, if it still stands by."""
    return KeptGroup.objects.filter(cluster=pushed.cluster, name=pushed.from_group, ended_at__isnull=True).first()


def left_over(deployment: Deployment) -> tuple[str, ...]:
    """What a deployment that ended, neither done nor put back, has left as it is: a sentence each."""
    run = deployment.run
    if run.state not in {RunState.FAILED, RunState.CANCELLED}:
        return ()
    stand_by = set(kept_groups(deployment.cluster).values_list("name", flat=True))
    owed = ((_group_of(item), item) for item in Borrowed.objects.filter(run=run, repaid_at__isnull=True))
    items = (
        f"{name}: {item.says or item.kind}, not put back."
        for name, item in owed
        if item.stuck or not (item.keep and name in stand_by)
    )
    made = _made(deployment) if run.state == RunState.FAILED else ()
    return (*items, *made)


def _group_of(item: Borrowed) -> str:
    return item.resource.split("/")[-1]


def _made(deployment: Deployment) -> Iterator[str]:
    """What the deployment created and did not delete again."""
    left = Step.objects.filter(run=deployment.run).exclude(state__in=[StepState.PENDING, StepState.UNDONE])
    for step in left.filter(kind="create-group"):
        yield f"{step.params['group']} was created and was not deleted again."
    for step in left.filter(kind="create-target-groups"):
        names = ", ".join(each["name"] for each in step.params["like"])
        yield f"The target groups {names} were created and were not deleted again."
    for step in left.filter(kind="create-template"):
        yield f"Launch template {step.params['template']} was created and was not deleted again."
    for step in left.filter(kind__in=["terminate-instance", "detach-instance", "replace-instance"]):
        if step.params["instance"] in (step.memory.get("ended") or step.memory.get("ending") or ()):
            yield f"{step.params['instance']} is out of its group, which nothing puts back."
    version = deployment.run.facts.get("template_version")
    for step in left.filter(kind="create-template-version") if version else ():
        yield f"Version {version} of launch template {step.params['template']} was created and was not deleted again."


def scaffolded(cluster: Cluster) -> QuerySet[ScaffoldPart]:
    """What scaffolding made for a cluster, or was about to make, and was not taken away: oldest first."""
    return ScaffoldPart.objects.filter(cluster=cluster, removed_at__isnull=True).order_by("id")


def scaffolded_of(application: str) -> QuerySet[ScaffoldPart]:
    """The same of all clusters of an application, with where they are."""
    rows = ScaffoldPart.objects.filter(cluster__application__name=application, removed_at__isnull=True)
    return rows.select_related("cluster__environment").order_by("id")
