"""A small world in rows: one application in two environments, with pushes behind it. No cloud stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.deployments.models import Deployment, KeptGroup
from apps.inventory.models import (
    Application,
    Cluster,
    Environment,
    Group,
    Image,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    SyncState,
    TargetGroup,
)
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import RunState, StepState

REGION = "us-east-1"
HEALTHY = {"state": "healthy", "reason": "", "description": ""}
FAILING = {"state": "unhealthy", "reason": "Target.ResponseCodeMismatch", "description": "answers 503 on /health"}


@dataclass
class World:
    """What was made. `group` adds a group with instances; `push` adds a deployment with its run and steps."""

    environment: Environment
    application: Application
    cluster: Cluster
    target_group: TargetGroup
    now: datetime

    @property
    def page(self) -> str:
        return f"/clusters/{self.environment.name}/{REGION}/{self.cluster.name}/"

    def group(
        self, number: int, image: Image, *, healthy: int, failing: int = 0, attached: bool = True, age: float = 1.0
    ) -> Group:
        """A group of the cluster, `age` days old; attached ones take traffic by their healthy instances."""
        count = healthy + failing
        group = Group.objects.create(
            **self.synced(),
            cluster=self.cluster,
            name=f"{self.cluster.name}-v{number:03}",
            arn=f"arn:aws:autoscaling:{REGION}:1:autoScalingGroup:{number}",
            created_at=self.now - timedelta(days=age),
            min_size=2,
            max_size=12,
            desired=count,
            instance_count=count,
            in_service_count=healthy,
            image_id=image.image_id,
            traffic_sources=self.sources() if attached else [],
        )
        for each in range(count):
            self.instance(group, number, each, FAILING if each >= healthy else HEALTHY if attached else None)
        return group

    def instance(self, group: Group, number: int, each: int, health: dict[str, str] | None) -> Instance:
        return Instance.objects.create(
            **self.synced(),
            group=group,
            instance_id=f"i-0{self.cluster.pk:03x}{number:03x}{each:03x}",
            zone=f"{REGION}{'ab'[each % 2]}",
            state="running",
            lifecycle_state="InService",
            health_status="Healthy",
            image_id=group.image_id,
            target_health={self.target_group.arn: health} if health else {},
        )

    def sources(self) -> list[dict[str, str]]:
        return [{"identifier": self.target_group.arn, "via": "target-group", "type": "elbv2"}]

    def synced(self) -> dict[str, Any]:
        return {"environment": self.environment, "region": REGION, "read_at": self.now, "digest": "x"}

    def image(self, version: str, *, days: float = 1.0, **tags: str) -> Image:
        number = Image.objects.count() + 1
        return Image.objects.create(
            **self.synced(),
            image_id=f"ami-0{number:016x}",
            name=f"{self.application.name}-{version}",
            source=Image.Source.OWNED,
            state="available",
            architecture="x86_64",
            created_at=self.now - timedelta(days=days),
            application=self.application.name,
            version=version,
            commit=f"{number * 7919:07x}",
            build=str(200 + number),
            tags={"version": version, **tags},
        )

    def push(
        self, before: Group, after: Group, *, state: str = RunState.SUCCEEDED, done: int = 5, **more: Any
    ) -> Deployment:
        """A push between two groups; of its five steps `done` are over."""
        ended = state in {RunState.SUCCEEDED, RunState.UNDONE, RunState.CANCELLED, RunState.FAILED}
        began = more.pop("began", self.now - timedelta(hours=2))
        run = Run.objects.create(
            kind="push",
            subject=self.cluster.name,
            actor=more.get("actor", "maria"),
            state=state,
            position=min(done, 4),
            says=more.pop("says", ""),
            failure=more.pop("failure", ""),
            created_at=began,
            started_at=began,
            due_at=None,
            ended_at=began + timedelta(seconds=72) if ended else None,
        )
        steps(run, before.name, after.name, began, done)
        versions = dict(Image.objects.values_list("image_id", "version"))
        values: dict[str, Any] = {
            "kind": Deployment.Kind.PUSH,
            "strategy": "red-black",
            "actor": "maria",
            "reason": "fix login",
            "from_version": versions[before.image_id],
            "to_version": versions[after.image_id],
            "created_at": began,
        }
        return Deployment.objects.create(
            cluster=self.cluster,
            run=run,
            from_group=before.name,
            to_group=after.name,
            from_image=before.image_id,
            to_image=after.image_id,
            **{**values, **more},
        )

    def keep(self, group: Group, deployment: Deployment) -> KeptGroup:
        return KeptGroup.objects.create(
            cluster=self.cluster, name=group.name, arn=group.arn, deployment=deployment, until=None
        )


def steps(run: Run, before: str, after: str, began: datetime, done: int) -> None:
    """Five steps; those before `done` are over, the one at `done` runs unless the run has ended."""
    titles = [
        ("create-group", f"Create {after} at size 0", 1.0),
        ("size-group", f"Size {after} to 7", 1.0),
        ("wait-healthy", "Wait until 7 of 7 are healthy", 50.0),
        ("take-traffic", f"Take traffic from {before}", 15.0),
        ("keep-group", f"Keep {before} until the next push", 0.0),
    ]
    for position, (kind, title, expected) in enumerate(titles):
        over, current = position < done, position == done and run.ended_at is None
        step = Step.objects.create(
            run=run,
            position=position,
            kind=kind,
            title=title,
            expected_seconds=expected,
            params={"group": after},
            changes=[f"{kind}: {after}"],
            state=StepState.DONE if over else StepState.RUNNING if current else StepState.PENDING,
            says=run.says if current else "7 of 7 healthy" if over and kind == "wait-healthy" else "",
            started_at=began + timedelta(seconds=position * 10) if over or current else None,
            ended_at=began + timedelta(seconds=position * 10 + 9) if over else None,
        )
        if over or current:
            call = {"service": "autoscaling", "operation": "CreateAutoScalingGroup", "outcome": "ok", "seconds": 0.2}
            log = [call] if kind == "create-group" else []
            Attempt.objects.create(step=step, phase="forward", worker="w1", looks=3, says=step.says, log=log)


def build(name: str = "prod", *, production: bool = False, application: str = "api") -> World:
    """An environment with an application and an empty cluster behind a load balancer, just read."""
    now = timezone.now()
    environment = Environment.objects.create(
        name=name, account_id="123456789012", regions=[REGION], production=production
    )
    row, _ = Application.objects.get_or_create(name=application, defaults={"owner": "operator"})
    cluster = Cluster.objects.create(
        environment=environment, region=REGION, name=f"{application}-{name}", application=row, refreshed_at=now
    )
    for kind in SyncState.Kind:
        SyncState.objects.create(
            environment=environment, region=REGION, kind=kind, started_at=now, finished_at=now, succeeded_at=now
        )
    prefix = f"arn:aws:elasticloadbalancing:{REGION}:1:"
    synced = {"environment": environment, "region": REGION, "read_at": now, "digest": "x"}
    balancer = f"{prefix}loadbalancer/app/{cluster.name}/1"
    target_group = TargetGroup.objects.create(
        **synced,
        arn=f"{prefix}targetgroup/{cluster.name}-tg/1",
        name=f"{cluster.name}-tg",
        port=80,
        target_type="instance",
        health_interval=5,
        healthy_threshold=2,
        load_balancers=[balancer],
    )
    rule = {"arn": "rule", "priority": "default", "conditions": []}
    forwards = [{"target_group": target_group.arn, "weight": 1}]
    LoadBalancer.objects.create(
        **synced,
        arn=balancer,
        name=cluster.name,
        listeners=[{"arn": "listener", "port": 80, "protocol": "HTTP", "rules": [{**rule, "forwards": forwards}]}],
    )
    LaunchTemplate.objects.create(
        **synced, template_id=f"lt-{name}", name=cluster.name, default_version=1, latest_version=3, created_at=now
    )
    return World(environment, row, cluster, target_group, now)


def settled(name: str = "prod", **options: Any) -> World:
    """The usual state after a push: v013 serves, v012 is kept; an older push was undone."""
    world = build(name, **options)
    old, new, bad = world.image("4.1.9", days=9), world.image("4.2.0", days=2), world.image("4.2.1-rc1", days=1)
    before = world.group(12, old, healthy=6, attached=False, age=9)
    after = world.group(13, new, healthy=6, age=0.1)
    failed = world.group(14, bad, healthy=0, failing=0, attached=False, age=0.05)
    undone = world.push(
        before, failed, state=RunState.UNDONE, done=2, failure="i-0ab answered 503 on /health for 900 s."
    )
    Deployment.objects.filter(pk=undone.pk).update(actor="ci", reason="nightly")
    failed.delete()
    world.keep(before, world.push(before, after))
    return world


def moving(name: str = "prod", **options: Any) -> World:
    """A push between v012 and v013 that waits for the new group to be healthy."""
    world = build(name, **options)
    old, new = world.image("4.1.9", days=9), world.image("4.2.0", days=2)
    before = world.group(12, old, healthy=6, age=9)
    after = world.group(13, new, healthy=5, failing=2, age=0.001)
    says = "Waiting for 2 of 7 instances: i-0ab answers 503 on /health"
    world.push(before, after, state=RunState.WAITING, done=2, says=says, began=world.now - timedelta(seconds=40))
    return world
