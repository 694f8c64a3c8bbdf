"""The reference page names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import resolve

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
