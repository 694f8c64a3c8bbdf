"""Recipes and base images: what may be said, and what is told to who says it wrong."""

from __future__ import annotations

from typing import Any

import pytest

from apps.events.models import Event
from apps.images import provisioners
from apps.images.errors import Invalid
from apps.images.models import Recipe
from apps.images.selectors import latest_base
from apps.images.services import BakeRequest, approve_base, set_recipe, withdraw_base
from apps.images.services.understood import understand
from tests.images.kitchen import Kitchen

WHEEL = {"provisioner": "wheel", "repository": "https://packages.example.com/simple", "options": {"target": "/srv"}}
DNF = {"provisioner": "dnf", "repository": "https://packages.example.com/el9"}


def test_a_recipe_is_kept_whole_and_changed_field_by_field(kitchen: Kitchen) -> None:
    kitchen.recipe(**WHEEL, copies=["eu-west-1"])
    set_recipe("api", {"options": {"dependencies": False}, "timeout_seconds": 600}, actor="ann", reason="faster")
    row = Recipe.objects.get()
    assert row.options == {"configuration": "/etc", "target": "/srv", "dependencies": False, "installer": "pip"}
    assert (row.copies, row.timeout_seconds, row.changed_by) == (["eu-west-1"], 600, "ann")
    event = Event.objects.filter(kind="recipe.changed").get()
    assert event.summary == "ann changed options, timeout_seconds of the recipe of api."
    assert event.before is not None
    assert event.before["timeout_seconds"] == 1800


def test_what_changes_nothing_is_not_told(kitchen: Kitchen) -> None:
    kitchen.recipe()
    set_recipe("api", {"timeout_seconds": 1800}, actor="ann")
    assert Event.objects.filter(subject="api", kind__startswith="recipe.").count() == 1


