"""Pictures of every page in every state, on desktop and phone, light and dark.

Run by `make screenshots`, which says where they are; to be looked at by people.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import NARROW, WIDE
from tests.browser.conftest import Visit
from tests.browser.states import errors, file_name, much, none, show, usual
from tests.browser.states_of_a_service import alive
from tests.deployments.lite import service

__all__ = ["service"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("breaking")]

FOLDER = Path(os.environ.get("SCREENSHOTS") or "var/screenshots")
LOOKS = [(width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark")]


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize("state", [usual, much, none, errors, alive])
def test_pictures(
    state: Callable[..., Any], width: int, theme: str, visitor: Visit, request: pytest.FixtureRequest
) -> None:
    folder = FOLDER / f"{state.__name__}-{width}-{theme}"
    folder.mkdir(parents=True, exist_ok=True)
    needs = [request.getfixturevalue("service")] if state is alive else []
    with visitor(None, width=width, theme=theme) as person:
        for number, shot in enumerate(state(*needs)):
            show(person, shot).screenshot(path=folder / f"{number:02}-{file_name(shot)}.png", full_page=True)
