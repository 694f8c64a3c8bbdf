"""Many clusters on one page: what is not well comes first, what moves is said, and the filters are REST's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.console.build.fleet import cluster_lines
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Environment, Group, Instance, LoadBalancer, SyncState, TargetGroup
from apps.inventory.selectors import lists
from apps.inventory.services.conditions import note_conditions
from apps.workflows.models import Run
from apps.workflows.states import RunState
from tests.console import world


def text_of(client: Client, path: str, **query: str) -> str:
    return " ".join(client.get(path, query).content.decode().split())


def listed(client: Client, path: str = "/clusters/", **query: str) -> list[str]:
    """The clusters of the table, in its order."""
    return re.findall(
        r'<tr id="cluster-[^"]*"> <th scope="row"><a href="[^"]*">([^<]*)<', text_of(client, path, **query)
    )


def one(name: str, *, healthy: int = 2, failing: int = 0, attached: bool = True, **more: Any) -> world.World:
    """A cluster of one group, whose targets were asked for."""
    built = world.build(name, **more)
    TargetGroup.objects.filter(pk=built.target_group.pk).update(health_read_at=built.now)
    built.group(1, built.image("1.0"), healthy=healthy, failing=failing, attached=attached)
    return built


def note() -> None:
    """What every read of AWS ends with."""
    for environment in Environment.objects.all():
        note_conditions(environment, world.REGION)


def health() -> Cluster.Health:
    """Of the only cluster, noted now."""
    note()
    return Cluster.Health(Cluster.objects.get().health)


def five() -> None:
    """By name: one that is well, one whose push runs, one that lacks an instance, one without traffic, one dead."""
    one("a")
    moving = world.moving("b")
    Group.objects.filter(cluster=moving.cluster, name__endswith="v013").delete()
    one("c", failing=1)
    one("d", attached=False)
    one("e", healthy=0, failing=2)
    note()


def test_what_is_not_well_comes_first_and_the_order_is_of_the_url(operator: Client) -> None:
    five()
    Cluster.objects.filter(name="api-a").update(version="0.9")
    assert listed(operator) == ["api-e", "api-c", "api-b", "api-a", "api-d"]
    assert listed(operator, sort="health") == ["api-e", "api-c", "api-a", "api-b", "api-d"]
    assert listed(operator, sort="-health") == ["api-d", "api-b", "api-a", "api-c", "api-e"]
    assert listed(operator, sort="version") == ["api-d", "api-e", "api-a", "api-c", "api-b"]  # two serve none
    assert listed(operator, sort="name") == ["api-a", "api-b", "api-c", "api-d", "api-e"]
    assert listed(operator, sort="-environment")[0] == "api-e"
    assert listed(operator, path="/") == listed(operator)
    page = text_of(operator, "/clusters/")
    assert "1–5 of 5" in page
    assert re.search("serves nothing<.*?<td>2 instances<", page)
    number = Deployment.objects.get().pk
    assert re.search(
        rf'<a class="state state--move[^"]*" href="/deployments/{number}/">.*?Push of 4.2.0, running<', page
    )


def test_what_needs_somebody_comes_before_what_only_moves(operator: Client) -> None:
    five()
    one("f")
    waiting = world.settled("g")
    old, new = waiting.cluster.groups.order_by("name")
    waiting.push(old, new, state=RunState.NEEDS_PERSON, done=3)
    note()
    assert listed(operator)[:4] == ["api-e", "api-c", "api-g", "api-b"]
    assert "Push of 4.2.0, needs a person<" in text_of(operator, "/clusters/", q="api-g")


def test_of_a_queue_what_runs_is_said_else_what_is_next(operator: Client) -> None:
    built = world.settled()
    old, new = built.cluster.groups.order_by("name")
    queued = [built.push(old, new, state=RunState.QUEUED, done=0, to_version=each) for each in ("5.0", "5.1")]
    Run.objects.filter(deployment__in=queued).update(planned=False, due_at=None)
    assert "Push of 5.0, queued<" in text_of(operator, "/clusters/")
    Run.objects.filter(deployment=queued[1]).update(planned=True, state=RunState.RUNNING)
    assert "Push of 5.1, running<" in text_of(operator, "/clusters/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"environment": "c"}, ["api-c"]),
        ({"q": "PI-D"}, ["api-d"]),
        ({"name": "api-a", "region": world.REGION}, ["api-a"]),
        ({"application": "api", "environment": "e"}, ["api-e"]),
        ({"image": "ami-00000000000000001"}, ["api-a"]),
        ({"empty": "true"}, ["api-x"]),
        ({"environment": "moon"}, []),
    ],
)
def test_it_is_filtered_as_over_rest(operator: Client, query: dict[str, str], found: list[str]) -> None:
    five()
    place = Cluster.objects.latest("pk")
    Cluster.objects.create(
        environment=place.environment, region=world.REGION, name="api-x", application=place.application
    )
    assert listed(operator, **query) == found
    if not found:
        page = text_of(operator, "/clusters/", **query)
        assert "moon is not known here." in page
        assert "No cluster matches." in page


WELL = {"state": "running", "lifecycle_state": "InService", "health_status": "Healthy"}
SICK: dict[str, dict[str, Any]] = {
    "well": {},
    "stopping": {"state": "stopping"},
    "pending": {"state": "pending", "lifecycle_state": "Pending"},
    "standing by": {"lifecycle_state": "Standby"},
    "warming": {"lifecycle_state": "Pending:Wait"},
    "ending": {"lifecycle_state": "Terminating:Wait"},
    "unhealthy for its group": {"health_status": "Unhealthy"},
    "draining": {"target": {"state": "draining", "reason": "", "description": ""}},
    "new": {"target": {"state": "initial", "reason": "", "description": ""}},
    "unused": {"target": {"state": "unused", "reason": "", "description": ""}},
    "nobody asks": {"target": {"state": "unavailable", "reason": "", "description": ""}},
    "in no target group": {"target": None},
}


@pytest.mark.parametrize("of_all", [True, False])
@pytest.mark.django_db
def test_the_statement_tells_the_same_as_the_lines(of_all: bool) -> None:
    arn = one("prod", healthy=3).target_group.arn
    members = list(Instance.objects.order_by("pk").values_list("pk", flat=True))[: None if of_all else 1]
    for how, change in SICK.items():
        Instance.objects.update(**WELL, target_health={arn: world.HEALTHY})
        seen = change.get("target", world.HEALTHY)
        own = {name: value for name, value in change.items() if name != "target"}
        Instance.objects.filter(pk__in=members).update(**own, target_health={arn: seen} if seen else {})
        for desired in (3, 2):  # one too many: whether it is missed depends on how it is
            Group.objects.update(desired=desired)
            same(how)


@pytest.mark.parametrize("weight", [0, 1])
@pytest.mark.django_db
def test_a_rule_of_weight_0_serves_nothing_to_the_statement_either(weight: int) -> None:
    one("prod")
    balancer = LoadBalancer.objects.get()
    balancer.listeners[0]["rules"][0]["forwards"][0]["weight"] = weight
    balancer.save()
    same()
    assert (health() == Cluster.Health.SILENT) == (weight == 0)


@pytest.mark.django_db
def test_a_classic_load_balancer_serves_to_the_statement_too() -> None:
    one("prod")
    Group.objects.update(traffic_sources=[{"identifier": "old", "via": "classic", "type": "elb"}])
    Instance.objects.update(target_health={"old": world.HEALTHY})
    same()
    assert health() == Cluster.Health.WELL


@pytest.mark.parametrize("missing", ["targets", "rules"])
@pytest.mark.django_db
def test_what_was_not_read_yet_is_not_called_silent(missing: str) -> None:
    one("prod")
    Instance.objects.update(target_health={})
    assert health() == Cluster.Health.SILENT
    if missing == "targets":
        TargetGroup.objects.update(health_read_at=None)
    else:
        LoadBalancer.objects.update(listeners=[])
    assert health() == Cluster.Health.WELL


def same(how: str = "") -> None:
    """The statement over all clusters, and the lines of the one that there is, agree."""
    (line,) = cluster_lines(list(lists.clusters()), ())
    said = {"fail": Cluster.Health.SILENT, "attend": Cluster.Health.LACKING}
    assert health() == said.get(line.state.kind, Cluster.Health.WELL), how
    assert Cluster.objects.get().version == line.version, how


@pytest.mark.django_db
def test_of_groups_that_share_the_traffic_each_version_is_noted_and_only_what_changed_is_written() -> None:
    built = world.moving()
    built.image("9.9")
    other = world.build("other")
    assert note_conditions(built.environment, world.REGION, ["api-other"]) == 0
    assert note_conditions(built.environment, world.REGION, ["api-prod", "api-other"]) == 1
    assert note_conditions(built.environment, world.REGION) == 0
    found = Cluster.objects.get(pk=built.cluster.pk)
    assert (found.health, found.version) == (Cluster.Health.LACKING, "4.1.9 and 4.2.0")
    Group.objects.filter(cluster=built.cluster).update(gone_at=built.now)
    assert note_conditions(built.environment, world.REGION) == 1
    found.refresh_from_db()
    assert (found.health, found.version) == (Cluster.Health.WELL, "")
    assert note_conditions(other.environment, world.REGION) == 0


def test_it_takes_the_same_queries_for_many_clusters(operator: Client) -> None:
    built = world.settled()
    with CaptureQueriesContext(connection) as small:
        operator.get("/clusters/")
    for number in range(12):
        group = built.group(100 + number, built.image(f"9.{number}"), healthy=2, age=0.5)
        other = Cluster.objects.create(
            environment=built.environment, region=world.REGION, name=f"api-x{number}", application=built.application
        )
        Group.objects.filter(pk=group.pk).update(cluster=other)
    with CaptureQueriesContext(connection) as large:
        operator.get("/clusters/")
    assert len(large) == len(small) <= 17, "\n".join(query["sql"][:150] for query in large.captured_queries)


def test_the_matrix_of_an_application_says_what_moves_and_when_it_is_old(operator: Client) -> None:
    built = world.moving()
    page = text_of(operator, "/applications/api/")
    assert f'href="/deployments/{built.cluster.deployments.get().pk}/">' in page.partition("</tbody>")[0]
    assert "Push of 4.2.0, running<" in page
    assert "older than it should be" not in page
    world.build("other", application="shop")
    late = SyncState.objects.filter(environment__name="other")
    late.update(succeeded_at=built.now - timedelta(hours=3), error="Rate exceeded")
    assert "older than it should be" not in text_of(operator, "/applications/api/")  # it does not run there
    SyncState.objects.update(succeeded_at=built.now - timedelta(hours=3), error="Rate exceeded")
    assert "Some of this is older than it should be. Rate exceeded" in text_of(operator, "/applications/api/")


def test_environment_and_region_of_a_breadcrumb_lead_to_the_clusters_there(operator: Client) -> None:
    settled = world.settled()
    one("test")
    page = text_of(operator, settled.page)
    assert '<a href="/clusters/?environment=prod">prod</a>' in page
    assert f'<a href="/clusters/?environment=prod&amp;region={world.REGION}">{world.REGION}</a>' in page
    assert listed(operator, environment="prod", region=world.REGION) == ["api-prod"]
