"""Users, their one role, and the command that makes them."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts import services
from apps.accounts.models import Role, User
from apps.events.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def test_each_role_includes_those_before_it() -> None:
    viewer, operator, administrator = Role
    assert administrator.includes(operator)
    assert operator.includes(viewer)
    assert operator.includes(operator)
    assert not viewer.includes(operator)


def test_a_user_who_left_may_nothing() -> None:
    user = services.create_user("alice", PASSWORD, Role.ADMINISTRATOR, actor="test")
    assert user.may(Role.VIEWER)
    user.is_active = False
    assert not user.may(Role.VIEWER)


@pytest.mark.parametrize(
    ("username", "password"),
    [("alice", "short"), ("alice", "password1234"), ("alice-in-wonderland", "alice-in-wonderland"), ("a b", PASSWORD)],
)
def test_a_weak_password_or_malformed_name_is_refused(username: str, password: str) -> None:
    with pytest.raises(ValidationError):
        services.create_user(username, password, Role.VIEWER, actor="test")
    assert not User.objects.exists()


def test_two_names_that_differ_in_case_only_are_refused() -> None:
    services.create_user("alice", PASSWORD, Role.VIEWER, actor="test")
    with pytest.raises(ValidationError):
        services.create_user("Alice", PASSWORD, Role.VIEWER, actor="test")


def test_the_command_makes_a_user_and_prints_a_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", PASSWORD)
    out = io.StringIO()
    call_command("create_user", "admin", role="administrator", token="demo", stdout=out)
    token = services.authenticate_token(out.getvalue().strip())
    assert token is not None
    assert token.user.may(Role.ADMINISTRATOR)
    assert token.user.check_password(PASSWORD)
    assert Event.objects.filter(kind="user.created", actor="manage.py", subject="admin").exists()


def test_the_command_reads_the_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    call_command("create_user", "alice", stdout=io.StringIO())
    assert User.objects.get().check_password(PASSWORD)


def test_the_command_changes_an_existing_user_only_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", PASSWORD)
    first, second = io.StringIO(), io.StringIO()
    call_command("create_user", "alice", token="demo", stdout=first)
    with pytest.raises(CommandError, match="--update"):
        call_command("create_user", "alice", stdout=io.StringIO())
    monkeypatch.setenv("PASSWORD", "another long secret")
    call_command("create_user", "alice", "--update", role="operator", token="demo", stdout=second)
    assert User.objects.get().may(Role.OPERATOR)
    assert User.objects.get().check_password("another long secret")
    assert services.authenticate_token(first.getvalue().strip()) is None
    assert services.authenticate_token(second.getvalue().strip())


def test_the_command_says_why_a_password_will_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "short")
    with pytest.raises(CommandError, match="12 characters"):
        call_command("create_user", "alice", stdout=io.StringIO())


def test_a_closed_account_is_shut_out_at_once(client: Client) -> None:
    user = services.create_user("alice", PASSWORD, Role.OPERATOR, actor="test")
    _, text = services.create_token(user, "ci", actor="alice")
    client.force_login(user)
    call_command("close_user", "alice", stdout=io.StringIO())
    call_command("close_user", "alice", stdout=io.StringIO())
    assert client.get("/").status_code == 302
    assert services.authenticate_token(text) is None
    assert Event.objects.filter(kind="user.closed", subject="alice").count() == 1


def test_an_account_opened_again_does_not_bring_back_its_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    user = services.create_user("alice", PASSWORD, Role.OPERATOR, actor="test")
    _, text = services.create_token(user, "ci", actor="alice")
    services.close_account(user, actor="test")
    monkeypatch.setenv("PASSWORD", PASSWORD)
    call_command("create_user", "alice", "--update", stdout=io.StringIO())
    assert User.objects.get().is_active
    assert services.authenticate_token(text) is None


def test_closing_an_account_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="no user bob"):
        call_command("close_user", "bob", stdout=io.StringIO())
