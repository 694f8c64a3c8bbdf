"""Delivering to a webhook as a build server does: over HTTP, without a session, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.images.models import Webhook
from apps.images.services.webhooks import create_webhook
from apps.inventory.models import Application


def made(slug: str, application: str = "web") -> Webhook:
    """A webhook of this format; the application is made where it is missing."""
    Application.objects.get_or_create(name=application)
    return create_webhook(application, slug, actor="ada")[0]


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send(hook: Webhook, body: bytes, **headers: str) -> HttpResponse:
    """Delivers as it is; Django's checks of CSRF are on, as in production."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: HttpResponse = client.generic(  # type: ignore[assignment]  # of a test client
        "POST", f"/api/v1/hooks/{hook.pk}/", body, "application/json", headers=names
    )
    return answer


def deliver(hook: Webhook, payload: Any, **headers: str) -> HttpResponse:
    """Delivers, signed with the webhook's secret."""
    body = json.dumps(payload).encode()
    return send(hook, body, X_Hub_Signature_256=signature(hook.secret, body), **headers)


def taken(hook: Webhook, payload: Any, **headers: str) -> str:
    """Delivers what must be taken; answers the sentence."""
    answer = deliver(hook, payload, **headers)
    assert answer.status_code == 200, answer.content
    return str(json.loads(answer.content)["says"])
