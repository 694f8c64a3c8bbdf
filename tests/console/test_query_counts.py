"""How many SQL queries each page takes: as many as are pinned here, however much there is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import resolve
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.services import create_token
from apps.console import urls
from apps.deployments.models import Deployment, Freeze
from apps.events.services import record
from apps.images.models import Build, Gate, Keep, Mark, Webhook
from apps.inventory.models import Cluster, Group, Instance, LoadBalancer, TargetGroup
from apps.workflows.models import Attempt, Borrowed, Run, Step
from apps.workflows.states import RunState
from tests import counting
from tests.browser.test_pages import paths
from tests.console import baking, world
from tests.console.conftest import person

# The session and its user included, with an administrator signed in; one number for each address that `paths()` has of
# the name, in its order. A new page fails until it has its line, and the failure says what to write.
QUERIES: dict[str, list[int]] = {
    "application": [17],
    "application-edit": [3],
    "application-new": [2],
    "applications": [4],
    "bake": [9, 7],
    "bake-cancel": [7],
    "bake-live": [9, 7],
    "bake-log": [6, 6],
    "bake-new": [3],
    "bake-retry": [7],
    "bakes": [6],
    "base-image-new": [3],
    "base-image-withdraw": [3],
    "base-images": [5],
    "build": [9],
    "build-check": [5],
    "build-check-live": [5],
    "builds": [6],
    "changes": [11],
    "cluster": [12, 12],
    "cluster-live": [12, 12],
    "clusters": [12],
    "deployment": [8, 10],
    "deployment-cancel": [7],
    "deployment-charts": [5],
    "deployment-decide": [7],
    "deployment-live": [8, 10],
    "deployment-override": [5],
    "deployments": [6],
    "environment-edit": [3],
    "environment-new": [2],
    "environments": [4],
    "freeze-end": [3],
    "freeze-new": [5],
    "freezes": [8],
    "group": [14],
    "group-change": [3],
    "group-details": [4],
    "group-live": [14],
    "home": [13],
    "home-live": [13],
    "image": [28],
    "image-diff": [6],
    "image-diff-commits": [6],
    "image-promote": [4],
    "images": [9],
    "instance": [6],
    "instance-live": [6],
    "janitor": [7],
    "janitor-dry-run": [43],
    "janitor-keep": [3],
    "janitor-keep-end": [3],
    "janitor-rules": [4],
    "launch-template": [3],
    "launch-templates": [6],
    "load-balancer": [4],
    "load-balancers": [6],
    "other-groups": [6],
    "policy": [4],
    "promotion": [6],
    "promotion-live": [6],
    "push": [7],
    "recipe": [5],
    "rollback": [9],
    "scaffold": [5],
    "scaffold-remove": [4],
    "search": [12, 12],
    "styleguide": [2],
    "target-group": [7],
    "tokens": [3],
    "unlock": [10],
    "user-data": [7],
    "user-data-edit": [4],
    "webhooks": [4],
}

pytestmark = pytest.mark.django_db  # has the database made; the tests themselves only compare

POSTED = re.compile(r"-(preview|refresh|revoke|console|user-data)$|^theme$")  # no page: it takes POST alone
NAMES = sorted(str(each.name) for each in urls.urlpatterns if not POSTED.search(str(each.name)))
CLUSTER_PAGE = 12  # queries at most


@dataclass(frozen=True)
class Taken:
    """The queries of each address, by the URL's name: with few rows, and with many."""

    few: dict[str, dict[str, counting.Queries]]
    many: dict[str, dict[str, counting.Queries]]


