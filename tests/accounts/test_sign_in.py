"""Signing in: the form, its limits, where it leads and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import Role, SignInFailure, User
from apps.accounts.services.sign_in import PER_ADDRESS, PER_NAME_AND_ADDRESS
from apps.events.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
URL = "/accounts/sign-in/"


@pytest.fixture(autouse=True)
def alice() -> User:
    return services.create_user("alice", PASSWORD, Role.OPERATOR, actor="test")


def sign_in(client: Client, username: str = "alice", password: str = PASSWORD, **extra: str) -> object:
    return client.post(URL, {"username": username, "password": password, **extra})


def test_whoever_is_not_signed_in_is_sent_to_the_page_and_back(client: Client) -> None:
    response = client.get("/clusters/?q=api")
    assert response.status_code == 302
    assert response.url == "/accounts/sign-in/?next=/clusters/%3Fq%3Dapi"
    assert sign_in(client, next="/clusters/?q=api").url == "/clusters/?q=api"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_it_never_leads_off_this_site(client: Client, target: str) -> None:
    assert sign_in(client, next=target).url == "/"


def test_the_session_is_a_new_one_afterwards(client: Client) -> None:
    client.session["colour"] = "green"
    client.session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before
    assert client.session["_auth_user_id"]


def test_signing_in_and_out_is_recorded(client: Client) -> None:
    sign_in(client)
    client.post("/accounts/sign-out/")
    assert "_auth_user_id" not in client.session
    assert list(Event.objects.filter(actor="alice").values_list("kind", flat=True)) == [
        "user.signed_out",
        "user.signed_in",
    ]


def test_signing_out_needs_a_post(client: Client) -> None:
    sign_in(client)
    assert client.get("/accounts/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(("username", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("ALICE", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client: Client, username: str, password: str) -> None:
    response = sign_in(client, username, password)
    assert response.status_code == 200
    assert "The name or the password is wrong" in response.content.decode()


def test_an_account_that_was_closed_cannot_sign_in(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert sign_in(client).status_code == 200


def test_what_was_typed_as_an_unknown_name_is_not_kept(client: Client) -> None:
    sign_in(client, "my-secret-by-mistake", "x")
    failed = Event.objects.get(kind="user.sign_in_failed")
    assert "my-secret" not in f"{failed.subject} {failed.summary}"
    assert "my-secret" not in SignInFailure.objects.get().name_digest


def test_after_five_failures_even_the_right_password_waits(client: Client) -> None:
    for _ in range(PER_NAME_AND_ADDRESS):
        sign_in(client, password="wrong")
    response = sign_in(client)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "300"
    assert "Wait five minutes" in response.content.decode()
    assert SignInFailure.objects.count() == PER_NAME_AND_ADDRESS


def test_the_wait_ends(client: Client) -> None:
    for _ in range(PER_NAME_AND_ADDRESS):
        sign_in(client, password="wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert sign_in(client).status_code == 302


def test_a_stranger_elsewhere_does_not_lock_anybody_out(client: Client) -> None:
    for _ in range(PER_NAME_AND_ADDRESS + 1):
        client.post(URL, {"username": "alice", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    assert sign_in(client).status_code == 302


def test_one_address_cannot_try_many_names(client: Client) -> None:
    SignInFailure.objects.bulk_create(
        SignInFailure(name_digest=str(n), address="127.0.0.1") for n in range(PER_ADDRESS)
    )
    assert sign_in(client).status_code == 429


def test_a_success_clears_the_count(client: Client) -> None:
    for _ in range(PER_NAME_AND_ADDRESS - 1):
        sign_in(client, password="wrong")
    sign_in(client)
    assert not SignInFailure.objects.exists()


def test_a_forwarded_address_counts_only_behind_a_declared_proxy(client: Client, settings: object) -> None:
    def failure_from(forwarded: str) -> str:
        client.post(URL, {"username": "alice", "password": "wrong"}, headers={"X-Forwarded-For": forwarded})
        return SignInFailure.objects.latest("id").address

    assert failure_from("198.51.100.7") == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # type: ignore[attr-defined]
    assert failure_from("198.51.100.1, 198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("path", ["/healthz/", "/static/nothing.css", "/api/v1/nothing/"])
def test_the_few_open_paths_do_not_redirect(client: Client, path: str) -> None:
    assert client.get(path).status_code != 302


@pytest.mark.parametrize("path", ["/", "/healthzz/", "/staticky/", "/accounts/sign-in", "/anything"])
def test_everything_else_does(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


def test_a_live_page_whose_session_ended_goes_to_the_sign_in_page_as_a_whole(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://deploy.example/deployments/7/?tab=steps"}
    response = client.get("/deployments/7/live/", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/accounts/sign-in/?next=/deployments/7/%3Ftab%3Dsteps"
    assert response.content == b""
