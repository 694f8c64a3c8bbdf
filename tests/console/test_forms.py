"""Creating and editing: what is typed stays, errors stand beside their fields, events are recorded."""

from __future__ import annotations

from django.test import Client

from apps.accounts.models import User
from apps.events.models import Event
from apps.inventory.models import Application, Environment
from tests.console import world


def test_an_application_is_registered_and_edited(administrator: Client) -> None:
    data = {"name": "shop", "owner": "Team Shop", "tags": "team=shop\ntier=1", "email": "shop@example.com"}
    answer = administrator.post("/applications/new/", data)
    assert answer.headers["Location"] == "/applications/shop/"
    row = Application.objects.get()
    assert row.tags == {"team": "shop", "tier": "1"}
    form = administrator.get("/applications/shop/edit/").content.decode()
    assert "team=shop" in form
    administrator.post("/applications/shop/edit/", {"owner": "Team Basket"})
    row.refresh_from_db()
    assert (row.owner, row.tags) == ("Team Basket", {})
    assert Event.objects.filter(kind="application.changed", actor="administrator").exists()


def test_what_is_wrong_with_an_application_stands_beside_its_field(administrator: Client) -> None:
    data = {"name": "no-hyphens-here!", "email": "nobody", "health_check_path": "healthz", "tags": "lonely"}
    page = administrator.post("/applications/new/", data)
    text = page.content.decode()
    assert page.status_code == 422
    assert "“lonely” has no =" in text
    assert 'value="no-hyphens-here!"' in text
    page = administrator.post("/applications/new/", {**data, "tags": ""})
    text = page.content.decode()
    assert "A path begins with /" in text
    assert 'id="id_email_error"' in text
    assert 'aria-describedby="id_name_error"' in text
    assert not Application.objects.exists()


def test_an_environment_is_added_and_one_that_cannot_be_read_is_told(administrator: Client) -> None:
    data = {"name": "prod", "account_id": "123", "regions": "us-east-1 moon"}
    page = administrator.post("/environments/new/", data).content.decode()
    assert "An account id has 12 digits." in page
    assert "&#x27;moon&#x27; is not the name of a region" in page
    good = {"name": "prod", "account_id": "123456789012", "regions": "us-east-1, eu-west-1", "production": "on"}
    administrator.post("/environments/new/", good)
    row = Environment.objects.get()
    assert (row.regions, row.production) == (["us-east-1", "eu-west-1"], True)
    assert "prod is saved, but cannot be read yet." in administrator.get("/environments/").content.decode()


def test_a_token_is_shown_once_and_revoked(operator: Client) -> None:
    page = operator.post("/tokens/", {"name": "ci", "days": "30"})
    assert "dc_" in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert "dc_" not in operator.get("/tokens/").content.decode()
    token = User.objects.get(username="operator").tokens.get()
    assert token.expires_at is not None
    asked = operator.get(f"/tokens/{token.pk}/revoke/").content.decode()
    assert "Revoke the token “ci”?" in asked
    operator.post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert operator.post("/tokens/", {"name": "", "days": "30"}).status_code == 422


def test_the_theme_leads_back_only_within_this_site(operator: Client) -> None:
    answer = operator.post("/theme/", {"theme": "dark", "next": "/images/"})
    assert answer.headers["Location"] == "/images/"
    assert answer.cookies["theme"].value == "dark"
    assert operator.post("/theme/", {"theme": "dark", "next": "https://evil.example/"}).headers["Location"] == "/"
    assert operator.post("/theme/", {"theme": "pink"}).status_code == 400
    assert 'data-theme="dark"' in operator.get("/images/").content.decode()


def test_every_page_forbids_foreign_and_inline_code(operator: Client) -> None:
    settled = world.settled()
    for path in ("/", settled.page, f"{settled.page}push/", "/styleguide/", "/nope/", "/accounts/sign-in/"):
        answer = operator.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        text = answer.content.decode()
        assert " style=" not in text
        assert "<script>" not in text


def test_errors_say_what_happened_and_what_to_do(operator: Client) -> None:
    for path, words in {
        "/nope/": "The address is wrong, or what it named is gone.",
        "/deployments/999/": "There is no deployment 999.",
        "/applications/nope/": "There is nothing here",
    }.items():
        answer = operator.get(path)
        assert answer.status_code == 404
        assert words in answer.content.decode()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="operator"))
    assert "This form is too old" in client.post("/tokens/", {"name": "x"}).content.decode()
