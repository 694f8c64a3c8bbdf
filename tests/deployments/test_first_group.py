"""The first group of a scaffold is told who it is, launched and judged as the group of any later push is."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.errors import Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview, PushRequest
from apps.images.models import Recipe
from apps.inventory.models import Application, Environment
from apps.inventory.services import set_user_data
from tests.deployments.lite import carry_on, cloud, until_step
from tests.deployments.scaffolding import CLUSTER, MADE, Account, account, striking

__all__ = ["account", "cloud"]

GROUP = "hello-world-v000"


def write(text: str = "#!/bin/sh\n${exports}\n", prefix: str = "CLOUD_") -> int:
    return set_user_data("hello", {"text": text, "prefix": prefix}, actor="ada", reason="identity").number


def found(preview: Preview) -> dict[str, tuple[str, str]]:
    return {each.code: (each.level, each.subject) for each in preview.findings}


def copy_of(account: Account, version: str, **members: Any) -> str:
    """Another image of the application, launched as its first one is."""
    ec2 = account.place.client("ec2")
    (shape,) = ec2.describe_images(ImageIds=[account.image])["Images"]
    tags = [{"Key": "application", "Value": "hello"}, {"Key": "version", "Value": version}]
    given = {"Architecture": "x86_64", "ImageLocation": shape["ImageLocation"], **members}
    specified = [{"ResourceType": "image", "Tags": tags}]
    return str(ec2.register_image(Name=f"hello-{version}", TagSpecifications=specified, **given)["ImageId"])


def told(account: Account) -> str:
    return base64.b64decode(account.launched()["UserData"]).decode()


def test_its_instances_are_told_who_they_are_as_those_of_any_later_push(account: Account) -> None:
    write()
    with pytest.raises(Invalid, match="hello has a user data template, version 1"):
        account.preview(image=account.image, user_data="echo other")
    preview = account.preview(image=account.image)
    assert preview.user_data is not None
    assert (preview.user_data.number, preview.user_data.before) == (1, "")
    (change,) = [text for step in preview.steps for text in step.changes if text.startswith("CreateLaunchTemplate:")]
    assert "; UserData by version 1 of the template, " in change
    made = account.scaffolded(image=account.image)
    identity = {
        "ENVIRONMENT": "test",
        "ACCOUNT": account.place.account,
        "REGION": account.place.region,
        "APPLICATION": "hello",
        "STACK": "world",
        "DETAIL": "''",
        "CLUSTER": CLUSTER,
        "GROUP": GROUP,
        "IMAGE": account.image,
        "VERSION": "1.0.0",
        "COMMIT": "0123abc",
        "BUILD": "''",
        "LAUNCH_TEMPLATE": CLUSTER,
    }
    lines = "".join(f"export CLOUD_{name}={value}\n" for name, value in identity.items())
    assert told(account) == f"#!/bin/sh\n{lines}"
    texts = services.user_data_of(made.pk, actor="oscar")
    assert texts is not None
    assert (made.user_data, texts.before, texts.after) == (1, "", told(account))
    push = PushRequest("test", account.place.region, CLUSTER, copy_of(account, "1.1.0"))
    known = found(services.preview_push(push))
    assert not [code for code in known if "user-data" in code], "only who it is and what it runs differs from now on"
    write("#!/bin/sh\n# more\n${exports}\n")
    assert found(services.preview_push(push))["user-data-changes"] == ("note", "UserData")


def test_a_template_that_makes_nothing_here_refuses_it(account: Account) -> None:
    write("echo ${commit}")
    account.place.client("ec2").create_tags(Resources=[account.image], Tags=[{"Key": "commit", "Value": "$(reboot)"}])
    assert found(account.preview(image=account.image))["user-data-unmade"] == ("refuse", "UserData")
    with pytest.raises(Refused, match="the AMI's tags tell holds quotes"):
        account.start(image=account.image)
    assert account.holds() == []


def gone(account: Account) -> None:
    """The first group was deleted; its launch template stands."""
    account.scaffolded(image=account.image)
    account.drain_at_once()
    account.delete_group(GROUP)


def test_a_launch_template_that_stands_gets_a_version_of_what_is_asked_for(account: Account) -> None:
    gone(account)
    newer = copy_of(account, "1.1.0")
    preview = account.preview(image=newer, instance_type="t3.small")
    assert preview.steps[0].changes == (f"CreateLaunchTemplateVersion: hello-world, {newer} on t3.small",)
    assert found(preview)["new-version"] == ("note", CLUSTER)
    with striking("killed-after") as struck:
        account.scaffolded(image=newer, instance_type="t3.small")
    assert len(struck) == 2, "the version and the group"
    assert account.group()["LaunchTemplate"]["Version"] == "2"
    launched = account.launched()
    assert (launched["ImageId"], launched["InstanceType"]) == (newer, "t3.small")
    account.delete_group(GROUP)
    again = account.preview(image=newer, instance_type="t3.small")
    assert found(again)["same-version"] == ("note", CLUSTER)
    assert [step.kind for step in again.steps] == ["make-part", "wait-sized"]
    account.scaffolded(image=account.image)
    assert account.group()["LaunchTemplate"]["Version"] == "1", "the version that launches just that"
    account.delete_group(GROUP)
    assert carry_on(services.remove_scaffold(account.removal(), actor="ann")).state == "succeeded"
    assert account.holds() == []


@pytest.mark.parametrize("fault", ["cut-after", "killed-after"])
def test_an_undo_takes_the_version_away_again_and_leaves_the_template(account: Account, fault: str) -> None:
    gone(account)
    account.never_healthy()
    made = account.start(image=account.image, instance_type="t3.small")
    assert made
    until_step(made, "wait-sized")
    services.cancel(made.pk, actor="bob", reason="not now")
    with striking(fault):
        assert carry_on(made).state == "undone"
    ec2 = account.place.client("ec2")
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=CLUSTER)["LaunchTemplateVersions"]
    assert [each["VersionNumber"] for each in versions] == [1]
    assert account.holds() == [*MADE, "launch-template hello-world"]


def test_it_is_judged_as_a_push_is(account: Account) -> None:
    Environment.objects.update(production=True)
    environment = Environment.objects.get()
    Recipe.objects.create(
        application=Application.objects.get(), environment=environment, region=account.place.region, gates=["unit"]
    )
    arm = copy_of(account, "1.1.0", Architecture="arm64")
    account.place.client("ec2").create_tags(Resources=[arm], Tags=[{"Key": "application", "Value": "search"}])
    known = found(account.preview(image=arm))
    assert known["other-application"] == ("refuse", "options.image")
    assert found(account.preview(image=arm, other_application=True))["other-application"][0] == "warn"
    assert known["architecture"] == ("refuse", "options.image")
    assert known["unknown-build"] == ("refuse", "options.image")
    assert known["few-instances"] == ("refuse", "options.min")
    with pytest.raises(Refused):
        account.start(image=arm)
    assert (Deployment.objects.exists(), account.holds()) == (False, [])
    assert "few-instances" not in found(account.preview(image=account.image, min=3, max=3))
