"""Images: each once, with which environments may launch it and where it is used; and the page of one."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.images.models import Build
from apps.inventory.models import Group, Image, Instance
from tests.console import baking, world


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main", 1)[1]))


def given(image: Image, built: world.World, source: str) -> Image:
    """The same AMI, as another environment knows it: only the owner sees its tags."""
    return Image.objects.create(
        **built.synced(),
        image_id=image.image_id,
        name=image.name,
        state=image.state,
        created_at=image.created_at,
        source=source,
    )


def test_the_list_says_where_each_is_used_with_links(viewer: Client) -> None:
    world.settled()
    new, old = text_of(viewer, "/images/?version=4.2.0"), text_of(viewer, "/images/?version=4.1.9")
    assert "serves api-prod-v013 prod" in words(new)
    assert "stands by api-prod-v012 prod" in words(old)
    assert f'<a href="/groups/prod/{world.REGION}/api-prod-v013/">api-prod-v013</a>' in new
    assert f'<a href="/images/{Image.objects.get(version="4.2.0").image_id}/">4.2.0</a>' in new
    assert "4.1.9" not in new
    assert "no group" in words(text_of(viewer, "/images/?version=4.2.1-rc1"))


def test_what_was_approved_as_a_base_image_and_is_of_no_application_is_called_so(viewer: Client) -> None:
    built = world.build()
    for row in (built.image("1", days=1), built.image("2", days=2)):
        Image.objects.filter(pk=row.pk).update(application="", version="", image_id=f"{baking.BASE[:-1]}{row.version}")
    baking.base_image(built.environment, image_id=f"{baking.BASE[:-1]}1")
    text = words(text_of(viewer, "/images/"))
    assert re.findall(r"base image [\w-]+ [\d.]+|unknown", text) == ["base image debian-12 2026.11", "unknown"]


def test_an_ami_that_several_environments_know_is_listed_once_with_those_that_may_launch_it(viewer: Client) -> None:
    owner, stage, other = world.settled("prod"), world.build("stage"), world.build("test")
    image = Image.objects.get(version="4.2.0")
    given(image, stage, "shared")
    given(image, other, "run")
    for query in ("", "?environment=stage", f"?q={image.image_id}"):
        text = text_of(viewer, f"/images/{query}")
        assert text.count(f'href="/images/{image.image_id}/"') == 1, query
        assert f"{image.image_id} {image.name}" in words(text)
        assert "prod, stage us-east-1" in words(text)
    assert "1–1 of 1" in text_of(viewer, "/images/?environment=stage")
    assert owner.application.name in words(text_of(viewer, "/images/?environment=stage"))


def test_the_page_of_one_tells_where_it_is_used_and_which_environments_may_launch_it(viewer: Client) -> None:
    built, stage = world.settled("prod"), world.build("stage")
    image, group = Image.objects.get(version="4.2.0"), Group.objects.get(name="api-prod-v013")
    given(image, stage, "run")
    old = Instance.objects.filter(group__name="api-prod-v012").earliest("pk")
    Instance.objects.filter(pk=old.pk).update(image_id=image.image_id)
    text = text_of(viewer, f"/images/{image.image_id}/")
    said = words(text)
    assert "api 4.2.0 It serves in prod us-east-1." in said
    assert f'<a href="/groups/prod/{world.REGION}/{group.name}/">{group.name}</a>' in text
    assert f'<a href="{built.page}">{built.cluster.name}</a>' in text
    assert f"{old.instance_id} of api-prod-v012, which launches another" in said
    assert "prod us-east-1 may launch it It is the account's own." in said.replace("&#x27;", "'")
    assert "stage us-east-1 not known Something runs it" in said
    assert f'href="/deployments/?image={image.image_id}"' in text
    assert "Commit" in said
    assert image.commit in said


def test_the_page_of_one_leads_to_what_made_it_and_to_where_it_can_be_pushed(viewer: Client, operator: Client) -> None:
    built, stage = world.settled("prod"), world.build("stage", application="api")
    image = Image.objects.get(version="4.2.0")
    given(image, stage, "run")
    baking.recipe(built.application, built.environment)
    build = Build.objects.create(application=built.application, package="api", version="4.2.0")
    assert f'<a href="/builds/{build.pk}/">api 4.2.0</a>' in text_of(viewer, f"/images/{image.image_id}/"), (
        "by its tags"
    )
    bake = baking.bake(built.application, "4.2.0", build=build)
    bake.images.filter(region=baking.REGION).update(image_id=image.image_id)
    text = text_of(viewer, f"/images/{image.image_id}/")
    for path, named in (
        ("/applications/api/", "api"),
        (f"/builds/{build.pk}/", "api 4.2.0"),
        (f"/bakes/{bake.pk}/", f"bake {bake.pk} of api 4.2.0"),
        (f"/base-images/?image={baking.BASE}", baking.BASE),
    ):
        assert f'<a href="{path}">{named}</a>' in text
    assert "/push/?image=" not in text
    push = f'<a href="{built.page}push/?image={image.image_id}">api-prod in prod…</a>'
    offered = text_of(operator, f"/images/{image.image_id}/")
    assert push in offered
    assert offered.count("/push/?image=") == 1, "stage may not launch it"


def test_one_that_nothing_launches_and_one_that_is_going_say_so(viewer: Client) -> None:
    built = world.build()
    image = built.image("5.0.0")
    assert "No group launches it." in text_of(viewer, f"/images/{image.image_id}/")
    built.group(1, image, healthy=0)
    assert "1 group launches it, and does not serve." in text_of(viewer, f"/images/{image.image_id}/")
    built.group(2, image, healthy=1)
    Instance.objects.update(target_health={})
    assert "api-prod-v002 runs" in words(text_of(viewer, f"/images/{image.image_id}/"))
    Image.objects.update(state="deregistered")
    assert "not now It is deregistered." in words(text_of(viewer, f"/images/{image.image_id}/"))
    Image.objects.update(gone_at="2026-01-01T00:00:00Z")
    assert "AWS no longer shows it: this is how it was last known." in text_of(viewer, f"/images/{image.image_id}/")
    missing = viewer.get("/images/ami-0nope/")
    assert missing.status_code == 404
    assert "There is no AMI ami-0nope" in missing.content.decode()


def test_both_take_the_same_few_queries_whatever_there_is(viewer: Client) -> None:
    built = world.settled()
    path = f"/images/{Image.objects.get(version='4.2.0').image_id}/"

    def taken() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as listed:
            text_of(viewer, "/images/")
        with CaptureQueriesContext(connection) as shown:
            text_of(viewer, path)
        return len(listed), len(shown)

    few = taken()
    for number in range(20, 40):
        group = built.group(number, built.image(f"5.{number}"), healthy=2, attached=False)
        if number % 2:
            Group.objects.filter(pk=group.pk).update(image_id=path.split("/")[2])
    assert taken() == few
    assert few <= (11, 7)


def test_search_leads_to_the_one_page_of_an_ami(viewer: Client) -> None:
    world.settled("prod")
    image = Image.objects.get(version="4.2.0")
    given(image, world.build("stage"), "shared")
    text = text_of(viewer, f"/search/?q={image.image_id}")
    assert text.count(f'class="found__line" href="/images/{image.image_id}/"') == 1
    assert "prod us-east-1, stage us-east-1" in words(text)


def test_the_page_of_an_instance_leads_to_its_image_and_tells_its_tags_and_what_it_was_launched_with(
    viewer: Client,
) -> None:
    world.settled()
    row = Instance.objects.filter(group__name="api-prod-v013").earliest("pk")
    Instance.objects.filter(pk=row.pk).update(
        tags={"owner": "team-api"},
        launch_template_version="7",
        details={
            "LaunchTemplate": {"LaunchTemplateId": "lt-prod", "LaunchTemplateName": "api-prod", "Version": "7"},
            "KeyName": "ops",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
            "IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/api"},
        },
    )
    text = text_of(viewer, f"/instances/prod/{world.REGION}/{row.instance_id}/")
    said = words(text)
    for told in (
        "Launch template api-prod, version 7",
        "Key pair ops",
        "Subnet subnet-1",
        "VPC vpc-1",
        "Security groups web (sg-1)",
        "Instance profile api",
        "Tags (1) owner team-api",
    ):
        assert told in said, told
    assert f'<a href="/images/{row.image_id}/">AMI 4.2.0</a>' in text
    assert f'<a href="/launch-templates/prod/{world.REGION}/lt-prod/">Launch template api-prod</a>' in text
