"""Whatever is sent, the API answers as its own OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings
from pytest_django.live_server_helper import LiveServer
from schemathesis import Case
from schemathesis.checks import CHECKS

from apps.accounts import services
from apps.accounts.models import Role, User
from tests.api.fleet import Fleet

EXAMPLES = 3  # an operation, beside one for each way to break each constraint of the document


def document() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


contract = schemathesis.openapi.from_dict(document())


def test_the_document_is_valid_openapi() -> None:
    validate_schema(document())


@pytest.fixture
def served(transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The server's URL and an administrator's token; no AWS answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    Fleet()
    ada = User.objects.create(username="ada", role=Role.ADMINISTRATOR)
    return live_server.url, services.create_token(ada, "contract", actor="tests")[1]


@contract.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_keeps_its_contract(case: Case, served: tuple[str, str]) -> None:
    url, token = served
    # No schema says that a cursor must be one of ours, an account id 12 digits of ours, or an expiry in the future.
    case.call_and_validate(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=CHECKS.get_by_names(["positive_data_acceptance"]),
    )
