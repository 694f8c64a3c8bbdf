"""Webhooks: what is signed is taken and once is enough; everything else is refused and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from apps.events.models import Event
from apps.images.errors import Invalid
from apps.images.models import Build, Webhook
from apps.images.services.webhooks import create_webhook, revoke_webhook
from apps.inventory.models import Application
from tests.images.deliveries import deliver, made, send, signature, taken

pytestmark = pytest.mark.django_db

PAYLOAD = {
    "version": "1.2.0",
    "number": 7,
    "commit": "2fa4d17c90be",
    "branch": "main",
    "ci_url": "https://ci.example/7",
    "changelog": "fix login",
    "gates": [{"name": "unit", "outcome": "passed", "url": "https://ci.example/7/unit", "says": "412 passed"}],
}


@pytest.fixture
def hook(db: None) -> Webhook:
    return made("generic")


def test_a_signed_delivery_is_recorded_for_the_hooks_application(hook: Webhook) -> None:
    answer = deliver(hook, PAYLOAD)
    body = json.loads(answer.content)
    assert (answer.status_code, body["says"]) == (200, "Recorded: web 1.2.0 (build 7).")
    row = Build.objects.get()
    assert body["builds"] == [f"http://testserver/api/v1/builds/{row.pk}/"]
    assert (row.application.name, row.number, row.url, row.changelog) == (
        "web",
        "7",
        "https://ci.example/7",
        "fix login",
    )
    assert row.reported_by == f"webhook {hook.pk} (generic)"
    assert [(gate.name, gate.outcome, gate.says) for gate in row.gates.all()] == [("unit", "passed", "412 passed")]
    hook.refresh_from_db()
    assert hook.last_used_at


def test_the_same_delivery_again_changes_nothing(hook: Webhook) -> None:
    taken(hook, PAYLOAD)
    before = (Build.objects.get().updated_at, Event.objects.count())
    taken(hook, PAYLOAD)
    assert (Build.objects.get().updated_at, Event.objects.count()) == before


def test_an_old_delivery_that_is_sent_again_does_not_turn_a_gate_back(hook: Webhook) -> None:
    old = {**PAYLOAD, "gates": [{"name": "unit", "outcome": "passed", "at": "2026-01-01T10:00:00Z"}]}
    taken(hook, old)
    taken(hook, {**PAYLOAD, "gates": [{"name": "unit", "outcome": "failed", "at": "2026-01-01T11:00:00+00:00"}]})
    taken(hook, old)
    assert Build.objects.get().gates.get().outcome == "failed"


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=é", "right"],
)
def test_what_is_not_signed_is_401_with_a_problem_and_changes_nothing(hook: Webhook, header: str | None) -> None:
    body = json.dumps(PAYLOAD).encode()
    good = signature(hook.secret, body)
    given = (
        {} if header is None else {"X_Hub_Signature_256": good.removeprefix("sha256=") if header == "right" else header}
    )
    answer = send(hook, body, **given)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Signature")
    assert "not signed" in json.loads(answer.content)["detail"]
    assert not Build.objects.exists()
    hook.refresh_from_db()
    assert hook.last_used_at is None


def test_a_signature_is_of_these_bytes_and_of_this_hook(hook: Webhook) -> None:
    body = json.dumps(PAYLOAD).encode()
    assert send(hook, body + b" ", X_Hub_Signature_256=signature(hook.secret, body)).status_code == 401
    other = made("generic", "api")
    assert send(hook, body, X_Hub_Signature_256=signature(other.secret, body)).status_code == 401


def test_a_hook_that_is_revoked_or_unknown_is_404(hook: Webhook) -> None:
    revoke_webhook(hook.pk, actor="ada")
    assert deliver(hook, PAYLOAD).status_code == 404
    hook.pk = 10**30
    assert deliver(hook, PAYLOAD).status_code == 404
    assert not Build.objects.exists()


def test_a_body_that_is_too_large_is_413(hook: Webhook) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = deliver(hook, {**PAYLOAD, "changelog": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert answer.status_code == 413


def test_a_hook_is_no_page_and_takes_no_key(hook: Webhook) -> None:
    body = json.dumps(PAYLOAD).encode()
    signed = signature(hook.secret, body)
    assert send(hook, body, X_Hub_Signature_256=signed, Idempotency_Key="once").status_code == 200
    assert send(hook, b"{", X_Hub_Signature_256=signature(hook.secret, b"{")).status_code == 400


@pytest.mark.parametrize(
    ("payload", "field", "words"),
    [
        ([], "payload", "Send a JSON object."),
        ({**PAYLOAD, "colour": "red"}, "colour", "Unknown member. Known here: application, branch"),
        ({**PAYLOAD, "application": "api"}, "application", "This webhook tells of web, not of api."),
        ({**PAYLOAD, "version": ""}, "version", "Name the version"),
        ({**PAYLOAD, "version": ["1"]}, "version", "This is a text."),
        ({**PAYLOAD, "branch": True}, "branch", "This is a text."),
        ({**PAYLOAD, "gates": {"unit": "passed"}}, "gates", "Gates are a list of objects."),
        ({**PAYLOAD, "gates": ["unit"]}, "gates.0", "A gate is an object."),
        ({**PAYLOAD, "gates": [{"name": "unit"}]}, "gates.0.outcome", "There is no outcome ''"),
        ({**PAYLOAD, "gates": [{"name": {}, "outcome": "passed"}]}, "gates.0.name", "This is a text."),
        ({**PAYLOAD, "ci_url": "javascript:x"}, "ci_url", "A link begins with"),
    ],
)
def test_what_is_wrong_in_a_signed_delivery_is_named(hook: Webhook, payload: Any, field: str, words: str) -> None:
    answer = deliver(hook, payload)
    assert answer.status_code == 422
    (error,) = json.loads(answer.content)["errors"]
    assert error["field"] == field
    assert words in error["detail"]
    assert not Build.objects.exists()


def test_a_secret_is_long_and_each_ones_own_and_in_no_event(hook: Webhook) -> None:
    other = made("generic")
    assert len(hook.secret) >= 40
    assert hook.secret != other.secret
    told = json.dumps(list(Event.objects.values("summary", "before", "after")))
    assert hook.secret not in told
    assert f"ada made webhook {hook.pk} (generic) for builds of the application web." in told


def test_revoking_is_recorded_once(hook: Webhook) -> None:
    revoke_webhook(hook.pk, actor="ada")
    revoke_webhook(hook.pk, actor="jo")
    assert Event.objects.filter(kind="webhook.revoked").count() == 1
    with pytest.raises(Webhook.DoesNotExist):
        revoke_webhook(999, actor="ada")


def test_a_hook_needs_an_application_and_a_format_that_are_there(db: None) -> None:
    with pytest.raises(Invalid) as refused:
        create_webhook("nothing", "carrier-pigeon", actor="ada")
    assert refused.value.errors == {
        "application": ["There is no application 'nothing'."],
        "format": ["There is no format 'carrier-pigeon'; known are generic, github, jenkins."],
    }
    assert not Application.objects.exists()
