"""The pages of builds and webhooks: what CI said, where a build has gone, and the secret that is shown once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from apps.images.models import Build, Webhook
from apps.images.services import Reported, ReportedGate, report_build
from apps.inventory.models import Image
from tests.console import baking, world
from tests.images.deliveries import made

SHA = "2fa4d17c90be11aa22bb33cc44dd55ee66ff7788"
GATES = (
    ReportedGate("unit", "passed", "https://ci.example/7/unit", "412 passed"),
    ReportedGate("regression", "failed", says="3 of 80 failed"),
)


def built(version: str = "4.2.0", **changes: Any) -> Build:
    values: dict[str, Any] = {"number": "", "commit": SHA, "branch": "main", "gates": GATES, **changes}
    return report_build(Reported("api", version, **values), actor="ci")[0]


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_the_list_shows_builds_with_their_gates_and_is_filtered_by_the_url(viewer: Client) -> None:
    world.settled()
    built(number="7")
    built("4.3.0", gates=(), branch="next")
    text = page(viewer, "/builds/")
    assert text.index("api 4.3.0") < text.index("api 4.2.0")
    assert re.search(r"</svg>\s*failed</span>\s*regression", text)
    assert "none reported" in text
    assert "1–2 of 2" in text
    assert "api 4.3.0" not in page(viewer, "/builds/?gate=regression&outcome=failed")
    assert "No build matches." in page(viewer, "/builds/?gate=unit&outcome=failed")
    assert "nothing is not known here." in page(viewer, "/builds/?application=nothing")


def test_the_list_says_of_which_builds_there_are_images_and_where_they_serve(viewer: Client) -> None:
    settled = world.settled()
    serving = Image.objects.get(version="4.2.0")
    ours, theirs = built(number=serving.build, gates=()), built(number="7", gates=())  # by their tags, one has it
    old, fresh, none = built("4.1.9", gates=()), built("4.3.0", gates=()), built("4.4.0", gates=())
    baking.recipe(settled.application, settled.environment)
    baking.bake(settled.application, "4.3.0", build=fresh)
    text = page(viewer, "/builds/")
    said = {
        row: re.sub(
            r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split(f'<a href="/builds/{row.pk}/">')[1].split("</tr>")[0])
        )
        for row in (ours, theirs, old, fresh, none)
    }
    assert "1 image of api 4.2.0 serves in prod us-east-1" in said[ours]
    assert "none reported none" in said[theirs]
    assert "1 image of api 4.1.9 stands by in prod us-east-1" in said[old]
    assert "2 images of api 4.3.0 that no group launches" in said[fresh]
    assert "none reported none" in said[none]
    assert f'href="/builds/{fresh.pk}/#gone-title"' in text


def test_an_empty_list_says_how_builds_come_here(viewer: Client) -> None:
    text = page(viewer, "/builds/")
    assert "No build was reported yet." in text
    assert "deployconsole builds report" in text


def test_a_build_tells_what_ci_said_and_where_it_has_gone(viewer: Client, operator: Client) -> None:
    settled = world.settled()
    row = built(url="https://ci.example/7", changelog="PROJ-1 <fix> login")
    serving = Image.objects.get(version="4.2.0")
    baking.recipe(settled.application, settled.environment)
    bake = baking.bake(settled.application, "4.2.0", build=row)
    text = page(viewer, f"/builds/{row.pk}/")
    assert "Failed: regression; passed: unit." in text
    assert '<a href="https://ci.example/7/unit" rel="noreferrer">unit</a>' in text
    assert "412 passed" in text
    assert "<pre>PROJ-1 &lt;fix&gt; login</pre>" in text
    assert '<a href="https://ci.example/7" rel="noreferrer">' in text
    assert f'href="/images/{serving.image_id}/"' in text
    assert "api-prod-v013" in text
    assert "Push of 4.2.0" in text
    assert f'href="/bakes/{bake.pk}/"' in text
    link = f'href="/bakes/new/?build={row.pk}"'
    assert link not in text
    assert "This needs the role operator" in text
    assert link in page(operator, f"/builds/{row.pk}/")
    assert all(image.image_id in text for image in bake.images.all())
    assert "none knows it yet" in text


def test_a_build_that_went_nowhere_says_so(viewer: Client) -> None:
    world.build()
    text = page(viewer, f"/builds/{built(gates=()).pk}/")
    for words in (
        "No gate of it was reported yet.",
        "CI reported none.",
        "No group launches it.",
        "No image has it yet.",
    ):
        assert words in text
    assert page(viewer, "/builds/99/", 404)


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        (("passed", "passed"), "Passed: g0, g1."),
        (("running", "passed"), "Running: g0; passed: g1."),
        (("skipped", "running"), "Running: g1; skipped: g0."),
        (("passed", "failed"), "Failed: g1; passed: g0."),
    ],
)
def test_the_sentence_says_the_worst_first(viewer: Client, outcomes: tuple[str, ...], words: str) -> None:
    world.build()
    row = built(gates=tuple(ReportedGate(f"g{number}", each) for number, each in enumerate(outcomes)))
    assert words in page(viewer, f"/builds/{row.pk}/")


def test_an_application_shows_its_newest_builds_and_administrators_its_webhooks(
    viewer: Client, administrator: Client
) -> None:
    world.settled()
    for number in range(6):
        built(f"4.2.{number}")
    hook = made("jenkins", "api")
    text = page(viewer, "/applications/api/")
    assert "api 4.2.5" in text
    assert "api 4.2.0" not in text
    assert "/builds/?application=api" in text
    assert "webhook" not in text.lower()
    text = page(administrator, "/applications/api/")
    assert f"webhook {hook.pk} (jenkins, never used)" in text
    assert 'href="/applications/api/webhooks/"' in text


def test_builds_are_found_by_version_and_commit(viewer: Client) -> None:
    world.settled()
    row = built(number="7")
    for words in ("4.2.0", SHA[:9], SHA.upper()[:7]):
        text = page(viewer, f"/search/?q={words}")
        assert f'href="/builds/{row.pk}/"' in text, words
    assert "api 4.2.0 (build 7)" in text


def test_a_secret_is_shown_in_the_answer_that_made_it_and_nowhere_else(administrator: Client) -> None:
    world.settled()
    answer = administrator.post("/applications/api/webhooks/", {"format": "github"})
    hook = Webhook.objects.get()
    text = answer.content.decode()
    assert (answer.status_code, hook.format, hook.created_by) == (200, "github", "administrator")
    assert hook.secret in text
    assert f"http://testserver/api/v1/hooks/{hook.pk}/" in text
    assert "no-store" in answer.headers["Cache-Control"]
    again = page(administrator, "/applications/api/webhooks/")
    assert hook.secret not in again
    assert f"/api/v1/hooks/{hook.pk}/" in again


def test_a_format_that_there_is_not_is_said_beside_its_field(administrator: Client) -> None:
    world.settled()
    answer = administrator.post("/applications/api/webhooks/", {"format": "fax"})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()
    assert administrator.get("/applications/nothing/webhooks/").status_code == 404


def test_revoking_asks_and_is_seen_in_the_list(administrator: Client) -> None:
    world.settled()
    hook = made("generic", "api")
    path = f"/webhooks/{hook.pk}/revoke/"
    assert f"Revoke webhook {hook.pk}?" in page(administrator, path)
    answer = administrator.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/applications/api/webhooks/")
    text = page(administrator, "/applications/api/webhooks/")
    assert f"Nothing that comes to webhook {hook.pk} is taken any more." in text
    assert path not in text
    assert administrator.get("/webhooks/99/revoke/").status_code == 404


def test_a_webhook_is_among_what_changed_and_builds_are_not(administrator: Client) -> None:
    world.settled()
    built()
    made("generic", "api")
    text = page(administrator, "/changes/")
    assert "(generic) for builds of the application api" in text
    assert "reported api 4.2.0" not in text
