"""API tokens: stored hashed, shown once, ended at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import Role, Token, User
from apps.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return services.create_user("alice", "correct horse battery", Role.OPERATOR, actor="test")


def test_only_the_digest_of_a_token_is_stored(alice: User) -> None:
    token, text = services.create_token(alice, "ci", actor="alice")
    assert text.startswith("dc_")
    assert len(text) > 40
    assert token.digest == hashlib.sha256(text.encode()).hexdigest()
    stored = Token.objects.filter(pk=token.pk).values_list().get()
    assert text not in map(str, stored)


def test_a_live_token_answers_with_its_user(alice: User) -> None:
    token, text = services.create_token(alice, "ci", actor="alice")
    found = services.authenticate_token(text)
    assert found == token
    assert found is not None
    assert found.user.may(Role.OPERATOR)


@pytest.mark.parametrize("text", ["", "dc_", "dc_wrong", "\ud800", "x" * 10_000, "\0"])
def test_no_other_text_opens_the_door(alice: User, text: str) -> None:
    services.create_token(alice, "ci", actor="alice")
    assert services.authenticate_token(text) is None


def test_a_revoked_token_is_refused_at_once(alice: User) -> None:
    token, text = services.create_token(alice, "ci", actor="alice")
    services.revoke(token, actor="bob")
    services.revoke(token, actor="bob")
    assert services.authenticate_token(text) is None
    assert list(Event.objects.filter(kind="token.revoked").values_list("actor", flat=True)) == ["bob"]


def test_an_expired_token_is_refused(alice: User) -> None:
    soon, past = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(seconds=1)
    assert services.authenticate_token(services.create_token(alice, "a", actor="alice", expires_at=soon)[1])
    assert not services.authenticate_token(services.create_token(alice, "b", actor="alice", expires_at=past)[1])


def test_the_token_of_a_user_who_left_is_refused(alice: User) -> None:
    _, text = services.create_token(alice, "ci", actor="alice")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert services.authenticate_token(text) is None


def test_its_last_use_is_noted_at_most_once_a_minute(alice: User) -> None:
    token, text = services.create_token(alice, "ci", actor="alice")
    services.authenticate_token(text)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    services.authenticate_token(text)
    token.refresh_from_db()
    assert token.last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    services.authenticate_token(text)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at > first - timedelta(minutes=1)


def test_making_a_token_is_recorded_without_its_text(alice: User) -> None:
    _, text = services.create_token(alice, "ci", actor="alice")
    event = Event.objects.get(kind="token.created")
    assert (event.actor, event.subject) == ("alice", "alice")
    assert text not in f"{event.summary} {event.after}"
