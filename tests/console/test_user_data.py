"""The pages of user data: everybody sees by which version and how places differ; operators read, and it is recorded."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.deployments.models import Deployment
from apps.events.models import Event
from apps.inventory.models import UserData
from apps.inventory.services import set_user_data
from tests.console import world

PAGE = "/applications/api/user-data/"
EDIT, READ = f"{PAGE}edit/", f"{PAGE}read/"
TEXT = "#!/bin/sh\nexport GROUP=${group}\nexport LEVEL=${LEVEL}\n"
GOOD = {"text": TEXT, "prefix": "CLOUD_", "variables_prod": "LEVEL=hush-hush", "variables_test": "LEVEL=debug"}


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def places(db: None) -> None:
    world.settled(production=True)
    world.moving("test")


@pytest.fixture
def written(places: None) -> UserData:
    variables = {"prod": {"LEVEL": "hush-hush", "DB_PASSWORD": "abc"}, "test": {"LEVEL": "debug", "DB_PASSWORD": "abd"}}
    return set_user_data("api", {"text": TEXT, "variables": variables}, actor="ada", reason="identity")


def looks() -> list[tuple[str, str]]:
    found = Event.objects.filter(kind="user_data.read").order_by("pk").values_list("actor", "summary")
    return [(actor, summary) for actor, summary in found]


def test_a_viewer_sees_who_wrote_it_and_that_places_differ_but_not_the_text(viewer: Client, written: UserData) -> None:
    text = text_of(viewer.get(PAGE))
    assert "Version 1, by ada: identity" in text
    assert re.search(r"api-test.{0,200}the others are compared with this one", text)
    assert re.search(r"api-prod.{0,200}2 lines come, 2 go", text)
    assert "DB_PASSWORD in prod looks like a secret." in text
    assert "hush-hush" not in text
    assert "#!/bin/sh" not in text
    assert "This needs the role operator" in text
    assert f'href="{PAGE}"' in text_of(viewer.get("/applications/api/"))
    for path in (EDIT, READ):
        assert viewer.post(path, {"places": "yes"}).status_code == 403
    assert looks() == []


def test_an_operator_reads_two_places_side_by_side_and_it_is_recorded(operator: Client, written: UserData) -> None:
    assert operator.get(READ).status_code == 405  # a link must not record a look
    assert '<label class="field__label" for="place-one">Place</label>' in text_of(operator.get(PAGE))
    keys = {"one": f"test/{world.REGION}/api-test", "other": f"prod/{world.REGION}/api-prod"}
    answer = operator.post(READ, {"places": "yes", **keys})
    text = text_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "export LEVEL=debug" in text
    assert "export LEVEL=hush-hush" in text
    assert len(re.findall(r"</svg>\s*changed<", text)) == 2  # in words, not by colour alone
    assert [actor for actor, _ in looks()] == ["operator", "operator"]
    assert operator.post(READ, {"places": "yes", "one": "x", "other": "y"}).status_code == 404


def test_an_operator_reads_what_differs_between_two_versions(operator: Client, written: UserData) -> None:
    set_user_data("api", {"text": TEXT + "echo two\n"}, actor="ada", reason="more")
    text = text_of(operator.post(READ, {"before": "1", "after": "2"}))
    assert "1 line comes." in text
    assert "<pre>echo two</pre>" in text
    assert "LEVEL in prod: hush-hush" in text
    alone = text_of(operator.post(READ, {"before": "1", "after": "1"}))
    assert "echo two" not in alone
    assert operator.post(READ, {"before": "1", "after": "7"}).status_code == 404
    assert len(looks()) == 3


def test_an_administrator_writes_the_first_version_after_a_preview(administrator: Client, places: None) -> None:
    assert "It has no template" in text_of(administrator.get(PAGE))
    shown = text_of(administrator.post(EDIT, {**GOOD, "seen": "0", "preview": "yes"}))
    assert "export GROUP=api-prod-v013 export LEVEL=hush-hush" in shown
    assert "export LEVEL=debug" in shown
    assert 'id="id_reason_optional"></span>' in shown, "saving asks for it, so it is not called optional"
    assert not UserData.objects.exists()
    saved = administrator.post(EDIT, {**GOOD, "seen": "0", "reason": "identity", "text": TEXT.replace("\n", "\r\n")})
    assert saved.headers["Location"] == PAGE
    made = UserData.objects.get()
    assert (made.text, made.variables["test"], made.actor) == (TEXT, {"LEVEL": "debug"}, "administrator")


def test_what_stands_is_read_only_when_it_is_asked_for(administrator: Client, written: UserData) -> None:
    asks = text_of(administrator.get(EDIT))
    assert "That you read it is recorded." in asks
    assert "export LEVEL" not in asks
    assert looks() == []
    answer = administrator.post(EDIT, {"open": "yes"})
    assert "export LEVEL=${LEVEL}" in text_of(answer)
    assert "LEVEL=hush-hush" in text_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert [actor for actor, _ in looks()] == ["administrator"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"text": "${colour}"}, "text", "Not known: ${colour} in line 1. Known are environment,"),
        ({"text": "x" * 17_000}, "text", "17000 bytes"),
        ({"variables_prod": "group=x"}, "variables_prod", "group has a meaning already"),
        ({"variables_test": "nonsense"}, "variables_test", "has no ="),
        ({"prefix": "1-"}, "prefix", "A prefix is letters"),
        ({"reason": ""}, "reason", "Say why"),
        ({"seen": "7"}, "text", "It was changed meanwhile"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    administrator: Client, places: None, change: dict[str, str], field: str, words: str
) -> None:
    answer = administrator.post(EDIT, {**GOOD, "seen": "0", "reason": "typed with care", **change})
    text = text_of(answer)
    assert answer.status_code == 422
    beside = text[text.index(f'id="field-{field}"') :]
    assert words in beside[: beside.index("</div> </div>")].replace("&#x27;", "'")
    assert "LEVEL=debug" in text or field == "variables_test"
    assert "typed with care" in text or field == "reason"
    assert not UserData.objects.exists()


def test_a_deployment_says_by_which_version_and_operators_are_led_to_what_changed(
    viewer: Client, operator: Client, places: None
) -> None:
    row = Deployment.objects.filter(cluster__name="api-prod").latest("pk")
    page = f"/deployments/{row.pk}/"
    assert "User data" not in text_of(operator.get(page))
    Deployment.objects.filter(pk=row.pk).update(user_data=4)
    assert "by version 4 of the template" in text_of(viewer.get(page))
    assert f'href="{page}user-data/"' not in text_of(viewer.get(page))
    assert f'href="{page}user-data/"' in text_of(operator.get(page))
    assert "That you read it is recorded." in text_of(operator.get(f"{page}user-data/"))
    assert "It leaves the user data as it is." in text_of(operator.post(f"{page}user-data/"))  # its plan has none
    assert viewer.get(f"{page}user-data/").status_code == 403
    assert looks() == []
