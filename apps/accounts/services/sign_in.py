"""Signing in with name and password, slowly enough that guessing is hopeless."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.contrib.auth import authenticate
from django.db.models.functions import Now

from apps.accounts.models import SignInFailure, User
from apps.events.services import record

WINDOW = timedelta(minutes=5)
PER_NAME_AND_ADDRESS = 5  # somebody who mistypes
PER_ADDRESS = 30  # one machine that tries many names
PER_NAME = 100  # many machines that try one name; high, or anybody could lock a colleague out


class WrongCredentials(Exception):
    """The name or the password is wrong."""


class TooManyFailures(Exception):
    """Too many failed sign-ins; the next may be tried in five minutes."""


def check_credentials(username: str, password: str, address: str) -> User:
    """The user of this name and password. Raises WrongCredentials, or TooManyFailures without testing the password."""
    digest = hashlib.sha256(username.lower().encode("utf-8", "surrogatepass")).hexdigest()
    _refuse_if_too_many(digest, address)
    user = authenticate(username=username, password=password)
    if isinstance(user, User):
        SignInFailure.objects.filter(name_digest=digest, address=address).delete()
        return user
    _note_failure(username, digest, address)
    raise WrongCredentials


def signed_in(user: User, address: str) -> None:
    record(
        "user.signed_in",
        actor=user.username,
        subject=user.username,
        summary=f"{user.username} signed in from {address}.",
    )


def signed_out(user: User) -> None:
    record("user.signed_out", actor=user.username, subject=user.username, summary=f"{user.username} signed out.")


def _refuse_if_too_many(digest: str, address: str) -> None:
    recent = SignInFailure.objects.filter(at__gt=Now() - WINDOW)
    if (
        recent.filter(name_digest=digest, address=address).count() >= PER_NAME_AND_ADDRESS
        or recent.filter(address=address).count() >= PER_ADDRESS
        or recent.filter(name_digest=digest).count() >= PER_NAME
    ):
        raise TooManyFailures


def _note_failure(username: str, digest: str, address: str) -> None:
    SignInFailure.objects.filter(at__lt=Now() - WINDOW).delete()
    SignInFailure.objects.create(name_digest=digest, address=address)
    known = User.objects.filter(username=username).exists()
    name = username if known else "an unknown account"
    record(
        "user.sign_in_failed",
        actor="anonymous",
        subject=name,
        summary=f"A sign-in as {name} failed, from {address}.",
    )
