"""System checks: settings that are unsafe are refused at start, each with a hint how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50  # characters; `openssl rand -hex 32` gives 64
FEWEST_DIFFERENT = 5
TELLTALE = ("django-insecure", "changeme", "change-me", "change_me", "default", "example", "secret-key", "your-")
SHORTEST_LEASE = 20  # seconds; a call to AWS may take 15
POSTGRESQL = "django.db.backends.postgresql"


@register(Tags.security)
def unsafe_settings(**kwargs: Any) -> list[CheckMessage]:
    """Everything unsafe at once, so that it is mended in one go."""
    return [message for look in _LOOKS for message in look()]


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured with every error of the security checks; web servers do not run checks themselves."""
    errors = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if errors:
        lines = [f"{error.msg} {error.hint or ''}" for error in errors]
        raise ImproperlyConfigured("Unsafe settings:\n" + "\n".join(f"- {line}" for line in lines))


def _secret_key() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    hint = "Set SECRET_KEY to the output of: openssl rand -hex 32"
    if len(key) < SHORTEST_KEY:
        text = f"SECRET_KEY has {len(key)} characters; sessions could be forged. It needs {SHORTEST_KEY}."
        yield Error(text, hint, id="deployconsole.E001")
    elif len(set(key)) < FEWEST_DIFFERENT:
        yield Error("SECRET_KEY repeats a few characters; it is not random.", hint, id="deployconsole.E002")
    elif any(word in key.lower() for word in TELLTALE):
        yield Error("SECRET_KEY looks like a placeholder that others have too.", hint, id="deployconsole.E003")


def _debug() -> Iterator[CheckMessage]:
    if settings.DEBUG and settings.HTTPS:
        text = "DEBUG is on while HTTPS says this is a real installation; error pages would show settings and code."
        yield Error(text, "Set DEBUG=0 (or, on your own machine only, HTTPS=0).", id="deployconsole.E004")


def _hosts() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        text = "ALLOWED_HOSTS=* takes any Host header; links and redirects could be turned against users."
        hint = "Name the hosts: ALLOWED_HOSTS=deploy.example.com"
        yield Error(text, hint, id="deployconsole.E005")


def _database() -> Iterator[CheckMessage]:
    engine = settings.DATABASES["default"].get("ENGINE")
    if engine != POSTGRESQL:
        text = f"DATABASE_URL names {engine}; locks, leases and triggers here are PostgreSQL's."
        hint = "Use DATABASE_URL=postgres://user:password@host/database"
        yield Error(text, hint, id="deployconsole.E006")


def _lease() -> Iterator[CheckMessage]:
    if settings.LEASE_SECONDS < SHORTEST_LEASE:
        text = (
            f"LEASE_SECONDS={settings.LEASE_SECONDS:g}: a call to AWS may outlast it, and two workers then act at once."
        )
        yield Error(text, f"Set LEASE_SECONDS to {SHORTEST_LEASE} or more.", id="deployconsole.E007")


_LOOKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (_secret_key, _debug, _hosts, _database, _lease)
