"""Health for load balancers: open, terse, and true."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from apps.api import health


def test_the_process_answers(client: Client) -> None:
    response = client.get("/healthz/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_with_a_database_that_is_up_to_date(client: Client) -> None:
    response = client.get("/healthz/ready/")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


@pytest.mark.django_db
def test_it_is_not_ready_before_migrations_are_applied(client: Client) -> None:
    health._require_migrations.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'events')"
        )
    response = client.get("/healthz/ready/")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "1 not applied; run manage.py migrate"
