"""Pages and lists over 1,000, 10,000 and 50,000 rows, beside one bare view over the same rows in the same process.

Asked in process, without a web server and without CloudWatch: milliseconds a request, and SQL statements.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 40
GROUPS = (200, 2_000, 10_000)  # each with four instances: 1,000, 10,000 and 50,000 rows
PER_CLUSTER, PER_GROUP = 2, 4
REGION = "us-east-1"


def fill(first: int, last: int) -> None:
    """Groups by their numbers, two a cluster, of which the second serves with healthy instances."""
    from django.utils import timezone

    from apps.inventory.models import Application, Cluster, Environment, Group, Image, Instance, TargetGroup

    now = timezone.now()
    environment, _ = Environment.objects.get_or_create(
        name="bench", defaults={"account_id": "123456789012", "regions": [REGION]}
    )
    application, _ = Application.objects.get_or_create(name="shop")
    seen = {"environment": environment, "region": REGION, "read_at": now, "digest": "x"}
    if first == 0:
        Image.objects.create(
            **seen, image_id="ami-1", name="shop-1", application="shop", version="1.0", state="available"
        )
    numbers = range(first // PER_CLUSTER, last // PER_CLUSTER)
    Cluster.objects.bulk_create(
        Cluster(
            environment=environment, region=REGION, name=f"shop-{each:05}", application=application, stack=f"{each:05}"
        )
        for each in numbers
    )
    clusters = {each.name: each for each in Cluster.objects.filter(name__gte=f"shop-{numbers[0]:05}")}
    TargetGroup.objects.bulk_create(
        TargetGroup(
            **seen,
            arn=f"arn:tg/shop-{each:05}/1",
            name=f"shop-{each:05}",
            protocol="HTTP",
            port=80,
            target_type="instance",
            health_interval=5,
            healthy_threshold=2,
        )
        for each in numbers
    )
    Group.objects.bulk_create(
        _group(seen, clusters[f"shop-{each:05}"], version, now) for each in numbers for version in (0, 1)
    )
    groups = list(Group.objects.filter(cluster__in=clusters.values()))
    Instance.objects.bulk_create(
        (_instance(seen, group, number, now) for group in groups for number in range(PER_GROUP)), batch_size=2_000
    )


def _group(seen: dict[str, Any], cluster: Any, version: int, now: Any) -> Any:
    from apps.inventory.models import Group

    name = f"{cluster.name}-v{version:03}"
    sources = [{"identifier": f"arn:tg/{cluster.name}/1", "via": "target-group", "type": "target-group"}]
    return Group(
        **seen,
        cluster=cluster,
        name=name,
        arn=f"arn:{name}",
        created_at=now,
        min_size=1,
        max_size=9,
        desired=PER_GROUP,
        instance_count=PER_GROUP,
        in_service_count=PER_GROUP,
        image_id="ami-1",
        traffic_sources=sources if version else [],
        zones=["us-east-1a", "us-east-1b"],
        tags={"owner": "shop"},
    )


def _instance(seen: dict[str, Any], group: Any, number: int, now: Any) -> Any:
    from apps.inventory.models import Instance

    healthy = {
        each["identifier"]: {"state": "healthy", "reason": "", "description": ""} for each in group.traffic_sources
    }
    return Instance(
        **seen,
        group=group,
        instance_id=f"i-{group.pk:08x}{number:02x}",
        zone="us-east-1a",
        state="running",
        lifecycle_state="InService",
        health_status="Healthy",
        image_id="ami-1",
        instance_type="t3.micro",
        launched_at=now,
        target_health=healthy,
    )


def timed(ask: Callable[[], Any]) -> tuple[float, float, int]:
    """Median and 95th percentile in milliseconds, and SQL statements, of one request."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code == 200, answer.content[:500]
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], len(queries)


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client, override_settings

    from apps.accounts.models import Role, User
    from apps.console.build import cluster as of_cluster
    from apps.inventory.models import Group, Instance

    call_command("migrate", verbosity=0)
    of_cluster.rates = lambda *_: {}  # type: ignore[attr-defined]  # CloudWatch is asked beside the page, and not here
    client, bare = Client(), Client()
    client.force_login(User.objects.create(username="bench", role=Role.VIEWER))
    last = 0
    for count in GROUPS:
        fill(last, count)
        last = count
        rows = Group.objects.count() + Instance.objects.count()
        with override_settings(ROOT_URLCONF="benchmarks.floor_pages", MIDDLEWARE=[]):
            page, rest = timed(lambda: bare.get("/page/")), timed(lambda: bare.get("/rest/"))
        print(f"{rows:,} rows: floor of pages {page[0]:.1f} ms, of lists {rest[0]:.1f} ms")
        middle = f"shop-{count // PER_CLUSTER // 2:05}"
        _tell("cluster page", client, f"/clusters/bench/{REGION}/{middle}/", page[0], "6 x, 12 statements")
        _tell("group page", client, f"/groups/bench/{REGION}/{middle}-v001/", page[0], "")
        _tell("application page", client, "/applications/shop/", page[0], "")
        _tell("home", client, "/", page[0], "")
        _tell("REST list of 50 groups", client, "/api/v1/groups/", rest[0], "4 x")
        _tell("REST list of 50 instances", client, "/api/v1/instances/", rest[0], "4 x")
        _tell("the same, three fields", client, "/api/v1/instances/?fields=instance_id,state,group", rest[0], "")


def _tell(what: str, client: Any, path: str, floor: float, goal: str) -> None:
    median, slow, statements = timed(lambda: client.get(path))
    size = len(client.get(path).content) / 1024
    aim = f"; goal {goal}" if goal else ""
    print(
        f"  {what:26s} {median:6.1f} ms, p95 {slow:6.1f}, {median / floor:4.1f} x floor, {statements:2d} statements, "
        f"{size:.0f} KiB{aim}"
    )


def main() -> None:
    from apps.demo.embedded import Postgres

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        postgres = Postgres(Path(folder) / "pg")
        postgres.start()
        try:
            os.environ.update(
                AWS_ENDPOINT_URL="http://127.0.0.1:9",
                AWS_ACCESS_KEY_ID="bench",
                AWS_SECRET_ACCESS_KEY="bench",
                DATABASE_URL=postgres.create("bench"),
                REDIS_URL="redis://127.0.0.1:1/0",
                SECRET_KEY="only-for-benchmarks-" + "x" * 50,
                HTTPS="0",
                PLAIN_STATIC="1",
                ALLOWED_HOSTS="testserver",
                DJANGO_SETTINGS_MODULE="deployconsole.settings",
            )
            measure()
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
