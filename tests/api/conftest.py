"""Clients for the four kinds of people: nobody, viewer, operator, administrator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts import services
from apps.accounts.models import Role, User
from tests.api.fleet import Fleet


class ApiClient(Client):
    """Django's client with a bearer token and JSON bodies."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__(raise_request_exception=False)
        self.user = user
        if user:
            text = services.create_token(user, "tests", actor="tests")[1]
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {text}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = b"" if body is None else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.generic(method, f"/api/v1/{path}", data, "application/json", headers=names)  # type: ignore[return-value]

    def read(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, **headers)

    def submit(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)


@pytest.fixture
def make_user(db: None) -> Callable[[str, Role], User]:
    def make(name: str, role: Role) -> User:
        return User.objects.create(username=name, role=role)

    return make


@pytest.fixture
def anonymous(db: None) -> ApiClient:
    return ApiClient()


@pytest.fixture
def viewer(make_user: Callable[[str, Role], User]) -> ApiClient:
    return ApiClient(make_user("vera", Role.VIEWER))


@pytest.fixture
def operator(make_user: Callable[[str, Role], User]) -> ApiClient:
    return ApiClient(make_user("oscar", Role.OPERATOR))


@pytest.fixture
def administrator(make_user: Callable[[str, Role], User]) -> ApiClient:
    return ApiClient(make_user("ada", Role.ADMINISTRATOR))


@pytest.fixture
def fleet(db: None) -> Fleet:
    return Fleet()
