"""Every state of the pages: no barrier that axe knows, nothing wider than a phone, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import resolve

from apps.console import lists
from apps.console.build import home, images
from tests.browser import states
from tests.browser.conftest import Visit
from tests.browser.states import Shot, errors, much, none, show
from tests.browser.states_of_a_service import alive
from tests.browser.test_pages import ASKING
from tests.deployments.lite import service
from tests.world import Service

__all__ = ["service"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("breaking")]

REFUSED = "the server responded with a status of"  # what Chromium says of every answer that is an error


@pytest.mark.parametrize("state", [much, none, errors])
def test_rows_alone(state: Callable[[], list[Shot]], visitor: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds no more than so much holds less here: axe would find the same wrong with each of fifty rows."""
    for module, most in ((lists, "PAGE_SIZE"), (home, "CLUSTERS"), (images, "OFFERED")):
        monkeypatch.setattr(module, most, 8)
    monkeypatch.setattr(states, "MANY", 14)
    look(visitor, state())


def test_what_the_cloud_answers(visitor: Visit, service: Service) -> None:
    shots = alive(service)
    look(visitor, shots)
    assert {resolve(shot.shows or shot.path.partition("?")[0]).url_name for shot in shots} >= ASKING


def look(visitor: Visit, shots: list[Shot]) -> None:
    """Brings one page into each state."""
    with visitor(None, reduced_motion="reduce") as person:
        found = {}
        for shot in shots:
            show(person, shot)
            if barriers := person.barriers_in_every_look():
                found[shot.title] = barriers
        assert found == {}
        assert [each for each in person.complaints if REFUSED not in each] == []
