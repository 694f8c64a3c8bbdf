"""Visitors with a profile of their own, in the session's one Chromium."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Role, User
from apps.localcloud.launch import RunningCloud
from tests.browser.chromium import Visitor, visit
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud

__all__ = ["aws", "cloud"]


@pytest.fixture(autouse=True)
def answering(aws: RunningCloud) -> None:
    """Pages of rows alone ask a cloud that answers at once: without one, each would wait for credentials."""


Visit = Callable[..., AbstractContextManager[Visitor]]


@pytest.fixture
def visitor(browser: Browser, live_server: LiveServer) -> Visit:
    """Opens the console as somebody: `with visitor(role, theme="dark", width=360) as visitor`."""

    def go(role: Role | None = Role.OPERATOR, *, width: int = 1280, theme: str = "light", **more: Any) -> Any:
        options = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, **more}
        return visit(browser, live_server.url, cookies_of(role) if role else [], **options)

    return go


def cookies_of(role: Role) -> list[dict[str, Any]]:
    """The session cookie of a user with this role, made if need be."""
    user, _ = User.objects.get_or_create(username=role.value, defaults={"role": role})
    client = Client()
    client.force_login(user)
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value}]


@pytest.fixture
def breaking(settings: Settings) -> None:
    """Beside the console's own addresses there are two at which it fails."""
    settings.ROOT_URLCONF = "tests.browser.broken"
