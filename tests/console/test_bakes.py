"""The pages of bakes: the list, one that goes on or has ended, its log, stopping it; and where else bakes are shown."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.images.models import Bake, BaseImage, Build
from apps.inventory.models import Cluster
from apps.workflows.states import RunState
from tests.console import baking, world

SAYS = "The builder i-0b1 is installing api 4.4.0: Collecting api"


@pytest.fixture
def settled(db: None) -> world.World:
    """An application that serves, with a recipe."""
    made = world.settled()
    baking.base_image(made.environment)
    baking.recipe(made.application, made.environment)
    return made


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content
    return " ".join(answer.content.decode().split())


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main", 1)[1]))


def under_way(settled: world.World, state: str = RunState.WAITING) -> Bake:
    return baking.bake(settled.application, "4.4.0", state, says=SAYS)


def test_the_list_says_of_each_how_it_is_and_is_filtered_by_the_url(settled: world.World, viewer: Client) -> None:
    done, moving = baking.bake(settled.application), under_way(settled)
    failed = baking.bake(settled.application, "4.5.0", RunState.UNDONE, failure="The package is not there.", actor="ci")
    text = page(viewer, "/bakes/")
    rows = [text.index(f'id="bake-{each.pk}"') for each in (failed, moving, done)]
    assert rows == sorted(rows)
    assert "The package is not there." in text
    assert SAYS in text
    assert "This needs the role operator" in text
    for query, found in {"state=waiting": [moving], "version=4.3.0": [done], "actor=ci": [failed]}.items():
        shown = re.findall(r'id="bake-(\d+)"', page(viewer, f"/bakes/?{query}"))
        assert shown == [str(each.pk) for each in found], query
    assert "No bake matches." in page(viewer, "/bakes/?version=9")
    assert "mars is not known here." in page(viewer, "/bakes/?environment=mars")


@pytest.mark.parametrize("path", ["/builds/", "/bakes/", "/base-images/"])
def test_builds_bakes_and_base_images_lead_to_each_other(viewer: Client, db: None, path: str) -> None:
    text = page(viewer, path)
    links = re.findall(r'href="([^"]+)"( aria-current="page")?', text.split("<main", 1)[1].split("</nav>", 1)[0])
    assert links == [
        (each, ' aria-current="page"' * (each == path)) for each in ("/builds/", "/bakes/", "/base-images/")
    ]
    assert '<a href="/builds/" aria-current="page">Builds</a>' in text.split("<main", 1)[0]


def test_a_filter_of_yes_or_no_says_that_it_may_be_either(viewer: Client, db: None) -> None:
    assert '<option value="unknown" selected>either</option>' in page(viewer, "/base-images/")
    assert '<option value="true" selected>yes</option>' in page(viewer, "/base-images/?standing=true")


def test_an_empty_list_says_what_to_do(viewer: Client, db: None) -> None:
    assert "Nothing was baked yet." in page(viewer, "/bakes/")


def test_one_that_goes_on_says_what_it_waits_for_and_is_polled(settled: world.World, operator: Client) -> None:
    row = under_way(settled)
    path = f"/bakes/{row.pk}/"
    answer = operator.get(path)
    text = words(" ".join(answer.content.decode().split()))
    assert f"Step 2 of 8: {SAYS}" in text
    assert "of about" in text
    assert "Gives up at" in text
    assert "Successfully installed api" in text, "what its builder has printed by now"
    assert "Copied to eu-west-1" in text
    assert f"/bakes/{row.pk}/cancel/" in answer.content.decode()
    etag = re.search(r'data-etag="([^"]+)"', answer.content.decode())
    assert etag
    polled = operator.get(f"{path}live/", headers={"If-None-Match": etag[1].replace("&quot;", '"')})
    assert polled.status_code == 304


def test_one_that_made_its_images_leads_to_where_they_can_be_pushed(
    settled: world.World, operator: Client, viewer: Client
) -> None:
    row = baking.bake(settled.application)
    Cluster.objects.create(
        environment=settled.environment, region=baking.COPY, name="api-west", application=settled.application
    )
    here, copy = row.images.order_by("id")
    text = page(operator, f"/bakes/{row.pk}/")
    assert f"{here.image_id} was made in us-east-1 and copied to eu-west-1, in 1 min 12 s." in text
    assert f'href="{settled.page}push/?image={here.image_id}">api-prod in prod' in text
    assert f'href="/clusters/prod/eu-west-1/api-west/push/?image={copy.image_id}">api-west in prod' in text
    assert "2 packages, 1 configuration file" in text
    assert '<a href="#images">Push it to a cluster of api.</a>' in text
    assert "Successfully installed api" in text
    assert "/push/?image=" not in page(viewer, f"/bakes/{row.pk}/")
    assert operator.get(f"/bakes/{row.pk}/live/").status_code == 286
    assert operator.get(f"/bakes/{row.pk}/live/").content.decode() in operator.get(f"/bakes/{row.pk}/").content.decode()


def test_it_leads_to_its_build_and_to_the_base_image_that_it_was_made_upon(
    settled: world.World, viewer: Client
) -> None:
    build = Build.objects.create(application=settled.application, package="api", version="4.3.0", number="7")
    row = baking.bake(settled.application, build=build)
    text = page(viewer, f"/bakes/{row.pk}/")
    assert f'<a href="/builds/{build.pk}/">api 4.3.0 (build 7)</a>' in text
    assert '<a href="/applications/api/">api</a>' in text.split('id="facts"', 1)[1]
    link = f'href="/base-images/?image={baking.BASE}"'
    assert f'debian-12 2026.11 <span class="copy"><a {link}>{baking.BASE}</a>' in text
    assert f'id="base-image-{BaseImage.objects.get().pk}"' in page(viewer, f"/base-images/?image={baking.BASE}")


def test_what_was_installed_can_be_read_there_and_on_the_page_of_the_image(
    settled: world.World, viewer: Client
) -> None:
    row = baking.bake(settled.application)
    image = settled.image("4.3.0")
    row.images.filter(region=baking.REGION).update(image_id=image.image_id)
    text = page(viewer, f"/bakes/{row.pk}/")
    assert '<a href="#inside">2 packages, 1 configuration file</a>' in text
    for each in (text, page(viewer, f"/images/{image.image_id}/")):
        said = words(each).partition("What is inside")[2]
        assert "2 packages, 1 configuration file, recorded when it was baked." in said
        assert "Debian packages: 1 openssl 3.0.11-1 Python packages: 1 api 4.3.0" in said
        assert f"Configuration files, each with its SHA-256: 1 /etc/hosts {'0' * 64}" in said
    other = settled.image("4.4.0")
    assert "What is inside" not in page(viewer, f"/images/{other.image_id}/")


def test_one_that_failed_says_why_and_what_next(settled: world.World, operator: Client) -> None:
    row = baking.bake(settled.application, state=RunState.UNDONE, failure="There is no api 4.3.0.", build=None)
    text = page(operator, f"/bakes/{row.pk}/")
    assert "No image was made. There is no api 4.3.0." in text
    assert "Nothing is left of it. Mend that, then bake again." in text
    assert 'href="/bakes/new/?application=api&amp;version=4.3.0&amp;package=api">Bake again…' in text
    assert operator.get("/bakes/999/").status_code == 404


def test_the_end_of_a_long_log_is_shown_and_all_of_it_is_a_file(settled: world.World, viewer: Client) -> None:
    lines = "\n".join(f"line {number}" for number in range(500))
    row = baking.bake(settled.application, log=lines, log_cut=1234)
    text = viewer.get(f"/bakes/{row.pk}/").content.decode()
    assert "line 499" in text
    assert "line 299\n" not in text
    assert "The last 200 of 500 lines. 1,234 bytes before these were lost." in text
    answer = viewer.get(f"/bakes/{row.pk}/log/")
    assert answer.content.decode() == lines
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f'filename="bake-{row.pk}.log"' in answer.headers["Content-Disposition"]


def test_cancelling_asks_first_and_is_refused_once_it_has_ended(
    settled: world.World, operator: Client, viewer: Client
) -> None:
    row, over = under_way(settled), baking.bake(settled.application)
    path = f"/bakes/{row.pk}/cancel/"
    assert viewer.get(path).status_code == 403
    assert "Puts back everything that was done" in page(operator, path)
    row.run.refresh_from_db()
    assert row.run.cancel_requested_at is None
    answer = operator.post(path, {"reason": "the wrong version"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/bakes/{row.pk}/")
    row.run.refresh_from_db()
    assert (row.run.cancelled_by, row.run.cancel_reason) == ("operator", "the wrong version")
    late = operator.post(f"/bakes/{over.pk}/cancel/", {"reason": ""})
    assert late.status_code == 409
    assert "has ended already" in late.content.decode()
    assert "nothing to cancel any more" in page(operator, f"/bakes/{over.pk}/cancel/")


def test_one_that_needs_a_person_can_try_again_and_only_that_one(settled: world.World, operator: Client) -> None:
    row, moving = under_way(settled, RunState.NEEDS_PERSON), under_way(settled)
    path = f"/bakes/{row.pk}/retry/"
    assert f'href="{path}"' in page(operator, f"/bakes/{row.pk}/")
    text = page(operator, path)
    assert "Tries “Wait until it has installed api 4.4.0” again; its time begins anew." in text
    assert SAYS in text
    answer = operator.post(path, {"reason": "the role may do it now"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/bakes/{row.pk}/")
    row.run.refresh_from_db()
    assert row.run.state == RunState.RUNNING
    assert f"/bakes/{moving.pk}/retry/" not in page(operator, f"/bakes/{moving.pk}/")
    late = operator.post(f"/bakes/{moving.pk}/retry/", {"reason": ""})
    assert late.status_code == 409
    assert "goes on by itself" in late.content.decode()
    over = baking.bake(settled.application)
    assert "there is nothing to try again" in page(operator, f"/bakes/{over.pk}/retry/")


def test_home_shows_what_is_baked_now_and_what_was_not_lately(settled: world.World, viewer: Client) -> None:
    assert "Nothing is being changed." in page(viewer, "/")
    moving = under_way(settled)
    failed = baking.bake(settled.application, "4.5.0", RunState.UNDONE, failure="There is none.")
    baking.bake(settled.application, "4.6.0", RunState.SUCCEEDED)
    text = page(viewer, "/")
    assert "Nothing is being changed." not in text
    assert re.findall(r'id="bake-(\d+)"', text) == [str(moving.pk), str(failed.pk)]
    assert text.index(f'id="bake-{moving.pk}"') < text.index('id="failed-title"') < text.index("There is none.")


def test_an_application_shows_its_recipe_and_its_latest_bakes(settled: world.World, operator: Client) -> None:
    row = baking.bake(settled.application)
    text = page(operator, "/applications/api/")
    assert f'href="/bakes/{row.pk}/">Bake of api 4.3.0</a>' in text
    assert "<dt>Upon</dt><dd>debian-12, the latest approved, x86_64</dd>" in text
    assert 'href="/bakes/new/?application=api">Bake…' in text
    other = world.build("test", application="shop")
    assert other.application.name == "shop"
    without = page(operator, "/applications/shop/")
    assert "It has none yet" in without
    assert "Nothing of it was baked with this console yet." in without
    assert "/bakes/new/" not in without


@pytest.mark.parametrize("query", ["4.3", "#{0}", "{0}", "ap"])
def test_bakes_are_found_by_number_version_and_package(settled: world.World, viewer: Client, query: str) -> None:
    row = baking.bake(settled.application)
    text = page(viewer, f"/search/?q={query.format(row.pk).replace('#', '%23')}")
    assert f'href="/bakes/{row.pk}/"><span class="found__name">bake {row.pk}</span>' in text
    assert "api 4.3.0, by maria" in text