def test_another_provisioner_begins_with_its_own_options(kitchen: Kitchen) -> None:
    kitchen.recipe(**WHEEL)
    set_recipe("api", {"provisioner": "apt"}, actor="ann")
    assert Recipe.objects.get().options["suite"] == "stable"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("environment", {"environment": "moon"}),
        ("region", {"region": "mars-east-1"}),
        ("copies", {"copies": ["us-east-1"]}),
        ("copies", {"copies": ["mars-east-1"]}),
        ("copies", {"copies": "eu-west-1"}),
        ("base", {"base": "No Such"}),
        ("base_pinned", {"base_pinned": "ami-0123456789abcdef0"}),
        ("architecture", {"architecture": "z80"}),
        ("provisioner", {"provisioner": "magic"}),
        ("repository", {**WHEEL, "repository": "packages"}),
        ("repository", {**WHEEL, "repository": "https://me:secret@packages.example.com/"}),
        ("repository", {"repository": "s3+https://secret@packages.example.com/"}),
        ("options.key", {**DNF, "options": {"key": "https://me:secret@packages.example.com/key"}}),
        ("package", {**WHEEL, "package": "a; rm -rf /"}),
        ("options.target", {**WHEEL, "options": {"target": "/srv/../etc"}}),
        ("options.target", {**WHEEL, "options": {"target": "/srv/$(id)"}}),
        ("options.colour", {**WHEEL, "options": {"colour": "red"}}),
        ("options.configuration", {"options": {"commands": "true", "configuration": "etc"}}),
        ("options.commands", {"options": {"commands": " "}}),
        ("instance_type", {"instance_type": "big"}),
        ("subnet", {"subnet": "here"}),
        ("security_groups", {"security_groups": ["open"]}),
        ("bucket", {"bucket": "My Bucket"}),
        ("timeout_seconds", {"timeout_seconds": 5}),
        ("gates", {"gates": ["unit", "unit"]}),
        ("git", {"git": "svn://svn.example.com/api"}),
        ("ticket_pattern", {"ticket_pattern": "("}),
        ("ticket_pattern", {"ticket_pattern": "([A-Z]+)+-"}),
        ("ticket_url", {"ticket_url": "https://tickets.example.com/"}),
        ("ticket_url", {"ticket_url": "https://me:secret@tickets.example.com/{ticket}"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(
    field: str, values: dict[str, Any], kitchen: Kitchen
) -> None:
    with pytest.raises(Invalid) as told:
        kitchen.recipe(**values)
    assert list(told.value.errors) == [field]
    assert not Recipe.objects.exists()


def test_a_base_image_that_is_not_approved_there_is_refused_and_those_that_are_are_named(kitchen: Kitchen) -> None:
    kitchen.recipe()
    for values, says in (
        ({"base": "plane"}, "No base image plane is approved for x86_64 in test us-east-1; approved there are plain."),
        ({"architecture": "arm64"}, "No base image plain is approved for arm64 in test us-east-1; none is"),
        ({"region": "eu-west-1"}, "No base image plain is approved for x86_64 in test eu-west-1; none is"),
    ):
        with pytest.raises(Invalid) as told:
            set_recipe("api", values, actor="ann")
        assert list(told.value.errors) == ["base"]
        assert told.value.errors["base"][0].startswith(says)
    withdraw_base(kitchen.base.pk, actor="bob", reason="it leaks")
    set_recipe("api", {"timeout_seconds": 600}, actor="ann")
    assert Recipe.objects.get().timeout_seconds == 600, "what is withdrawn later hinders no other change"


def test_a_first_recipe_needs_its_place_its_base_and_its_provisioner(kitchen: Kitchen) -> None:
    with pytest.raises(Invalid) as told:
        set_recipe("api", {"region": kitchen.place.region}, actor="ann")
    assert set(told.value.errors) == {"environment", "base", "provisioner"}


def test_the_image_that_was_approved_last_is_the_latest_until_it_is_withdrawn(kitchen: Kitchen) -> None:
    ec2 = kitchen.place.client("ec2")
    image = ec2.describe_images(ImageIds=[kitchen.base.image_id])["Images"][0]
    newer = ec2.register_image(Name="plain-2", Architecture="x86_64", ImageLocation=image["ImageLocation"])
    added = approve_base("test", "us-east-1", "plain", newer["ImageId"], "2", actor="ann")
    assert latest_base("test", "us-east-1", "plain", "x86_64") == added
    assert approve_base("test", "us-east-1", "plain", newer["ImageId"], "2", actor="bob") == added, "it is already"
    kitchen.recipe()
    assert understand(BakeRequest("api", "1.0.0")).base == added
    set_recipe("api", {"base_pinned": kitchen.base.image_id}, actor="ann")
    assert understand(BakeRequest("api", "1.0.0")).base == kitchen.base, "a pinned one stays"
    withdraw_base(added.pk, actor="bob", reason="it leaks")
    withdraw_base(added.pk, actor="eve")
    assert latest_base("test", "us-east-1", "plain", "x86_64") == kitchen.base
    assert latest_base("test", "us-east-1", "plain", "arm64") is None
    told = Event.objects.filter(kind="base_image.withdrawn").get()
    assert (told.actor, told.reason, told.subject) == ("bob", "it leaks", newer["ImageId"])


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        ("environment", ("moon", "us-east-1", "plain", ""), "There is no environment moon."),
        ("region", ("test", "mars-east-1", "plain", ""), "test has no region mars-east-1"),
        ("name", ("test", "us-east-1", "Plain One", ""), "A name is 1 to 64"),
        (
            "image_id",
            ("test", "us-east-1", "plain", "ami-0123456789abcdef0"),
            "There is no AMI ami-0123456789abcdef0 in test us-east-1.",
        ),
        ("image_id", ("test", "us-east-1", "plain", "that one"), "'that one' is not an AMI id; it looks like ami-"),
    ],
)
def test_only_an_image_that_the_account_may_launch_is_approved(
    field: str, given: tuple[str, str, str, str], says: str, kitchen: Kitchen
) -> None:
    environment, region, name, image = given
    with pytest.raises(Invalid) as told:
        approve_base(environment, region, name, image or kitchen.base.image_id, actor="ann")
    assert list(told.value.errors) == [field]
    assert told.value.errors[field][0].startswith(says)


def test_every_provisioner_describes_its_options_and_has_a_file_of_its_own() -> None:
    assert set(provisioners.all()) == {"apt", "dnf", "script", "wheel"}
    for provisioner in provisioners.all().values():
        assert "configuration" in provisioner.schema["properties"]
        assert all(spec.label for spec in provisioner.options)


@pytest.mark.parametrize(
    ("slug", "good", "bad"),
    [
        ("wheel", ["1.0", "2.1.0rc1", "1!3.0.post1", "1.0+local.2"], ["latest", "1.*", ">=1", "1.0 ", "1.0;id", ""]),
        ("apt", ["1.0-1", "1:2.3~rc1-1+b2"], ["latest", "1.0*", "1.0 | 2", "$(id)", ""]),
        ("dnf", ["1.0", "1.0-1.el9", "2.0~rc1-1"], ["*", "1.0-*", "1.0-1-1 ", "`id`", ""]),
        ("script", ["1.0", "v2"], ["1 2", "$(id)", "", "*"]),
    ],
)
def test_a_version_names_exactly_one(slug: str, good: list[str], bad: list[str]) -> None:
    provisioner = provisioners.get(slug)
    assert [each for each in good if provisioner.version_problem(each)] == []
    assert [each for each in bad if not provisioner.version_problem(each)] == []


def test_a_recipe_is_of_an_application_that_there_is(kitchen: Kitchen) -> None:
    with pytest.raises(Invalid) as told:
        set_recipe("nobody", {}, actor="ann")
    assert list(told.value.errors) == ["application"]
