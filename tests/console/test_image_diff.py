"""What differs between two images, as pages show it: by itself, on an image, before a push, on a deployment."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client
from pytest_django.fixtures import Settings

from apps.deployments.models import Deployment
from apps.inventory.models import Image
from tests.console import world
from tests.images.baked import baked, recipe
from tests.images.git import commit, repository

PART = {"HX-Request": "true"}
MANY = 1000


def text_of(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main", 1)[-1]))


def two(built: world.World) -> tuple[Image, Image]:
    """Two images of which everything is known."""
    before, after = built.image("4.1.9", days=9, team="shop"), built.image("4.2.0", days=2, team="pay")
    baked(before, {"deb:openssl": "3.0.11", "deb:curl": "8.5", "deb:same": "1"}, {"/etc/app.conf": "aa"})
    baked(after, {"deb:openssl": "3.0.12", "deb:curl": "8.4", "deb:same": "1"}, {"/etc/app.conf": "ab"})
    return before, after


def path_of(before: Image, after: Image, part: str = "") -> str:
    return f"/images/{after.image_id}/diff/{part}?against={before.image_id}"


def test_a_comparison_tells_what_changed_and_counts_the_rest(viewer: Client) -> None:
    before, after = two(world.build())
    text = text_of(viewer, path_of(before, after))
    said = words(text)
    assert "From api 4.1.9 to api 4.2.0 2 packages and 1 configuration file differ." in said
    assert "Debian packages: 1 upgraded, 1 downgraded, 1 unchanged" in said
    assert "openssl upgraded 3.0.11 3.0.12" in said
    assert "curl downgraded 8.5 8.4" in said
    assert "Configuration files: 1 changed, 0 unchanged" in said
    assert "/etc/app.conf changed" in said
    assert "Tag team shop → pay" in said
    assert "same" not in said.split("Debian packages")[1].split("Configuration")[0].replace("1 unchanged", "")
    assert '<details class="fold" id="changed-1" open>' in text
    assert f'<option value="{before.image_id}" selected>' in text
    assert f'href="/images/{after.image_id}/diff/commits/?against={before.image_id}"' in text


def test_what_is_not_known_is_said_plainly(viewer: Client) -> None:
    built = world.build()
    before, after = built.image("4.1.9"), built.image("4.2.0")
    said = words(text_of(viewer, path_of(before, after)))
    assert f"was not baked here and 4.2.0 ({after.image_id}) was not baked here." in said
    assert "Upon which base image" in said
    assert "No package" not in said
    nobody = words(text_of(viewer, f"/images/{after.image_id}/diff/?against=ami-0nope"))
    assert "No environment knows ami-0nope, and it was not baked here." in nobody
    assert "Compare api 4.2.0" in nobody
    chosen = words(text_of(viewer, f"/images/{after.image_id}/diff/"))
    assert "Compare with 4.1.9" in chosen
    assert "What differs" not in chosen
    unheard = words(text_of(viewer, f"/images/ami-0123456789abcdef0/diff/?against={after.image_id}"))
    assert "No environment knows ami-0123456789abcdef0, and it was not baked here." in unheard
    assert viewer.get("/images/ami-0nope/diff/").status_code == 404
    assert viewer.get("/images/ami-0nope/diff/commits/").status_code == 404


def test_the_page_of_an_image_offers_those_of_the_same_application(viewer: Client) -> None:
    built, other = world.build(), world.build("stage", application="web")
    before, after, foreign = built.image("4.1.9"), built.image("4.2.0"), other.image("1.0.0")
    text = text_of(viewer, f"/images/{after.image_id}/")
    assert f'method="get" action="/images/{after.image_id}/diff/"' in text
    assert f'<option value="{before.image_id}">4.1.9 ·' in text
    assert foreign.image_id not in text
    assert 'name="against"' not in text_of(viewer, f"/images/{foreign.image_id}/")


def test_copies_of_an_image_are_told_apart_by_where_they_are(viewer: Client) -> None:
    built = world.build()
    after, copies = built.image("4.2.0"), [built.image("4.1.9") for _ in range(2)]
    Image.objects.filter(pk=copies[1].pk).update(region="eu-west-1")
    text = text_of(viewer, f"/images/{after.image_id}/")
    for copy, region in zip(copies, (world.REGION, "eu-west-1"), strict=True):
        assert re.search(rf'<option value="{copy.image_id}">4.1.9 · [^<]* · prod {region}</option>', text)


def test_a_thousand_packages_are_cut_within_another_page_and_whole_on_their_own(viewer: Client) -> None:
    built = world.build()
    before, after = built.image("4.1.9"), built.image("4.2.0")
    for image, version in ((before, "1.0"), (after, "1.1")):
        baked(image, {f"deb:package{number:04}": version for number in range(MANY)})
    part = text_of(viewer, path_of(before, after), **PART)
    assert part.count("<tr>") < 30
    assert "<html" not in part
    assert f"Debian packages: {MANY} upgraded, 0 unchanged" in part
    assert f'<a href="{path_of(before, after)}">And {MANY - 20} more: the whole comparison</a>' in part
    assert text_of(viewer, path_of(before, after)).count("<tr>") > MANY


def test_a_deployment_leads_to_what_differs_between_its_two_images(viewer: Client) -> None:
    world.settled()
    pushed = Deployment.objects.latest("pk")
    address = f"/images/{pushed.to_image}/diff/?against={pushed.from_image}"
    text = text_of(viewer, f"/deployments/{pushed.pk}/")
    assert f'hx-get="{address}" hx-trigger="load"' in text
    assert f'<a href="{address}">What differs between the images</a>' in text
    assert "Version 4.1.9 → 4.2.0" in words(text_of(viewer, address, **PART))
    Deployment.objects.filter(pk=pushed.pk).update(from_image=pushed.to_image)
    assert "/diff/" not in text_of(viewer, f"/deployments/{pushed.pk}/")


def test_commits_are_a_part_of_their_own_with_tickets_linked(
    viewer: Client, tmp_path: Path, settings: Settings
) -> None:
    settings.GIT_CLONES = str(tmp_path)
    built, clone = world.build(), repository(tmp_path / "api")
    first, last = commit(clone, "begin"), commit(clone, "SHOP-1 <b>fix</b>")
    before, after = built.image("4.1.9"), built.image("4.2.0")
    baked(before, None, commit=first)
    baked(after, None, commit=last)
    recipe(
        built.application,
        built.environment,
        git="api",
        ticket_pattern="[A-Z]+-[0-9]+",
        ticket_url="https://jira.example.com/browse/{ticket}",
    )
    part = text_of(viewer, path_of(before, after, "commits/"), **PART)
    assert "<html" not in part
    assert "1 commit more, with 1 ticket." in part
    assert '<a href="https://jira.example.com/browse/SHOP-1" rel="noreferrer">SHOP-1</a>' in part
    assert "SHOP-1 &lt;b&gt;fix&lt;/b&gt;" in part
    assert "<h1>From api 4.1.9 to api 4.2.0</h1>" in text_of(viewer, path_of(before, after, "commits/"))
    assert "1 commit taken back" in text_of(viewer, path_of(after, before, "commits/"))
    assert "No commit lies between them." in text_of(viewer, path_of(after, after, "commits/"))


def test_where_no_repository_is_known_the_part_says_so(viewer: Client) -> None:
    built, other = world.build(), world.build("stage", application="web")
    before, after, foreign = built.image("4.1.9"), built.image("4.2.0"), other.image("1.0.0")
    said = text_of(viewer, path_of(before, after, "commits/"), **PART)
    assert "no recipe of this application names its repository" in said
    assert "They are of two applications, web and api." in text_of(viewer, path_of(foreign, after, "commits/"), **PART)


def test_an_address_that_a_build_server_gave_is_followed_only_where_it_is_of_the_web(viewer: Client) -> None:
    built = world.build()
    before, after = built.image("4.1.9"), built.image("4.2.0")
    old, new = baked(before, None, commit="a" * 40), baked(after, None, commit="b" * 40)
    assert old.build
    assert new.build
    new.build.url = "javascript:alert(1)"
    new.build.save()
    text = text_of(viewer, path_of(before, after))
    assert f'href="{old.build.url}"' in text
    assert "javascript:" not in text
