"""A small fleet in the tables alone, as syncs would have left it: for reading it over the API."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.deployments.models import Deployment, KeptGroup
from apps.events.services import record
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

REGION = "us-east-1"
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
BALANCER, LISTENER = f"{ARN}loadbalancer/app/shop/1", f"{ARN}listener/app/shop/1/1"
TARGETS = f"{ARN}targetgroup/shop-tg/1"


class Fleet:
    """Environment `prod`, application `shop.web` with the cluster `shop.web-prod`: v012 is kept, v013 serves."""

    def __init__(self, clusters: int = 1, size: int = 2) -> None:
        self.environment = Environment.objects.create(
            name="prod", account_id="123456789012", regions=[REGION, "eu-west-1"], external_id="hush"
        )
        now = timezone.now()
        self.seen = {"environment": self.environment, "region": REGION, "read_at": now, "digest": "x"}
        SyncState.objects.bulk_create(
            SyncState(
                environment=self.environment,
                region=REGION,
                kind=kind,
                started_at=now,
                finished_at=now,
                succeeded_at=now,
            )
            for kind in SyncState.Kind.values
        )
        self.application = Application.objects.create(name="shop.web", owner="team-shop", tags={"team": "shop"})
        self.image("ami-0a", "4.1.9")
        self.image("ami-0b", "4.2.0")
        TargetGroup.objects.create(
            **self.seen,
            arn=TARGETS,
            name="shop-tg",
            protocol="HTTP",
            port=80,
            target_type="instance",
            health_interval=5,
            healthy_threshold=2,
            load_balancers=[BALANCER],
        )
        LaunchTemplate.objects.create(
            **self.seen, template_id="lt-1", name="shop", default_version=1, latest_version=3, created_at=now
        )
        rule = {
            "arn": f"{LISTENER}/rule",
            "priority": "default",
            "conditions": [],
            "forwards": [{"target_group": TARGETS, "weight": 1}],
        }
        LoadBalancer.objects.create(
            **self.seen,
            arn=BALANCER,
            name="shop-lb",
            dns_name="shop.example",
            listeners=[{"arn": LISTENER, "port": 80, "protocol": "HTTP", "rules": [rule]}],
        )
        self.clusters = [self.cluster(f"shop.web-prod{number or ''}", size) for number in range(clusters)]

    def image(self, image_id: str, version: str) -> Image:
        return Image.objects.create(
            **self.seen,
            image_id=image_id,
            name=f"shop.web-{version}",
            source=Image.Source.OWNED,
            state="available",
            created_at=timezone.now(),
            application="shop.web",
            version=version,
            commit="0123abc",
            tags={"version": version},
        )

    def cluster(self, name: str, size: int) -> Cluster:
        made = Cluster.objects.create(
            environment=self.environment, region=REGION, name=name, application=self.application, stack="prod"
        )
        self.group(made, f"{name}-v012", "ami-0a", size, serving=False)
        self.group(made, f"{name}-v013", "ami-0b", size, serving=True)
        return made

    def group(self, cluster: Cluster | None, name: str, image: str, size: int, serving: bool) -> Group:
        sources = [{"identifier": TARGETS, "via": "target-groups", "type": "elbv2"}] if serving else []
        group = Group.objects.create(
            **self.seen,
            cluster=cluster,
            name=name,
            arn=f"arn:aws:autoscaling:{name}",
            created_at=timezone.now(),
            min_size=1,
            max_size=size + 2,
            desired=size,
            instance_count=size,
            in_service_count=size,
            image_id=image,
            launch_template_id="lt-1",
            launch_template_name="shop",
            launch_template_version="3",
            suspended={"AZRebalance": "by us"} if not serving else {},
            traffic_sources=sources,
            zones=["us-east-1a"],
            tags={"owner": "shop"},
        )
        healthy = {TARGETS: {"state": "healthy", "reason": "", "description": ""}} if serving else {}
        Instance.objects.bulk_create(
            Instance(
                **self.seen,
                group=group,
                instance_id=f"i-{group.pk:04d}{number:04d}",
                zone="us-east-1a",
                state="running",
                lifecycle_state="InService",
                health_status="Healthy",
                image_id=image,
                target_health=healthy,
            )
            for number in range(size)
        )
        return group

    def deployment(self, cluster: Cluster | None = None, state: str = "succeeded", actor: str = "oscar") -> Deployment:
        """A push of 4.2.0 with three steps; v012 is kept when it succeeded."""
        where = cluster or self.clusters[0]
        ended = state not in {"running", "waiting", "queued", "undoing", "needs_person"}
        now = timezone.now()
        run = Run.objects.create(
            kind="push",
            subject=where.name,
            actor=actor,
            state=state,
            says="" if ended else "Waiting for 1 of 2 instances: i-0ab answers 503 on /health",
            due_at=None,
            started_at=now - timedelta(seconds=70),
            ended_at=now if ended else None,
        )
        for position, kind in enumerate(("create-group", "wait-healthy", "take-traffic")):
            step = Step.objects.create(
                run=run, position=position, kind=kind, title=kind, state="done", changes=["X: y"]
            )
            Attempt.objects.create(step=step, phase="forward", worker="w1")
        made = Deployment.objects.create(
            kind="push",
            cluster=where,
            strategy="red-black",
            actor=actor,
            reason="fix login",
            from_group=f"{where.name}-v012",
            to_group=f"{where.name}-v013",
            from_version="4.1.9",
            to_version="4.2.0",
            to_image="ami-0b",
            run=run,
        )
        record(
            "deployment.push.requested",
            actor=actor,
            subject=where.name,
            summary=f"{actor} asked",
            run=run.pk,
            environment="prod",
            region=REGION,
            cluster=where.name,
        )
        if state == "succeeded":
            KeptGroup.objects.create(cluster=where, name=made.from_group, arn=f"arn:{where.pk}", deployment=made)
        return made
