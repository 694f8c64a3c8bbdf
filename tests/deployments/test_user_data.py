"""What instances of the next group are told: made by the application's template when the push is planned."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import ec2
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.deployments.strategies import red_black, rolling_replace
from apps.events.models import Event
from apps.inventory.services import set_user_data
from apps.inventory.user_data import MOST_BYTES, Template
from tests.deployments.lite import Died, carry_on, cloud, service
from tests.deployments.rich import launch_from_configuration
from tests.deployments.situations import situation
from tests.deployments.test_push import request
from tests.deployments.test_traffic_by_hand import change, done
from tests.world import Service

__all__ = ["cloud", "service"]

TEXT = "#!/bin/sh\nexport GROUP=${group} VERSION=${version} LT=${launch_template}\nexport LEVEL=${LEVEL}\n"
OLD, NEW = "api-prod-v000", "api-prod-v001"
FIRST = Template(1, TEXT, {"prod": {"LEVEL": "warn"}}, actor="ada", reason="identity")


def write(text: str = TEXT, level: str = "warn", reason: str = "identity") -> int:
    values = {"text": text, "variables": {"prod": {"LEVEL": level}} if text else {}}
    return set_user_data("api", values, actor="ada", reason=reason).number


def told(service: Service, version: int | str = "$Latest", template: str = "") -> str:
    """The user data of a launch template version on AWS."""
    found = service.place.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template or service.template, Versions=[str(version)]
    )["LaunchTemplateVersions"]
    return base64.b64decode(found[0]["LaunchTemplateData"]["UserData"]).decode()


def made(group: str, version: str = "1.1.0", level: str = "warn", template: str = "api-prod") -> str:
    return f"#!/bin/sh\nexport GROUP={group} VERSION={version} LT={template}\nexport LEVEL={level}\n"


def push(service: Service, image: str = "1.1.0", **more: Any) -> Deployment:
    pushed = services.push(request(service, image, **more), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    return pushed


def codes(asked: PushRequest) -> dict[str, str]:
    return {each.code: each.level for each in services.preview_push(asked).findings if "user-data" in each.code}


def test_without_a_template_user_data_stays_as_it_is_and_nothing_is_said(service: Service) -> None:
    preview = services.preview_push(request(service, "1.1.0"))
    assert (preview.user_data, codes(request(service, "1.1.0"))) == (None, {})
    assert "UserData" not in preview.steps[0].changes[0]
    pushed = push(service)
    assert told(service) == told(service, 1) == "export METRICS_SECONDS=1\n"
    assert pushed.user_data is None
    assert services.user_data_of(pushed.pk, actor="oscar") is None
    assert not Event.objects.filter(kind="user_data.read").exists()


def test_the_new_group_is_told_who_it_is_and_the_push_says_by_which_version(service: Service) -> None:
    write()
    preview = services.preview_push(request(service, "1.1.0"))
    assert preview.user_data is not None
    assert (preview.user_data.number, preview.user_data.count.words) == (1, "3 lines come, 1 goes")
    says = f"; UserData by version 1 of the template, {len(made(NEW))} bytes: 3 lines come, 1 goes"
    assert preview.steps[0].changes[0].endswith(says)
    assert codes(request(service, "1.1.0")) == {"user-data-replaced": "warn"}
    pushed = push(service)
    assert told(service) == made(NEW)
    assert service.groups()[NEW]["LaunchTemplate"]["Version"] == "2"
    assert pushed.user_data == 1
    texts = services.user_data_of(pushed.pk, actor="oscar")
    assert texts is not None
    assert (texts.before, texts.after, texts.problem) == ("export METRICS_SECONDS=1\n", made(NEW), "")
    look = Event.objects.get(kind="user_data.read")
    assert (look.actor, look.run, look.cluster) == ("oscar", pushed.run_id, "api-prod")
    assert codes(request(service, "1.2.0")) == {}  # only who it is and what it runs differs from now on
    write(level="error", reason="too loud")
    assert codes(request(service, "1.2.0")) == {"user-data-changes": "note"}
    (finding,) = (
        each for each in services.preview_push(request(service, "1.2.0")).findings if each.code == "user-data-changes"
    )
    assert finding.text == (
        "The user data changes from version 1 to version 2 of the template (ada: too loud): 1 line comes, 1 goes."
    )


def test_rolled_back_in_place_it_has_what_it_had(service: Service) -> None:
    write()
    push(service, strategy="rolling-replace")
    assert told(service, 2) == made(OLD)
    write(level="error")
    pushed = push(service, "1.2.0", strategy="rolling-replace")
    assert (told(service, 3), pushed.user_data) == (made(OLD, "1.2.0", "error"), 2)
    back = services.rollback(pushed.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    group = service.groups()[OLD]
    assert group["LaunchTemplate"]["Version"] == "2"
    assert {one["LaunchTemplate"]["Version"] for one in group["Instances"]} == {"2"}
    assert told(service, 2) == made(OLD)
    change = services.preview_push(request(service, "1.2.0")).user_data
    assert change is not None
    assert (change.was, change.number) == (1, 2)  # by the version that it launches now, not by the last push


def test_a_template_that_is_edited_during_a_push_that_dies_changes_nothing_of_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    write("changed ${group} ${LEVEL}", "error")
    real, deaths = ec2.create_launch_template_version, iter([Died()])

    def dies_after_it(*args: Any, **given: Any) -> Any:
        answer = real(*args, **given)
        for death in deaths:
            raise death
        return answer

    monkeypatch.setattr(ec2, "create_launch_template_version", dies_after_it)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert next(deaths, None) is None
    assert told(service) == made(NEW)
    assert service.groups()[NEW]["LaunchTemplate"]["Version"] == "2"  # the one that it had made
    assert pushed.user_data == 1


def test_the_next_group_by_hand_is_told_who_it_is(service: Service) -> None:
    write()
    created = done(change(service, "create-next", OLD, image=service.images["1.1.0"]))
    assert told(service) == made(NEW)
    assert created.user_data == 1


def test_a_launch_configuration_is_converted_with_it(service: Service) -> None:
    launch_from_configuration(service)
    write()
    pushed = push(service)
    launched = service.groups()[NEW]["LaunchTemplate"]
    name = launched["LaunchTemplateName"]
    assert told(service, 1, launched["LaunchTemplateId"]) == made(NEW, template=name)
    texts = services.user_data_of(pushed.pk, actor="oscar")
    assert texts is not None
    assert texts.before == "export A=1"


def test_a_template_that_was_taken_away_leaves_it_as_it_is(service: Service) -> None:
    write()
    push(service)
    write("", reason="no more")
    assert push(service, "1.2.0").user_data is None
    assert told(service) == made(NEW)


def test_a_queued_push_is_told_by_the_template_of_when_its_turn_comes(service: Service) -> None:
    write()
    first = services.push(request(service, "1.1.0"), actor="ann")
    second = services.push(request(service, "1.2.0", queue=True), actor="ben")
    write(level="error")
    assert carry_on(first).state == "succeeded", first.run.failure
    assert carry_on(second).state == "succeeded", second.run.failure
    second.refresh_from_db()
    assert (second.user_data, told(service)) == (2, made("api-prod-v002", "1.2.0", "error"))


def test_a_look_at_a_push_is_recorded_though_it_is_not_made(service: Service) -> None:
    write()
    texts = services.user_data_of_push(request(service, "1.1.0"), actor="oscar")
    assert texts is not None
    assert (texts.before, texts.after) == ("export METRICS_SECONDS=1\n", made(NEW))
    assert Event.objects.get(kind="user_data.read").actor == "oscar"
    assert not Deployment.objects.exists()


@pytest.fixture
def plain() -> dict[str, Any]:
    """What a plan without a cloud has of it."""
    return {"user_data": FIRST, "account": "1"}


def findings(**more: Any) -> dict[str, str]:
    preview = red_black.plan(situation(**more), red_black.Options())
    return {each.code: each.level for each in preview.findings if "user-data" in each.code}


def test_the_old_groups_name_in_user_data_is_no_warning_once_a_template_tells_it(plain: dict[str, Any]) -> None:
    template = situation().template
    assert template is not None
    named = replace(template, user_data="export GROUP=api-prod-v012")
    assert findings(template=named) == {"user-data-names-group": "warn"}
    assert findings(template=named, **plain) == {"user-data-replaced": "warn"}


def test_what_cannot_be_made_refuses_and_is_not_let_through(plain: dict[str, Any]) -> None:
    long = replace(FIRST, text="x" * MOST_BYTES + "${group}")
    assert findings(user_data=long) == {"user-data-unmade": "refuse"}
    assert findings(user_data=replace(FIRST, variables={})) == {"user-data-unmade": "refuse"}
    preview = red_black.plan(situation(user_data=long), red_black.Options())
    assert any(each.final for each in preview.findings)


def test_a_replacement_in_place_is_told_its_own_name(plain: dict[str, Any]) -> None:
    preview = rolling_replace.plan(situation(**plain), rolling_replace.Options())
    text = base64.b64decode(preview.steps[0].params["user_data"]).decode()
    assert "GROUP=api-prod-v012 VERSION=4.2.0" in text


def test_the_texts_are_in_no_repr(plain: dict[str, Any]) -> None:
    preview = red_black.plan(situation(**plain), red_black.Options())
    assert preview.user_data is not None
    assert "LEVEL" not in f"{preview.user_data!r}{situation(**plain).user_data!r}"
