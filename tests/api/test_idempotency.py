"""A POST that is sent twice with one Idempotency-Key is carried out once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Token
from apps.api import idempotency
from apps.api.models import RememberedAnswer
from tests.api.conftest import ApiClient


def submit(client: ApiClient, key: str = "k1", name: str = "ci") -> object:
    return client.submit("tokens/", {"name": name}, Idempotency_Key=key)


def test_the_same_request_again_hears_the_stored_answer(operator: ApiClient) -> None:
    first, second = submit(operator), submit(operator)
    assert first.status_code == second.status_code == 201
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Content-Type"] == "application/json"
    assert json.loads(second.content)["id"] == json.loads(first.content)["id"]
    assert Token.objects.filter(name="ci").count() == 1


def test_a_secret_in_an_answer_is_not_stored(operator: ApiClient) -> None:
    text = json.loads(submit(operator).content)["token"]
    assert text not in RememberedAnswer.objects.get().body
    assert json.loads(submit(operator).content)["token"] is None


def test_another_request_under_the_same_key_is_refused(operator: ApiClient) -> None:
    submit(operator)
    other = submit(operator, name="another")
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")
    assert not Token.objects.filter(name="another").exists()


def test_keys_of_different_users_are_different_keys(operator: ApiClient, viewer: ApiClient) -> None:
    assert submit(operator).json()["id"] != submit(viewer).json()["id"]


def test_what_was_refused_may_be_corrected_under_the_same_key(operator: ApiClient) -> None:
    assert submit(operator, name="").status_code == 400
    assert submit(operator).status_code == 201


def test_after_a_day_the_key_is_free_again(operator: ApiClient) -> None:
    submit(operator)
    RememberedAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert submit(operator, name="another").status_code == 201
    assert RememberedAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "café", "a\tb"])
def test_a_malformed_key_is_400(operator: ApiClient, key: str) -> None:
    response = submit(operator, key=key)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_without_a_key_nothing_is_remembered(operator: ApiClient) -> None:
    operator.submit("tokens/", {"name": "ci"})
    operator.submit("tokens/", {"name": "ci"})
    assert Token.objects.filter(name="ci").count() == 2
    assert not RememberedAnswer.objects.exists()


def test_a_crash_before_the_answer_leaves_neither_change_nor_key(
    operator: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_remember", crash)
        assert submit(operator).status_code == 500
    assert not Token.objects.filter(name="ci").exists()
    assert submit(operator).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_being_carried_out_the_second_is_told_to_wait(operator: ApiClient) -> None:
    assert operator.user is not None
    held, release = threading.Event(), threading.Event()

    def first_request() -> None:
        try:
            with transaction.atomic():
                idempotency._take(operator.user, "k1")
                held.set()
                release.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=first_request)
    thread.start()
    try:
        assert held.wait(10)
        second = submit(operator)
        assert second.status_code == 409
        assert second.headers["Retry-After"] == "1"
    finally:
        release.set()
        thread.join()
    assert submit(operator).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_carried_out_once(operator: ApiClient, live_server: LiveServer) -> None:
    headers = {"Authorization": operator.defaults["HTTP_AUTHORIZATION"], "Idempotency-Key": "k1"}

    def send(_: int) -> tuple[int, str]:
        answer = httpx.post(f"{live_server.url}/api/v1/tokens/", json={"name": "ci"}, headers=headers, timeout=30)
        return answer.status_code, answer.headers.get("Idempotent-Replay", "")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert Token.objects.filter(name="ci").count() == 1
    assert [each for each in answers if each == (201, "")] == [(201, "")]
    assert set(answers) <= {(201, ""), (201, "true"), (409, "")}
