"""Whatever is sent, the API answers as its own OpenAPI document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer
from schemathesis import Case
from schemathesis.checks import CHECKS

from apps.accounts import services
from apps.accounts.models import Role, User
from apps.api.base import FIELDS
from tests.api.fleet import Fleet

UNAVAILABLE = 503
EXAMPLES = 3  # an operation, beside one for each way to break each constraint of the document


def document() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def _tried() -> dict[str, Any]:
    """Without `fields`: an answer of some fields lacks others that are required, which no schema can say."""
    found = document()
    for methods in found["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [each for each in operation.get("parameters", ()) if each["name"] != FIELDS]
    return found


pytestmark = pytest.mark.django_db  # has the database made; the tests themselves only speak HTTP
contract = schemathesis.openapi.from_dict(_tried())


def test_the_document_is_valid_openapi() -> None:
    validate_schema(document())


@pytest.fixture(scope="module")
def served(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, requests.Session]]:
    """The server's URL and an administrator's session; no AWS answers. One fleet serves all."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        Fleet()
        ada = User.objects.create(username="ada", role=Role.ADMINISTRATOR)
        token = services.create_token(ada, "contract", actor="tests")[1]
        server = LiveServer("localhost")
        try:
            with requests.Session() as session:
                # the test server writes head and body apart: kept open, each answer waits 40 ms for an acknowledgement
                session.headers.update({"Authorization": f"Bearer {token}", "Connection": "close"})
                yield server.url, session
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


@contract.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_keeps_its_contract(case: Case, served: tuple[str, requests.Session]) -> None:
    url, session = served
    # No schema says that a cursor must be one of ours, an account id 12 digits of ours, or an expiry in the future.
    excluded = ["positive_data_acceptance"]
    answer = case.call(base_url=url, session=session)
    if answer.status_code == UNAVAILABLE:  # what is asked of AWS, as no AWS answers; whatever else of 5xx is a fault
        assert answer.json()["type"].endswith(":cloud-unavailable"), answer.text
        excluded.append("not_a_server_error")
    case.validate_response(answer, excluded_checks=CHECKS.get_by_names(excluded))
