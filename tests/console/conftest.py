"""Three people: an operator, a viewer, and a stranger who is not signed in; and an administrator."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Role, User


@pytest.fixture(autouse=True)
def no_metrics(settings: Settings) -> None:
    """No cloud stands behind these rows: reading metrics from it fails at once instead of looking for credentials."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def person(role: Role) -> Client:
    user, _ = User.objects.get_or_create(username=role.value, defaults={"role": role})
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db: None) -> Client:
    return person(Role.OPERATOR)


@pytest.fixture
def viewer(db: None) -> Client:
    return person(Role.VIEWER)


@pytest.fixture
def administrator(db: None) -> Client:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()
