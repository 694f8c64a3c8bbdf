"""What is done to a cluster, and what is baked for it, comes to the same by page, over REST and on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from apps.accounts import services as accounts
from apps.accounts.models import Role, User
from apps.cli.main import main
from apps.deployments import services, strategies
from apps.deployments.models import ClusterPolicy, Deployment, Freeze
from apps.events.models import Event
from apps.images import services as images
from apps.images.models import Bake, BaseImage, Recipe
from apps.images.services.recipes import shown
from apps.inventory.models import Group
from apps.workflows.models import Lock
from tests.deployments.conftest import aws
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

REASON, UNTIL = "the same", "2030-12-27T08:00"
FREEZE = {"environment": "prod", "ends_at": UNTIL, "zone": "Europe/Berlin", "reason": REASON}


@dataclass(frozen=True)
class Ways:
    """One person, by each way; `number` is the deployment that it is about, where it is about one."""

    user: User
    live: str
    service: Service
    number: int = 0

    @property
    def cluster(self) -> str:
        return f"clusters/prod/{self.service.place.region}/{self.service.cluster}/"

    def page(self, path: str, body: Mapping[str, Any]) -> None:
        client = Client()
        client.force_login(self.user)
        answer = client.post(f"/{path}", dict(body))
        seen = re.search(r'name="previewed" value="([^"]*)"', answer.content.decode())
        if seen:
            answer = client.post(
                f"/{path}", {name: value for name, value in body.items() if name != "preview"} | {"previewed": seen[1]}
            )
        assert answer.status_code == 302, answer.content.decode()

    def rest(self, path: str, body: Mapping[str, Any], method: str = "post") -> None:
        headers = {"Authorization": f"Bearer {accounts.create_token(self.user, 'rest', actor='tests')[1]}"}
        answer = getattr(Client(), method)(f"/api/v1/{path}", dict(body), "application/json", headers=headers)
        assert answer.status_code < 300, answer.content

    def command(self, *words: str) -> None:
        with pytest.MonkeyPatch().context() as environment:
            environment.setenv("DEPLOYCONSOLE_URL", self.live)
            environment.setenv("DEPLOYCONSOLE_TOKEN", accounts.create_token(self.user, "cli", actor="tests")[1])
            with pytest.raises(SystemExit) as ended:
                main([*words])
        assert not ended.value.code


BAKED = {"application": "api", "version": "4.3.0", "reason": REASON}
TICKED = {"wheel-dependencies": "on"}  # the box of the provisioner that is ticked where nobody unticks it

Way = Callable[[Ways], None]
WHY = ("--reason", REASON)
ACTS: Mapping[str, tuple[Way, Way, Way]] = {
    "push": (
        lambda it: it.page(
            f"{it.cluster}push/",
            {**ticked(), "other_image": image(it), "strategy": "red-black", "reason": REASON, "preview": "yes"},
        ),
        lambda it: it.rest("deployments/", {**place(it), "image": image(it), "reason": REASON}),
        lambda it: it.command("push", it.service.cluster, "--image", image(it), *WHY),
    ),
    "rollback": (
        lambda it: it.page(f"deployments/{it.number}/rollback/", {"reason": REASON}),
        lambda it: it.rest(f"deployments/{it.number}/rollback/", {"reason": REASON}),
        lambda it: it.command("rollback", "--deployment", str(it.number), *WHY),
    ),
    "cancel": (
        lambda it: it.page(f"deployments/{it.number}/cancel/", {"reason": REASON}),
        lambda it: it.rest(f"deployments/{it.number}/cancel/", {"reason": REASON}),
        lambda it: it.command("cancel", str(it.number), *WHY),
    ),
    "unlock": (
        lambda it: it.page(
            f"{it.cluster}unlock/", {"reason": REASON, "confirmation": it.service.cluster, "force": "on"}
        ),
        lambda it: it.rest(f"{it.cluster}unlock/", {"reason": REASON, "confirm": it.service.cluster, "force": True}),
        lambda it: it.command("unlock", it.service.cluster, "--confirm", it.service.cluster, "--force", *WHY),
    ),
    "policy": (
        lambda it: it.page(f"{it.cluster}policy/", {"min_healthy_percent": "80", "reason": REASON}),
        lambda it: it.rest(f"{it.cluster}policy/", {"min_healthy_percent": 80, "reason": REASON}, "patch"),
        lambda it: it.command("policy", it.service.cluster, "--set", "min_healthy_percent=80", *WHY),
    ),
    "freeze": (
        lambda it: it.page("freezes/new/", FREEZE),
        lambda it: it.rest("freezes/", FREEZE),
        lambda it: it.command("freezes", "create", "--env", "prod", "--until", UNTIL, "--zone", FREEZE["zone"], *WHY),
    ),
    "base-image": (
        lambda it: it.page("base-images/new/", base_image(it)),
        lambda it: it.rest("base-images/", base_image(it)),
        lambda it: it.command(
            "base-images", "approve", "debian-12", image(it), "--env", "prod", "--region", it.service.place.region, *WHY
        ),
    ),
    "recipe": (
        lambda it: it.page("applications/api/recipe/", {**recipe(it), "architecture": "x86_64", **TICKED}),
        lambda it: it.rest("applications/api/recipe/", recipe(it), "patch"),
        lambda it: it.command("recipe", "set", "api", *words(recipe(it))),
    ),
    "bake": (
        lambda it: it.page("bakes/new/", {**BAKED, "preview": "yes"}),
        lambda it: it.rest("bakes/", BAKED),
        lambda it: it.command("bake", "api", BAKED["version"], *WHY),
    ),
    "refresh": (
        lambda it: it.page(f"{it.cluster}refresh/", {}),
        lambda it: it.rest(f"{it.cluster}refresh/", {}),
        lambda it: it.command("status", it.service.cluster, "--refresh"),
    ),
}


def image(it: Ways) -> str:
    return it.service.images["1.1.0"]


def base_image(it: Ways) -> dict[str, str]:
    place = {"environment": "prod", "region": it.service.place.region}
    return {**place, "name": "debian-12", "image_id": image(it), "reason": REASON}


def recipe(it: Ways) -> dict[str, Any]:
    return {
        "environment": "prod",
        "region": it.service.place.region,
        "base": "debian-12",
        "provisioner": "wheel",
        "repository": "https://packages.example.com/simple",
        "instance_type": "t3.small",
        "timeout_seconds": 900,
    }


def words(settings: Mapping[str, Any]) -> list[str]:
    """Settings as options of the command line."""
    names = {"environment": "env", "instance_type": "instance-type", "timeout_seconds": "timeout-seconds"}
    return [word for name, value in settings.items() for word in (f"--{names.get(name, name)}", str(value))]


def ticked() -> dict[str, str]:
    """The boxes of a strategy that are ticked where nobody unticks them."""
    options = strategies.all()["red-black"].options
    return {f"red-black-{spec.name}": "on" for spec in options if spec.default is True}


def place(it: Ways) -> dict[str, str]:
    return {"environment": "prod", "region": it.service.place.region, "cluster": it.service.cluster}


def prepared(act: str, service: Service, pushed: int) -> int:
    """The deployment that the act is about; what the way before has left is put away."""
    ClusterPolicy.objects.all().delete()
    Freeze.objects.all().delete()
    for each in Bake.objects.filter(run__ended_at__isnull=True):
        images.cancel_bake(each.pk, actor="tests", reason="seen")
    Recipe.objects.all().delete()
    BaseImage.objects.all().delete()
    Group.objects.update(desired=99, digest="")  # as if AWS had shown something else then
    if act in {"cancel", "unlock"}:
        return services.push(request(service, "1.1.0"), actor="ann").pk
    if act in {"bake", "recipe"}:
        where = service.place.region
        images.approve_base("prod", where, "debian-12", service.images["1.0.0"], actor="ann")
    if act == "bake":
        images.set_recipe("api", recipe(Ways(User(), "", service)), actor="ann")
    return pushed


def came(since: int, before: set[int]) -> list[object]:
    """What is told, and what stands, after an act."""
    told = list(Event.objects.filter(pk__gt=since).order_by("pk").values_list("kind", "actor", "reason"))
    told = [each for each in told if not each[0].startswith("token.")]
    made = [
        (each.kind, each.strategy, each.options, each.overrides, each.reason, each.actor, _steps(each))
        for each in Deployment.objects.exclude(pk__in=before)
    ]
    policies = list(ClusterPolicy.objects.values_list("min_healthy_percent", "traffic_driver"))
    freezes = list(Freeze.objects.values_list("environment", "cluster", "ends_at", "zone", "actor", "reason"))
    baked = [
        (each.version, each.reason, each.actor, each.recipe, _steps(each))
        for each in Bake.objects.filter(run__ended_at__isnull=True)
    ]
    bases = list(BaseImage.objects.values_list("name", "image_id", "architecture", "approved_by"))
    recipes = [(shown(each), each.changed_by) for each in Recipe.objects.all()]
    sizes = list(Group.objects.order_by("name").values_list("name", "desired"))
    return [told, made, policies, freezes, sizes, baked, bases, recipes, Lock.objects.count()]


def _steps(done: Deployment | Bake) -> list[tuple[str, str]]:
    return list(done.run.steps.order_by("position").values_list("kind", "title"))


def over() -> None:
    """Nothing runs any more."""
    for each in Deployment.objects.filter(run__ended_at__isnull=True):
        services.cancel(each.pk, actor="tests", reason="seen")
        carry_on(each)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_it_comes_to_the_same_by_every_way(act: str, service: Service, live_server: Any) -> None:
    role = Role.ADMINISTRATOR if act in {"base-image", "recipe"} else Role.OPERATOR
    user, pushed, seen = User.objects.create(username="oscar", role=role), 0, []
    if act == "rollback":
        first = services.push(request(service, "1.1.0"), actor="ann")
        assert carry_on(first).state == "succeeded"
        pushed = first.pk
    for way in ACTS[act]:
        number = prepared(act, service, pushed)
        before = set(Deployment.objects.values_list("pk", flat=True))
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        untouched = came(last, before)
        way(Ways(user, live_server.url, service, number))
        seen.append(came(last, before))
        assert seen[-1] != untouched
        over()
    assert seen[0] == seen[1] == seen[2]
