"""The reference page names what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from apps.api.views.unknown import UnknownUrl

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text()
PATHS = sorted(set(re.findall(r"(?:/api/v1/|/healthz/)[\w./-]*", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_on_the_page_exists(path: str) -> None:
    view = resolve(path).func
    assert getattr(view, "cls", None) is not UnknownUrl
    assert getattr(view, "view_class", None) is not UnknownUrl


def test_the_page_names_something() -> None:
    assert len(PATHS) > 8


def test_every_operation_says_in_one_line_what_it_does(db: None) -> None:
    operations = [each for path in _document()["paths"].values() for each in path.values()]
    assert len(operations) > 30
    for operation in operations:
        assert re.fullmatch(r"[A-Z].{8,100}\.", operation["summary"]), operation["operationId"]


def test_examples_are_of_this_world(db: None) -> None:
    components = _document()["components"]["schemas"]
    assert components["Me"]["properties"]["username"]["example"] == "alice"
    assert components["DeploymentInputRequest"]["properties"]["cluster"]["example"] == "web-prod"
    assert "example" not in components["DeploymentInputRequest"]["properties"]["strategy"]


def _document() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found
