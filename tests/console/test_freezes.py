"""The pages of freezes: what is on and to come, making one, ending one, and where else one that is on is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.deployments.models import Freeze
from tests.console import world

HOUR = timedelta(hours=1)
GOOD = {"ends_at": "2030-12-27T08:00", "zone": "Europe/Berlin", "reason": "Christmas"}


def made(*, begins: timedelta = -HOUR, lasts: timedelta = 3 * HOUR, **more: Any) -> Freeze:
    now = timezone.now()
    values: dict[str, Any] = {"actor": "maria", "reason": "Christmas", "zone": "Europe/Berlin", **more}
    return Freeze.objects.create(starts_at=now + begins, ends_at=now + begins + lasts, **values)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_lists_what_is_on_what_is_to_come_and_what_is_over(viewer: Client) -> None:
    world.settled()
    made(environment="prod")
    made(begins=HOUR, application="api")
    made(begins=-9 * HOUR, cluster="api-prod")
    text = page(viewer, "/freezes/")
    on, to_come, over = (text.index(f'id="{name}-title"') for name in ("on", "to-come", "over"))
    assert on < text.index('<th scope="row">prod<') < to_come
    assert to_come < text.index('<th scope="row">application api<') < over
    assert over < text.index('<th scope="row">api-prod<')
    assert " Europe/Berlin<br>" in text
    assert "1 of 1" in text


def test_an_empty_list_says_so(viewer: Client) -> None:
    text = page(viewer, "/freezes/")
    assert "Nothing is frozen." in text
    assert "None is planned." in text


def test_the_list_is_filtered_by_the_url(viewer: Client) -> None:
    world.settled()
    made(environment="prod", reason="the fair")
    made(reason="an incident")
    text = page(viewer, "/freezes/?environment=prod")
    assert "the fair" in text
    assert "an incident" not in text
    assert "dev is not known here." in page(viewer, "/freezes/?environment=dev")


def test_an_operator_makes_one_and_meets_it_again_everywhere(operator: Client, viewer: Client) -> None:
    settled = world.settled()
    answer = operator.post("/freezes/new/", {**GOOD, "environment": "prod", "application": "", "cluster": ""})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/freezes/")
    sentence = "Prod is frozen until 27 Dec 2030 08:00 Europe/Berlin (07:00 UTC) by operator: Christmas."
    for path in ("/", "/applications/api/", settled.page):
        assert sentence in page(viewer, path), path
    other = world.build("test")
    assert sentence not in page(viewer, other.page)
    assert '<option value="Europe/Berlin" selected>' in page(operator, "/freezes/new/")


def test_what_the_link_to_the_form_names_is_chosen_there(operator: Client) -> None:
    world.settled()
    text = page(operator, "/freezes/new/?environment=prod&cluster=api-prod")
    assert '<option value="prod" selected>' in text
    assert 'value="api-prod"' in text


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"ends_at": ""}, "ends_at", "Say when it ends"),
        ({"ends_at": "soon"}, "ends_at", "Write it as 2026-12-24 18:00."),
        ({"ends_at": "2030-03-31T02:30"}, "ends_at", "does not exist there on 31 Mar 2030"),
        ({"ends_at": "2020-01-01T00:00"}, "ends_at", "It would end before it begins"),
        ({"reason": ""}, "reason", "Say why"),
        ({"zone": "Mars"}, "zone", "Select a valid choice"),
        ({"environment": "dev"}, "environment", "Select a valid choice"),
        ({"cluster": "web-prod"}, "cluster", "There is no cluster &#x27;web-prod&#x27;"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    operator: Client, change: dict[str, str], field: str, words: str
) -> None:
    world.settled()
    answer = operator.post("/freezes/new/", {**GOOD, **change})
    text = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    beside = text[text.index(f'id="field-{field}"') :]
    assert words in beside[: beside.index("</div> </div>")]
    assert not Freeze.objects.exists()


def test_ending_one_asks_why_and_is_done_once(operator: Client) -> None:
    path = f"/freezes/{made(environment='prod').pk}/end/"
    assert "End the freeze of prod now?" in page(operator, path)
    empty = operator.post(path, {"reason": " "})
    assert empty.status_code == 422
    assert "Say why it ends before its time." in empty.content.decode()
    assert operator.post(path, {"reason": "all is well"}).status_code == 302
    assert "by operator: all is well" in page(operator, "/freezes/")
    again = operator.post(path, {"reason": "all is well"})
    assert again.status_code == 409
    assert "operator ended it already" in again.content.decode()
    assert operator.get("/freezes/999/end/").status_code == 404


def test_one_to_come_is_called_off(operator: Client) -> None:
    path = f"/freezes/{made(begins=HOUR).pk}/end/"
    assert "Call off the freeze of everything?" in page(operator, path)


def test_a_viewer_sees_no_button_that_ends_one_and_may_neither_make_nor_end(viewer: Client) -> None:
    number = made().pk
    text = page(viewer, "/freezes/")
    assert f"/freezes/{number}/end/" not in text
    assert "This needs the role operator" in text
    for path in ("/freezes/new/", f"/freezes/{number}/end/"):
        for answer in (viewer.get(path), viewer.post(path, GOOD)):
            assert answer.status_code == 403, path
