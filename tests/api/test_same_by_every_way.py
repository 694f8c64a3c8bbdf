"""Every operation on a group does the same from its page, over REST and on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from apps.accounts import services as accounts
from apps.accounts.models import Role, User
from apps.cli.main import main
from apps.deployments import operations, services
from apps.deployments.models import Deployment
from apps.deployments.requests import ChangeRequest
from tests.deployments import rich
from tests.deployments.conftest import aws
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

GROUP, REASON = "api-prod-v000", "the same"
Given = Mapping[str, Any]
ASKED: Mapping[str, Callable[[Service], Given]] = {  # what each is asked for; one that lacks here fails
    "create-next": lambda service: {"image": service.images["1.1.0"], "size": 3},
    "resize": lambda _service: {"desired": 3},
    "settings": lambda _service: {"health_check_grace_period": 77, "new_instances_protected": "yes"},
    "processes": lambda _service: {"AZRebalance": "suspend"},
    "terminate-instance": lambda service: {
        "instance": min(each["InstanceId"] for each in service.groups()[GROUP]["Instances"]),
        "shrink": True,
    },
    "replace-instance": lambda service: {
        "instance": min(each["InstanceId"] for each in service.groups()[GROUP]["Instances"])
    },
    "detach-instance": lambda service: {
        "instance": min(each["InstanceId"] for each in service.groups()[GROUP]["Instances"]),
        "shrink": True,
    },
    "protect-instance": lambda service: {
        "instance": min(each["InstanceId"] for each in service.groups()[GROUP]["Instances"])
    },
    "delete-group": lambda _service: {},
    "enable-traffic": lambda _service: {},
    "disable-traffic": lambda _service: {},
    "schedule": lambda _service: {"schedule": "evening", "recurrence": "0 18 * * *", "desired": 2},
    "delete-schedule": lambda service: {"schedule": scheduled(service)},
    "track-metric": lambda _service: {"policy": "cpu", "metric": "ASGAverageCPUUtilization", "target": 60.0},
    "scale-on-alarm": lambda _service: {"policy": "low", "when": "below", "threshold": 5.0, "by": -1},
    "switch-policy": lambda service: {"policy": policy(service), "enabled": "no"},
    "delete-policy": lambda service: {"policy": policy(service)},
}


def scheduled(service: Service) -> str:
    service.place.client("autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName=GROUP, ScheduledActionName="night", Recurrence="0 3 1 1 *", MinSize=1
    )
    return "night"


def policy(service: Service) -> str:
    service.place.client("autoscaling").put_scaling_policy(AutoScalingGroupName=GROUP, PolicyName="out", **rich.STEP)
    return "out"


def by_page(user: User, live: str, service: Service, slug: str, given: Given) -> None:
    client, path = Client(), f"/groups/prod/{service.place.region}/{GROUP}/do/{slug}/"
    client.force_login(user)
    body = {f"option-{name}": value for name, value in given.items()} | {"reason": REASON}
    first = client.post(path, {**body, "preview": "yes"}).content.decode()
    seen = re.search(r'name="previewed" value="([^"]*)"', first)
    client.post(path, {**body, "previewed": seen[1] if seen else "", "confirmation": GROUP})


def by_rest(user: User, live: str, service: Service, slug: str, given: Given) -> None:
    token = accounts.create_token(user, "rest", actor="tests")[1]
    Client().post(
        f"/api/v1/groups/prod/{service.place.region}/{GROUP}/changes/",
        {"operation": slug, "options": dict(given), "reason": REASON},
        "application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def by_command(user: User, live: str, service: Service, slug: str, given: Given) -> None:
    patch = pytest.MonkeyPatch()
    with patch.context() as environment:
        environment.setenv("DEPLOYCONSOLE_URL", live)
        environment.setenv("DEPLOYCONSOLE_TOKEN", accounts.create_token(user, "cli", actor="tests")[1])
        words = {True: "true", False: "false"}
        options = [f"--option={name}={words.get(value, value)}" for name, value in given.items()]
        with pytest.raises(SystemExit):
            main(["group", GROUP, slug, *options, "--reason", REASON])


def prepared(slug: str, service: Service) -> None:
    """The group stands by after a push; or serves again beside the next one."""
    assert carry_on(services.push(request(service, "1.1.0"), actor="ann")).state == "succeeded"
    if slug == "disable-traffic":
        change = ChangeRequest("prod", service.place.region, GROUP, "enable-traffic")
        assert carry_on(services.change(change, actor="ann")).state == "succeeded"


def same(params: Given) -> Given:
    """Without the token that names one plan at AWS."""
    return {name: value for name, value in params.items() if name != "token"}


@pytest.mark.parametrize("slug", sorted(operations.all()))
def test_page_rest_and_command_line_do_the_same(slug: str, service: Service, live_server: Any) -> None:
    if slug in {"enable-traffic", "disable-traffic"}:
        prepared(slug, service)
    user, made = User.objects.create(username="oscar", role=Role.OPERATOR), []
    if slug == "delete-group":  # of a group that does not serve
        service.place.client("autoscaling").detach_load_balancer_target_groups(
            AutoScalingGroupName=GROUP, TargetGroupARNs=[service.target_group]
        )
    given = ASKED[slug](service)
    for way in (by_page, by_rest, by_command):
        before = set(Deployment.objects.values_list("pk", flat=True))
        way(user, live_server.url, service, slug, given)
        (deployment,) = Deployment.objects.exclude(pk__in=before)
        steps = [(step.kind, step.title, same(step.params)) for step in deployment.run.steps.order_by("position")]
        made.append((deployment.operation, deployment.options, deployment.reason, deployment.actor, steps))
        services.cancel(deployment.pk, actor="oscar", reason="seen")
        carry_on(deployment)
    assert made[0] == made[1] == made[2]
