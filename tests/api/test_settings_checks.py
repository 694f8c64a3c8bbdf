"""Unsafe settings are refused at start, each with a hint how to mend it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django.fixtures import Settings

from deployconsole.checks import refuse_unsafe_settings, unsafe_settings

KEY = "4f1b9a7c3e" * 6


@pytest.fixture(autouse=True)
def safe(settings: Settings) -> None:
    settings.SECRET_KEY, settings.DEBUG, settings.HTTPS, settings.ALLOWED_HOSTS = KEY, False, True, ["a.example"]


def test_safe_settings_pass() -> None:
    assert unsafe_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRET_KEY", "short", "E001"),
        ("SECRET_KEY", "a" * 64, "E002"),
        ("SECRET_KEY", "django-insecure-" + KEY, "E003"),
        ("SECRET_KEY", "ChangeMe" + KEY, "E003"),
        ("DEBUG", True, "E004"),
        ("ALLOWED_HOSTS", ["a.example", "*"], "E005"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "E006"),
        ("LEASE_SECONDS", 5, "E007"),
    ],
)
def test_an_unsafe_one_is_an_error_with_a_hint(settings: Settings, name: str, value: Any, code: str) -> None:
    with settings_as(settings, name, value):
        (message,) = unsafe_settings()
    assert message.id == f"deployconsole.{code}"
    assert message.is_serious()
    assert name.removesuffix("S") in message.msg or name in (message.hint or "") or "DATABASE_URL" in message.msg
    assert message.hint


class settings_as:  # noqa: N801  # reads as a statement
    """Sets one setting, without Django's warnings about changing DATABASES under a running test."""

    def __init__(self, settings: Settings, name: str, value: Any) -> None:
        from django.conf import settings as live

        self.live, self.name, self.value = live, name, value

    def __enter__(self) -> None:
        self.before = getattr(self.live, self.name)
        setattr(self.live, self.name, self.value)

    def __exit__(self, *args: object) -> None:
        setattr(self.live, self.name, self.before)


def test_a_web_server_refuses_to_start_and_says_everything_at_once(settings: Settings) -> None:
    settings.SECRET_KEY, settings.ALLOWED_HOSTS = "short", ["*"]
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_unsafe_settings()
    assert "openssl rand -hex 32" in str(refused.value)
    assert "ALLOWED_HOSTS=deploy.example.com" in str(refused.value)


@pytest.mark.django_db
def test_postgresql_compiles_no_statement_of_ours_since_each_connection_asks_it_not_to() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
        cursor.execute("SELECT source FROM pg_settings WHERE name = 'jit'")
        assert cursor.fetchone() == ("client",)  # not that this server is set up so
