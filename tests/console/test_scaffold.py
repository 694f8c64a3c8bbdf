"""Scaffolding by its page: the plan is shown first, then exactly that is made; what is wrong is said at its field."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.inventory.models import Application, Environment
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import new_place
from tests.console.conftest import person
from tests.deployments.conftest import aws
from tests.deployments.lite import carry_on, cloud
from tests.deployments.scaffolding import MADE, Account

__all__ = ["aws", "cloud"]

ADDRESS = "/applications/hello/scaffold/"
ASKED = {"place": "test us-east-1", "cluster": "hello-world", "option-port": "8080"}


@pytest.fixture
def account(aws: RunningCloud, transactional_db: None) -> Account:
    place = new_place(aws)
    Environment.objects.create(name="test", account_id=place.account, role_arn=place.role_arn, regions=[place.region])
    Application.objects.create(name="hello")
    return Account(place, "")


@pytest.fixture
def browser(account: Account) -> Client:
    return person(Role.ADMINISTRATOR)


def shown(page: str) -> str:
    """The print of the plan that a page shows."""
    found = re.search(r'name="previewed" value="(\w+)"', page)
    assert found, page
    return found[1]


def test_a_plan_is_shown_then_made_then_removed(browser: Client, account: Account) -> None:
    """The application's page says what comes next, and shows the cluster for as long as something of it stands."""
    assert f'<a href="{ADDRESS}">scaffold one</a>' in browser.get("/applications/hello/").content.decode()
    page = browser.post(ADDRESS, {**ASKED, "preview": "yes"}).content.decode()
    assert "CreateTargetGroup: hello-world" in page
    assert account.holds() == []
    sent = browser.post(ADDRESS, {**ASKED, "previewed": shown(page)})
    made = Deployment.objects.get()
    assert sent.headers["Location"] == f"/deployments/{made.pk}/"
    assert carry_on(made).state == "succeeded"
    assert account.holds() == MADE
    assert "/clusters/test/us-east-1/hello-world/" in browser.get("/applications/hello/").content.decode()
    again = browser.post(ADDRESS, {**ASKED, "preview": "yes"}).content.decode()
    assert "hello-world in test us-east-1 stands as it is asked for" in again
    removal = {**ASKED, "reason": "no longer"}
    page = browser.post(f"{ADDRESS}remove/", {**removal, "preview": "yes"}).content.decode()
    assert "hello-world can be reached no more." in page or "confirm" in page
    unconfirmed = browser.post(f"{ADDRESS}remove/", {**removal, "previewed": shown(page)})
    assert unconfirmed.status_code == 422
    assert 'id="id_confirmation_optional"></span>' in unconfirmed.content.decode(), "it is not called optional"
    browser.post(f"{ADDRESS}remove/", {**removal, "previewed": shown(page), "confirmation": "hello-world"})
    assert carry_on(Deployment.objects.latest("pk")).state == "succeeded"
    assert account.holds() == []
    assert "It has no cluster yet." in browser.get("/applications/hello/").content.decode()


def test_another_plan_than_was_shown_is_shown_first(browser: Client, account: Account) -> None:
    page = browser.post(ADDRESS, {**ASKED, "preview": "yes"}).content.decode()
    made = services.scaffold(account.request(), actor="bob")
    assert made
    assert carry_on(made).state == "succeeded"
    sent = browser.post(ADDRESS, {**ASKED, "previewed": shown(page), "option-hosted_zone": ""})
    assert (sent.status_code, Deployment.objects.count()) == (200, 1), "nothing is left to be made"


def test_what_is_wrong_stands_beside_its_field(browser: Client) -> None:
    """All of it at once, with its fold open; and no place is chosen by itself where there are several."""
    wrong = {"option-allow_from": "everybody", "option-image": "ami-0123456789abcdef0"}
    sent = browser.post(ADDRESS, {**ASKED, **wrong, "preview": "yes"})
    page = sent.content.decode()
    assert sent.status_code == 422
    assert "is no block of addresses" in page
    assert page.count("ami-0123456789abcdef0") > 1, "its value, and what is wrong with it"
    assert re.findall(r'<details class="fold" id="fold-(\d)"( open)?>', page) == [
        ("1", ""),
        ("2", " open"),
        ("3", " open"),
    ]
    Environment.objects.update(regions=["us-east-1", "eu-west-1"])
    for address in (ADDRESS, f"{ADDRESS}remove/"):
        assert '<option value="" selected>Choose…</option>' in browser.get(address).content.decode()
