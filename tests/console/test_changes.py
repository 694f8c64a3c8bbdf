"""What changed in the last hours, for whoever is on call: what, by whom, how it went, and the way back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.events.services import record
from apps.images import services as images
from apps.images.services import set_recipe
from apps.workflows.models import Run
from apps.workflows.states import RunState
from tests.console import baking, promoting, world

NOBODY = "Nobody changed anything here."


def page(client: Client, **query: str) -> str:
    return " ".join(client.get("/changes/", query).content.decode().split())


def drawn(client: Client, **query: str) -> list[str]:
    """What stands on the time line, in its order: deployments by number, others by their sentence."""
    text = page(client, **query).partition('<ol class="timeline"')[2]
    found = re.findall(
        r'step__title"><a href="/deployments/(\d+)/"|step__title">(?:<a href="[^"]*">)?([^<]+?) ?<', text
    )
    return [number or sentence.strip() for number, sentence in found]


def recent(*deployments: Deployment, hours: float = 1.0) -> None:
    at = timezone.now() - timedelta(hours=hours)
    Deployment.objects.filter(pk__in=[each.pk for each in deployments]).update(created_at=at)
    Run.objects.filter(deployment__in=deployments, ended_at__isnull=False).update(ended_at=at)


def test_the_last_push_has_its_way_back_and_the_one_before_the_reason_why_not(operator: Client) -> None:
    settled = world.settled()
    old, new = settled.cluster.groups.order_by("name")
    first, last = Deployment.objects.latest("pk"), settled.push(old, new)
    recent(first, last)
    text = page(operator)
    assert f'href="/deployments/{last.pk}/rollback/">Roll back to v012</a>' in text
    assert f"came after push {first.pk}; only the last one can be rolled back." in text
    assert f'href="{settled.page}"' in text
    assert "“fix login”" in text


def test_a_viewer_is_told_which_role_a_rollback_needs(viewer: Client) -> None:
    world.settled()
    recent(Deployment.objects.latest("pk"))
    text = page(viewer)
    assert "Roll back to v012</a>" not in text
    assert "This needs the role operator" in text


def told(built: world.World) -> None:
    """What was changed beside deployments, and what is no change."""
    where = {"environment": built.environment.name, "region": world.REGION, "cluster": built.cluster.name}
    run = built.cluster.deployments.latest("pk").run_id
    changed: list[tuple[str, str, dict[str, Any]]] = [
        ("cluster.policy_changed", "maria", {**where, "reason": "sale"}),
        ("user.signed_in", "maria", {}),
        ("user.changed", "ada", {}),
        ("token.created", "maria", {}),
        ("group.traffic_given", "deployconsole", {"run": 10**9, **where}),
        ("group.traffic_taken", "maria", {"run": run, **where}),
        ("deployment.overridden", "maria", {"run": run, **where}),
        ("lock.broken", "ada", {"run": run, **where}),
        ("run.cancelled", "ada", {"run": run, **where}),
        ("freeze.created", "jo", {}),
        ("application.changed", "jo", {"subject": "api"}),
        ("environment.changed", "jo", {"environment": "elsewhere"}),
    ]
    for kind, actor, more in changed:
        record(kind, actor=actor, summary=f"{actor}: {kind}", **{"subject": "x", **more})


def kinds(lines: list[str]) -> list[str]:
    return [line.partition(": ")[2].rstrip(".") for line in lines if ": " in line]


def test_what_runs_comes_first_and_can_be_cancelled_and_other_changes_are_told(operator: Client) -> None:
    built = world.moving()
    told(built)
    running = Deployment.objects.latest("pk")
    text = page(operator)
    assert f'href="/deployments/{running.pk}/cancel/">Cancel…</a>' in text
    assert "“sale”" in text
    assert drawn(operator)[0] == str(running.pk)
    assert kinds(drawn(operator)) == [
        "environment.changed",
        "application.changed",
        "freeze.created",
        "lock.broken",
        "deployment.overridden",
        "group.traffic_given",  # what a repair gave back
        "user.changed",
        "cluster.policy_changed",
    ]


@pytest.mark.parametrize(
    ("query", "others", "pushes"),
    [
        ({"kind": "freeze."}, {"freeze.created"}, 0),
        ({"kind": "freeze.created"}, {"freeze.created"}, 0),  # as REST takes it, though no choice
        ({"kind": "group."}, {"group.traffic_given"}, 0),
        ({"kind": "push"}, set(), 1),
        ({"kind": "rollback"}, set(), 0),
        ({"state": "running"}, set(), 1),
        ({"state": "undone"}, set(), 0),
        ({"actor": "jo"}, {"freeze.created", "application.changed", "environment.changed"}, 0),
        ({"actor": "ada", "environment": "prod"}, {"user.changed", "lock.broken"}, 0),  # a role is of every environment
        ({"actor": "jo", "environment": "prod"}, {"freeze.created", "application.changed"}, 0),
        (
            {"application": "api", "region": world.REGION},
            {
                "cluster.policy_changed",
                "group.traffic_given",
                "deployment.overridden",
                "lock.broken",
                "application.changed",
            },
            1,
        ),
        ({"cluster": "api-prod", "kind": "lock."}, {"lock.broken"}, 0),
        ({"cluster": "api"}, set(), 0),
        ({"until": "2020-01-01T00:00"}, set(), 0),
    ],
)
def test_every_filter_finds_deployments_and_the_rest_alike(
    operator: Client, query: dict[str, str], others: set[str], pushes: int
) -> None:
    told(world.moving())
    found = drawn(operator, **query)
    assert set(kinds(found)) == others
    assert sum(line.isdigit() for line in found) == pushes


def test_a_freeze_of_an_application_is_found_by_it_when_it_begins_and_when_it_ends(operator: Client) -> None:
    world.settled()
    world.build("test", application="shop")
    ends = timezone.now() + timedelta(hours=1)
    made = {
        scope: services.create_freeze(services.FreezeRequest(ends, "the sale", **{scope: name}), actor="jo")
        for scope, name in (("application", "shop"), ("cluster", "shop-test"), ("environment", "test"))
    }
    for freeze in made.values():
        services.end_freeze(freeze.pk, actor="maria", reason="it is over")
    told = " ".join(drawn(operator, application="shop", kind="freeze."))
    assert re.findall(r"(?:froze|the freeze of) (.*?) (?:from|that)", told) == ["shop-test", "application shop"] * 2
    assert drawn(operator, application="api", kind="freeze.") == []


def test_the_image_that_somebody_went_away_from_is_found_too(operator: Client) -> None:
    moving = world.moving()
    told(moving)
    pushed = moving.cluster.deployments.get()
    for image in (pushed.from_image, pushed.to_image):
        assert drawn(operator, image=image) == [str(pushed.pk)]
    assert drawn(operator, image="ami-0") == []


def test_hours_and_other_times_are_of_the_url_and_none_is_said(operator: Client) -> None:
    world.settled()
    Deployment.objects.exclude(pk=Deployment.objects.latest("pk").pk).delete()
    last = Deployment.objects.latest("pk")
    recent(last, hours=5)
    ago = (timezone.now() - timedelta(hours=6)).isoformat()
    for query in ({}, {"hours": "12"}, {"hours": "any"}, {"since": ago}, {"since": ago, "hours": "1"}):
        assert drawn(operator, **query) == [str(last.pk)]
    for query in ({"hours": "3"}, {"hours": "12", "environment": "elsewhere"}, {"until": ago}):
        assert NOBODY in page(operator, **query)
    assert "in the last 12 hours" in page(operator)
    assert "in the last" not in page(operator, since=ago)
    assert "many is not known here." in page(operator, hours="many")


def test_what_began_before_and_ended_within_is_shown(operator: Client) -> None:
    world.settled()
    last = Deployment.objects.latest("pk")
    recent(*Deployment.objects.all(), hours=20)
    Run.objects.filter(deployment=last).update(ended_at=timezone.now() - timedelta(hours=2))
    assert drawn(operator, hours="3") == [str(last.pk)]


def test_it_pages_in_one_order_of_time_and_keeps_its_filters(operator: Client) -> None:
    built = world.settled()
    old, new = built.cluster.groups.order_by("name")
    for number in range(60):
        record("freeze.ended", actor="jo", subject="x", summary=f"end {number}")
    recent(built.push(old, new), *Deployment.objects.all(), hours=0.5)
    first, second = drawn(operator, hours="3"), drawn(operator, hours="3", page="2")
    assert (len(first), first[0]) == (50, "end 59. By jo.")
    assert (len(second), second[-1].isdigit()) == (13, True)
    assert not {*first} & {*second}
    assert "?hours=3&amp;page=2" in page(operator, hours="3")
    assert "1–50 of 63" in page(operator, hours="3")


def test_a_bake_says_how_it_went_and_leads_to_its_page(viewer: Client) -> None:
    built = world.settled()
    baking.recipe(built.application, built.environment)
    done = baking.bake(built.application)
    failed = baking.bake(built.application, "4.9.9", RunState.UNDONE, failure="There is no api 4.9.9; look again.")
    text = page(viewer, kind="bake.")
    for bake, said in ((done, "Succeeded."), (failed, "Undone: There is no api 4.9.9.")):
        line = text.split(f'<a href="/bakes/{bake.pk}/">maria asked.</a>', 1)[1].split("</li>", 1)[0]
        assert f'<p class="step__sentence">{said}</p>' in line
    assert text.count('class="step step--done"') == 1
    assert text.count('class="step step--undone"') == 1


def test_a_recipe_says_what_was_changed_to_what_and_leads_there(viewer: Client) -> None:
    built = world.settled()
    baking.recipe(built.application, built.environment, options={"installer": "pip", "target": "/srv"})
    baking.base_image(built.environment, name="debian-13")
    changed = {"base": "debian-13", "copies": [], "options": {"installer": "uv"}, "timeout_seconds": 600}
    set_recipe("api", changed, actor="ann")
    text = page(viewer, kind="recipe.")
    assert '<a href="/applications/api/#recipe">ann changed base, copies,' in text
    assert 'id="recipe"' in viewer.get("/applications/api/").content.decode()
    said = re.findall('step__sentence">([^<]+)<', text)
    for each in ("base: debian-12 → debian-13", f"copies: {baking.COPY} → none", "installer: pip → uv"):
        assert each in said
    assert "target" not in " ".join(said)
    set_recipe("api", {"options": {"target": f"/srv/{'long' * 90}"}}, actor="ann")
    assert re.search("target: /srv → /srv/(long){28}lon?g?…<", page(viewer, kind="recipe."))


def test_a_promotion_and_what_the_janitor_does_say_what_came_of_them_and_lead_there(viewer: Client) -> None:
    built, target = world.settled(), world.build("test", application="shop").environment
    row = promoting.promotion(built.environment, target)
    asked = {"actor": "maria", "subject": row.image_id, "summary": "maria asked: Promote it", "run": row.run_id}
    record("promotion.requested", **asked, after={"application": "api", "images": row.images})
    images.set_rules(built.environment, actor="ada", reason="the bill", newest=9)
    images.keep("prod", world.REGION, "image", row.image_id, actor="jo")
    text = page(viewer)
    line = text.split(f'<a href="/promotions/{row.pk}/">maria asked: Promote it.</a>', 1)[1].split("</li>", 1)[0]
    assert '<p class="step__sentence">Succeeded.</p>' in line
    assert f"test may launch: none → {row.image_id} in {world.REGION}" in line
    rules = text.split('<a href="/janitor/">ada changed the janitor', 1)[1].split("</li>", 1)[0]
    assert re.findall('step__sentence">([^<]+)<', rules) == ["newest: 5 → 9"]
    assert f'<a href="/janitor/?resource={row.image_id}">jo keeps the image' in text
    for query, found in ({"application": "api"}, True), ({"image": row.image_id}, True), ({"state": "failed"}, False):
        assert ("Promote it" in page(viewer, **query)) == found, query


def test_what_is_about_an_application_is_found_by_it_and_a_bake_by_its_outcome_and_its_image(viewer: Client) -> None:
    built = world.settled()
    baking.recipe(built.application, built.environment)
    done, failed = baking.bake(built.application), baking.bake(built.application, "4.9.9", RunState.UNDONE)
    set_recipe("api", {"timeout_seconds": 600, "copies": []}, actor="ann")
    image = done.images.earliest("pk").image_id
    bakes = {done.pk: f'href="/bakes/{done.pk}/"', failed.pk: f'href="/bakes/{failed.pk}/"'}
    for query, there in (
        ({"application": "api"}, {done.pk, failed.pk}),
        ({"application": "api", "state": "undone"}, {failed.pk}),
        ({"image": image}, {done.pk}),
        ({"application": "api", "kind": "recipe."}, set()),
    ):
        text = page(viewer, **query)
        assert {pk for pk, link in bakes.items() if link in text} == there, query
    assert "ann changed copies, options, timeout_seconds of the recipe of api." in text
    assert f"image: none → {image} in {world.REGION}" in page(viewer, image=image)
