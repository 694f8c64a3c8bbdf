"""Applications and environments as people enter them."""

import pytest
from django.core.exceptions import ValidationError

from apps.events.models import Event
from apps.inventory import services
from apps.inventory.models import Application, Environment

pytestmark = pytest.mark.django_db

ACCOUNT = "123456789012"


def wrong(call, *args, **kwargs):
    with pytest.raises(ValidationError) as raised:
        call(*args, actor="ann", **kwargs)
    return raised.value.message_dict


def test_an_application_is_registered_and_recorded():
    row = services.create_application("shop.api", actor="ann", reason="new", owner="shop", tags={"team": "shop"})
    event = Event.objects.get()
    assert (row.owner, row.discovered) == ("shop", False)
    assert (event.kind, event.actor, event.subject, event.reason) == ("application.created", "ann", "shop.api", "new")
    assert event.after["tags"] == {"team": "shop"}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"email": "nobody"}, "email"),
        ({"repository_url": "not a link"}, "repository_url"),
        ({"health_check_path": "healthz"}, "health_check_path"),
        ({"tags": {"team": 3}}, "tags"),
        ({"tags": ["team"]}, "tags"),
        ({"tags": {"": "x"}}, "tags"),
        ({"log_link_template": "https://logs/{instanse}"}, "log_link_template"),
        ({"log_link_template": "https://logs/{instance.pk}"}, "log_link_template"),
        ({"log_link_template": "https://logs/{instance:>99999999}"}, "log_link_template"),
        ({"log_link_template": "https://logs/{instance!r}"}, "log_link_template"),
        ({"log_link_template": "https://logs/{"}, "log_link_template"),
        ({"log_link_template": "javascript:alert(1)"}, "log_link_template"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(fields, name):
    assert name in wrong(services.create_application, "shop", **fields)
    assert not Application.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("name", ["", "shop-api", "shop api", "shop/api", "x" * 256])
def test_a_name_outside_of_the_grammar_is_refused(name):
    assert "name" in wrong(services.create_application, name)


def test_a_taken_name_is_refused():
    services.create_application("shop", actor="ann")
    assert "name" in wrong(services.create_application, "shop")


def test_a_discovered_application_is_claimed_by_registering_it():
    Application.objects.create(name="shop", discovered=True)
    assert services.create_application("shop", actor="ann", owner="ann").discovered is False


def test_a_change_is_recorded_with_what_was_and_what_is():
    services.create_application("shop", actor="ann", owner="ann")
    services.update_application("shop", actor="bob", owner="bob")
    event = Event.objects.order_by("-id")[0]
    assert (event.kind, event.before, event.after) == ("application.changed", {"owner": "ann"}, {"owner": "bob"})


def test_a_change_of_nothing_is_not_recorded():
    services.create_application("shop", actor="ann", owner="ann")
    services.update_application("shop", actor="bob", owner="ann")
    assert Event.objects.count() == 1


def test_an_application_that_runs_nowhere_can_be_deleted():
    services.create_application("shop", actor="ann")
    services.delete_application("shop", actor="ann", reason="closed")
    assert not Application.objects.exists()
    assert Event.objects.latest("id").kind == "application.deleted"


def test_an_environment_is_added_and_recorded():
    row = services.create_environment("prod", actor="ann", account_id=ACCOUNT, regions=["us-east-1"], production=True)
    assert row.target("us-east-1").account == ACCOUNT
    assert Event.objects.get().kind == "environment.created"


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("Prod", {}, "name"),
        ("prod", {"account_id": "12"}, "account_id"),
        ("prod", {"role_arn": "role/console"}, "role_arn"),
        ("prod", {"role_arn": "arn:aws:iam::999999999999:role/console"}, "role_arn"),
        ("prod", {"regions": []}, "regions"),
        ("prod", {"regions": "us-east-1"}, "regions"),
        ("prod", {"regions": ["us-east-1", "us-east-1"]}, "regions"),
        ("prod", {"regions": ["mars"]}, "regions"),
    ],
)
def test_a_wrong_field_of_an_environment_is_named(name, fields, field):
    given = {"account_id": ACCOUNT, "regions": ["us-east-1"], **fields}
    assert field in wrong(services.create_environment, name, **given)
    assert not Environment.objects.exists()


def test_an_environment_changes_and_says_what():
    services.create_environment("prod", actor="ann", account_id=ACCOUNT, regions=["us-east-1"])
    services.update_environment("prod", actor="bob", regions=["us-east-1", "eu-west-1"])
    assert Event.objects.latest("id").after == {"regions": ["us-east-1", "eu-west-1"]}


def test_images_come_from_another_environment_of_another_account():
    services.create_environment("test", actor="ann", account_id="210987654321", regions=["us-east-1"])
    services.create_environment("prod", actor="ann", account_id=ACCOUNT, regions=["us-east-1"], images_from="test")
    services.create_environment("stage", actor="ann", account_id="210987654321", regions=["us-east-1"])
    assert "another environment" in wrong(services.update_environment, "prod", images_from="prod")["images_from"][0]
    assert "same account" in wrong(services.update_environment, "stage", images_from="test")["images_from"][0]
    assert "no environment" in wrong(services.update_environment, "prod", images_from="nowhere")["images_from"][0]
    services.update_environment("prod", actor="bob", images_from="")
    event = Event.objects.latest("id")
    assert (event.before, event.after) == ({"images_from": "test"}, {"images_from": ""})
