"""Health for load balancers and supervisors: open to all, and terse.

`/healthz/` says that the process answers. `/healthz/ready/` says whether it can do its work: the database answers and
every migration is applied. Workers are not asked after: without them pages still answer, and say what waits.
"""

from __future__ import annotations

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    checks = {"database": _database()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    good = all(text == "ok" for text in checks.values())
    return JsonResponse({"status": "ok" if good else "not ready", "checks": checks}, status=200 if good else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _migrations() -> str:
    try:
        _require_migrations()
    except MissingMigrations as error:
        return str(error)
    return "ok"


@cache
def _require_migrations() -> None:
    """Raises MissingMigrations. Success is remembered (an exception is not): nobody unapplies one under a process."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise MissingMigrations(f"{len(missing)} not applied; run manage.py migrate")


class MissingMigrations(Exception):
    """The database is older than the code."""


urlpatterns = [
    path("", alive, name="alive"),
    path("ready/", ready, name="ready"),
]
