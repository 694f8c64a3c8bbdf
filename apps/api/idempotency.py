"""Idempotency-Key: a POST that is sent twice is carried out once.

The key, its answer and the change itself are one transaction. A crash leaves all of them or none, so a client that
heard nothing repeats the request with the same key and is safe either way. Only successes are remembered: what was
refused changed nothing and may be corrected and repeated under the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.api.models import RememberedAnswer
from apps.api.problems import KeyInUse, KeyReused

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
KEPT_FOR = timedelta(hours=24)
MAX_LENGTH = 255
KEPT_HEADERS = ("Location",)


def once(
    request: Request, user: User, handler: Callable[[], Response], secret_fields: Sequence[str] = ()
) -> HttpResponse:
    """The remembered answer to this request, or the handler's. Fields named secret are remembered as null.

    Raises KeyReused for another request under the same key, KeyInUse while the first is still being carried out.
    """
    key = request.headers[HEADER]
    _check(key)
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        _forget_old()
        _take(user, key)
        found = RememberedAnswer.objects.filter(user=user, key=key).first()
        if found:
            return _replay(found, fingerprint)
        response = handler()
        if status.is_success(response.status_code):
            _remember(user, key, fingerprint, response, secret_fields)
        return response


def _check(key: str) -> None:
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= MAX_LENGTH:
        raise ValidationError({HEADER: [f"Use 1 to {MAX_LENGTH} printable ASCII characters."]})


def _fingerprint(request: Request) -> str:
    wrapped = request._request  # noqa: SLF001  # the raw body is wanted; DRF's own wrapper parses it
    parts = [request.method or "", request.get_full_path(), hashlib.sha256(wrapped.body).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _take(user: User, key: str) -> None:
    """Holds the key until the transaction ends. Raises KeyInUse if another request holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"api {user.pk} {key}"])
        if not cursor.fetchone()[0]:
            raise KeyInUse(f"A request with this {HEADER} is being carried out at this moment; repeat it in a second.")


def _forget_old() -> None:
    old = RememberedAnswer.objects.select_for_update(skip_locked=True).filter(created_at__lt=Now() - KEPT_FOR)
    RememberedAnswer.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:100])).delete()


def _replay(found: RememberedAnswer, fingerprint: str) -> HttpResponse:
    if found.fingerprint != fingerprint:
        raise KeyReused(f"This {HEADER} was used for another request. Take a new key for a new request.")
    headers = {**found.headers, REPLAYED: "true"}
    return HttpResponse(found.body, "application/json", found.status, headers=headers)


def _remember(user: User, key: str, fingerprint: str, response: Response, secret_fields: Sequence[str]) -> None:
    data: Any = response.data
    if secret_fields:
        data = {**data, **dict.fromkeys(secret_fields)}
    RememberedAnswer.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        body=JSONRenderer().render(data).decode(),
    )
