"""The page of an operation on a group: its form, what it would do, and that it does exactly that."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.deployments import operations
from apps.deployments.models import Deployment
from tests.deployments import rich
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

GROUP = "api-prod-v000"


def path(service: Service, slug: str) -> str:
    return f"/groups/prod/{service.place.region}/{GROUP}/do/{slug}/"


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def shown(response: object) -> str:
    found = re.search(r'name="previewed" value="([^"]*)"', text_of(response))
    return found[1] if found else ""


def test_every_operation_is_offered_on_the_groups_page_and_has_a_form(service: Service, operator: Client) -> None:
    page = text_of(operator.get(f"/groups/prod/{service.place.region}/{GROUP}/"))
    for slug, operation in operations.all().items():
        assert (path(service, slug) in page) == (operation.of in {"group", "instance"})
        form = operator.get(path(service, slug))
        assert form.status_code == 200
        assert all(f'name="option-{spec.name}"' in text_of(form) for spec in operation.options)


def test_it_is_previewed_then_done_as_shown(service: Service, operator: Client) -> None:
    resize = path(service, "resize")
    first = operator.post(resize, {"option-desired": "3", "preview": "yes"})
    assert '<button class="button button--primary">Resize api-prod-v000: desired 2 → 3' in text_of(first)
    assert not Deployment.objects.exists()
    other = operator.post(resize, {"option-desired": "4", "previewed": shown(first)})
    assert other.status_code == 422
    assert "This is what it would do now; press again." in text_of(other)
    done = operator.post(resize, {"option-desired": "3", "previewed": shown(first), "reason": "load"})
    deployment = Deployment.objects.get()
    assert done.headers["Location"] == f"/deployments/{deployment.pk}/"
    assert (deployment.operation, deployment.options["desired"], deployment.reason) == ("resize", 3, "load")
    page = text_of(operator.get(f"/deployments/{deployment.pk}/"))
    assert "Resize: v000" in page


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(service: Service, operator: Client) -> None:
    answer = operator.post(path(service, "resize"), {"option-desired": "9", "reason": "load", "preview": "yes"})
    text = text_of(answer)
    assert answer.status_code == 422
    assert "desired can be at most max, 4" in text[text.index('id="field-option-desired"') :]
    assert 'value="9"' in text
    assert "load" in text


def test_what_ends_an_instance_over_the_guard_asks_for_the_groups_name(service: Service, operator: Client) -> None:
    instance = sorted(each["InstanceId"] for each in service.groups()[GROUP]["Instances"])[0]
    end = path(service, "terminate-instance")
    assert f'value="{instance}"' in text_of(operator.get(f"{end}?instance={instance}"))
    body = {"option-instance": instance, "overrides": ["guard-min-healthy"], "reason": "it is slow"}
    first = operator.post(end, {**body, "preview": "yes"})
    assert f'<button class="button button--danger">Terminate {instance} of {GROUP}' in text_of(first)
    unsure = operator.post(end, {**body, "previewed": shown(first)})
    assert unsure.status_code == 422
    assert f"Type {GROUP} if that is meant" in text_of(unsure)
    operator.post(end, {**body, "previewed": shown(first), "confirmation": GROUP})
    assert Deployment.objects.get().overrides == ["guard-min-healthy"]


def test_the_form_says_what_is_set_now_and_which_instances_there_are(service: Service, operator: Client) -> None:
    scaling = service.place.client("autoscaling")
    scaling.suspend_processes(AutoScalingGroupName=GROUP, ScalingProcesses=["AZRebalance"])
    scaling.put_scaling_policy(AutoScalingGroupName=GROUP, PolicyName="out", **rich.STEP)
    for slug, told in (
        ("resize", {"desired": "Now: 2.", "max": "Now: 4."}),
        ("processes", {"AZRebalance": "Now: suspended", "Launch": "Now: runs."}),
        ("settings", {"health_check_type": "Now: ELB.", "new_instances_protected": "Now: no."}),
        ("delete-policy", {"policy": "Now: out."}),
        ("switch-policy/?policy=out", {"enabled": "Now: yes."}),
    ):
        page = text_of(operator.get(path(service, slug.partition("/")[0]) + slug.partition("/")[2]))
        for option, words in told.items():
            beside = page[page.index(f'id="field-option-{option}"') :]
            assert words in beside[: beside.index("</p>")]
    page = text_of(operator.get(path(service, "replace-instance")))
    for each in service.groups()[GROUP]["Instances"]:
        assert f'<option value="{each["InstanceId"]}">{each["InstanceId"]}, {each["AvailabilityZone"]}' in page


@pytest.mark.parametrize(
    ("slug", "options", "asks"),
    [
        ("resize", {"option-desired": "1"}, "api-prod-v000 serves, and gets smaller."),
        (
            "processes",
            {"option-AddToLoadBalancer": "suspend"},
            "api-prod-v000 serves, and depends on what this changes.",
        ),
        ("processes", {"option-AZRebalance": "suspend"}, ""),
    ],
)
def test_the_groups_name_is_asked_for_where_traffic_is_at_stake_and_only_there(
    slug: str, options: dict[str, str], asks: str, service: Service, operator: Client
) -> None:
    first = operator.post(path(service, slug), {**options, "preview": "yes"})
    assert bool(asks) == (f"Type {GROUP} to confirm" in text_of(first))
    assert asks in text_of(first)
    answer = operator.post(path(service, slug), {**options, "previewed": shown(first)})
    assert answer.status_code == (422 if asks else 302)
    assert Deployment.objects.exists() == (not asks)


def test_a_viewer_is_told_which_role_it_needs(service: Service, viewer: Client) -> None:
    assert viewer.get(path(service, "resize")).status_code == 403
    page = text_of(viewer.get(f"/groups/prod/{service.place.region}/{GROUP}/"))
    assert path(service, "resize") not in page


def test_an_unknown_operation_is_not_found(service: Service, operator: Client) -> None:
    assert operator.get(path(service, "explode")).status_code == 404