@pytest.fixture(scope="module")
def taken(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Taken:
    """Every page at both sizes of one world. AWS refuses: what is read live is said to be missing."""
    with django_db_blocker.unblock(), transaction.atomic(), counting.refusing_cloud():
        known = addresses(paths())
        growing = Growing()
        growing.grow(range(counting.FEW))
        few = measured(known)
        growing.grow(range(counting.FEW, counting.MANY))
        found = Taken(few, measured(known))
        transaction.set_rollback(True)
    return found


def addresses(pages: Iterable[str]) -> dict[str, list[str]]:
    """Every address to look at, by the URL's name; the parts that pages ask for lie below them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in pages:
        found[str(resolve(path.partition("?")[0]).url_name)].append(path)
    for name in set(NAMES) - set(found):
        page, _, part = name.rpartition("-")
        found[name] = [f"{path}{part}/" for path in found[page]]
    return found


def measured(known: dict[str, list[str]]) -> dict[str, dict[str, counting.Queries]]:
    client = person(Role.ADMINISTRATOR)
    return {
        name: {path: counting.queries_of(client.get, path, (200, 286)) for path in these}
        for name, these in known.items()
    }


class Growing:
    """The world of `paths()`, to which more of everything is added."""

    def __init__(self) -> None:
        self.settled, self.moving = self._world("prod"), self._world("test")
        self.running = Deployment.objects.get(run__state=RunState.WAITING)
        self.ended = Deployment.objects.filter(cluster=self.settled.cluster).latest("pk")

    def grow(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._elsewhere(number)
            self._here(number)
            self._happened(number)
            self._under_way(number)
            self._bakes(number)
            self._traffic(number)
            self._people(number)

    def _world(self, environment: str) -> world.World:
        cluster = Cluster.objects.select_related("environment", "application").get(environment__name=environment)
        target_group = TargetGroup.objects.get(environment=cluster.environment)
        return world.World(cluster.environment, cluster.application, cluster, target_group, timezone.now())

    def _elsewhere(self, number: int) -> None:
        """A cluster in an environment of its own, with what belongs to it; its last push did not go well."""
        made = world.build(f"more{number}", application=f"api{number}")
        first = 100 + 2 * number  # by their numbers, groups have their ARNs
        old, new = (made.group(each, made.image(f"1.{each}"), healthy=2) for each in (first, first + 1))
        made.keep(old, made.push(old, new))
        made.push(old, new, state=RunState.FAILED, failure="It is not healthy.")

    def _here(self, number: int) -> None:
        """A cluster beside the settled one, a group that follows no pattern, and a build."""
        here = self.settled
        cluster = Cluster.objects.create(
            environment=here.environment, region=world.REGION, name=f"api-x{number}", application=here.application
        )
        beside = world.World(here.environment, here.application, cluster, here.target_group, here.now)
        group = beside.group(1, here.image(f"2.{number}"), healthy=2)
        odd = beside.group(2, here.image(f"3.{number}"), healthy=1)
        Group.objects.filter(pk=odd.pk).update(cluster=None, name=f"odd_{number}")
        beside.push(group, group, began=timezone.now() - timedelta(minutes=number))
        build = Build.objects.create(application=here.application, package="api", version="4.2.0", number=f"9{number}")
        for name in ("unit", f"gate{number}"):
            Gate.objects.create(build=build, name=name, outcome="passed")
        Webhook.objects.create(application=here.application, format="generic", secret="hush", created_by="ada")

    def _happened(self, number: int) -> None:
        """The settled cluster has one group, push, repair and event more; something is borrowed of each group."""
        here = self.settled
        serving = Group.objects.get(name=self.ended.to_group)
        group = here.group(20 + number, here.image(f"4.2.{number}"), healthy=2, attached=False, age=20)
        here.push(serving, group, state=RunState.UNDONE, done=2, began=here.now - timedelta(days=9))
        Run.objects.create(kind="repair", subject="api-prod", actor="x", resource=self._lock(here), state="succeeded")
        here.instance(serving, 90, number, world.HEALTHY)
        self._borrow(here, self.ended.run, group.name, keep=True)
        self._record(here, self.ended, serving.name)

    def _under_way(self, number: int) -> None:
        """One group more beside the running push, one push more that waits for it, one attempt more at its step."""
        here = self.moving
        group = here.group(20 + number, here.image(f"5.{number}"), healthy=2, attached=False, age=20)
        waits = here.push(group, group, state=RunState.QUEUED, done=0)
        Run.objects.filter(pk=waits.run_id).update(planned=False, resource=self._lock(here))
        here.instance(Group.objects.get(name=self.running.to_group), 90, number, world.HEALTHY)
        self._borrow(here, self.running.run, group.name, keep=False)
        instance = Instance.objects.filter(group__name=self.running.to_group).earliest("instance_id")
        for subject in (self.running.to_group, instance.instance_id):
            self._record(here, self.running, subject)
        for step in Step.objects.filter(run__in=(self.running.run_id, self.ended.run_id)):
            Attempt.objects.create(step=step, phase="forward", worker=f"w{number}", says="5 of 7", outcome="asked")

    def _bakes(self, number: int) -> None:
        """One bake more that made its images, one that is under way, and one that failed; one base image more."""
        here = self.settled
        baking.base_image(here.environment, image_id=f"ami-0ba5e{number}")
        for state in (RunState.SUCCEEDED, RunState.WAITING, RunState.UNDONE):
            baking.bake(here.application, f"6.{number}", state)
        for step in Step.objects.filter(run__kind="bake"):
            Attempt.objects.create(step=step, phase="forward", worker=f"w{number}", says="so far", outcome="asked")

    def _traffic(self, number: int) -> None:
        """One load balancer more sends to the settled target group, and to one of its own."""
        for here in (self.settled, self.moving):
            made = TargetGroup.objects.get(environment=here.environment, name=here.target_group.name)
            prefix = made.arn.partition("targetgroup/")[0]
            other = f"{prefix}targetgroup/{here.cluster.name}-{number}/1"
            TargetGroup.objects.create(
                **here.synced(),
                arn=other,
                name=f"{here.cluster.name}-{number}",
                port=80,
                target_type="instance",
                health_interval=5,
                healthy_threshold=2,
            )
            forwards = [{"target_group": arn, "weight": 1} for arn in (made.arn, other)]
            rule = {"arn": f"rule-{number}", "priority": "1", "conditions": [], "forwards": forwards}
            listeners = [{"arn": "listener", "port": 80, "protocol": "HTTP", "rules": [rule]}]
            balancer = LoadBalancer.objects.create(
                **here.synced(), arn=f"{prefix}{number}", name=f"{here.cluster.name}-{number}", listeners=listeners
            )
            first = LoadBalancer.objects.get(environment=here.environment, name=here.cluster.name)
            first.listeners[0]["rules"].append(rule)
            first.save(update_fields=["listeners"])
            made.load_balancers.append(balancer.arn)
            made.save(update_fields=["load_balancers"])

    def _people(self, number: int) -> None:
        """One token, mark and keep more, and one freeze more that is on, to come, and over."""
        now, hour = timezone.now(), timedelta(hours=1)
        image = {"environment": self.settled.environment, "region": "x", "kind": "image", "resource": f"ami-{number}"}
        Keep.objects.create(**image, actor="maria")
        Mark.objects.create(**image, because="x", since=now, due_at=now)
        create_token(User.objects.get_or_create(username=f"user{number}")[0], "ci", actor="tests")
        for begins in (-9 * hour, -hour / 2, hour):
            Freeze.objects.create(starts_at=now + begins, ends_at=now + begins + hour, actor="maria", reason="x")

    def _lock(self, here: world.World) -> str:
        return f"cluster:{here.environment.name}/{world.REGION}/{here.cluster.name}"

    def _borrow(self, here: world.World, run: Run, group: str, *, keep: bool) -> None:
        resource = f"{here.environment.name}/{world.REGION}/{group}"
        Borrowed.objects.create(run=run, kind="size", resource=resource, original={"min": 1}, keep=keep)

    def _record(self, here: world.World, deployment: Deployment, subject: str) -> None:
        where = {"environment": here.environment.name, "region": world.REGION, "cluster": here.cluster.name}
        summary = f"{subject} resized"
        record("group.resized", actor="maria", subject=subject, summary=summary, run=deployment.run_id, **where)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_takes_the_queries_that_are_pinned_here_whatever_there_is(name: str, taken: Taken) -> None:
    counting.check(name, taken.few[name], taken.many[name], QUERIES)


@pytest.mark.parametrize("name", ["cluster", "cluster-live"])
def test_the_cluster_page_takes_few(name: str, taken: Taken) -> None:
    assert {path: len(each) for path, each in taken.few[name].items() if len(each) > CLUSTER_PAGE} == {}


def test_what_is_pinned_is_in_order_and_there() -> None:
    assert list(QUERIES) == NAMES
