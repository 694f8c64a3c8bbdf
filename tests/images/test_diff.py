"""What differs between two images: packages, files, base, attributes; and what is not known is said, never guessed."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.images.models import BaseImage
from apps.images.selectors.diff import Change, Changes, Value, image_diff
from apps.inventory.models import Image
from tests.console import world
from tests.images.baked import BASE, baked, made

__all__ = ["made"]

OLD = {
    "deb:openssl": "3.0.11-1~deb12u2",
    "deb:curl": "7.88.1-10+deb12u5",
    "deb:libc6": "2.36-9",
    "deb:telnet": "0.17",
    "python:django": "5.2.1",
    "python:odd": "custom-build",
    "npm:left-pad": "1.0.0",
}
NEW = {
    "deb:openssl": "3.0.11-1~deb12u10",
    "deb:curl": "7.88.1-10",
    "deb:libc6": "2.36-9",
    "deb:jq": "1.6",
    "python:django": "5.2.2",
    "python:odd": "other-build",
    "npm:left-pad": "2.0.0",
}


def test_packages_are_told_by_manager_what_changed_first_the_rest_only_counted(made: world.World) -> None:
    before, after = made.image("4.1.9"), made.image("4.2.0")
    baked(before, OLD, {"/etc/app.conf": "aa", "/etc/gone": "bb", "/etc/same": "cc"})
    baked(after, NEW, {"/etc/app.conf": "ab", "/etc/new": "dd", "/etc/same": "cc"})
    found = image_diff(before.image_id, after.image_id)
    assert found.compared
    assert found.packages == (
        Changes(
            "deb",
            (
                Change("upgraded", "openssl", OLD["deb:openssl"], NEW["deb:openssl"]),
                Change("downgraded", "curl", OLD["deb:curl"], NEW["deb:curl"]),
                Change("added", "jq", "", "1.6"),
                Change("removed", "telnet", "0.17", ""),
            ),
            1,
        ),
        Changes("npm", (Change("changed", "left-pad", "1.0.0", "2.0.0"),), 0),
        Changes(
            "python",
            (
                Change("upgraded", "django", "5.2.1", "5.2.2"),
                Change("changed", "odd", "custom-build", "other-build"),
            ),
            0,
        ),
    )
    files = (Change("changed", "/etc/app.conf"), Change("added", "/etc/new"), Change("removed", "/etc/gone"))
    assert found.files == Changes("files", files, 1)
    assert found.base_changed is False
    assert found.unknown == ()
    assert json.loads(json.dumps(asdict(found)))["packages"][0]["unchanged"] == 1


def test_attributes_come_from_tags_and_from_the_build_and_the_base_has_its_name(made: world.World) -> None:
    before, after = made.image("4.1.9", team="shop"), made.image("4.2.0", team="pay")
    old = baked(before, OLD, commit="a" * 40)
    baked(after, NEW, commit="b" * 40, base="ami-0ba5e0000000000b2")
    for image, version in ((BASE, "2026.10"), ("ami-0ba5e0000000000b2", "2026.11")):
        BaseImage.objects.create(
            environment=made.environment, region=world.REGION, name="debian-12", version=version, image_id=image
        )
    found = image_diff(before.image_id, after.image_id)
    assert (found.before.bake, found.before.commit, found.before.build_url) == (
        old.pk,
        "a" * 40,
        f"https://ci.example.com/{before.build}",
    )
    assert (found.base_changed, found.before.base, found.after.base) == (True, "debian-12 2026.10", "debian-12 2026.11")
    assert found.values == (
        Value("Version", "4.1.9", "4.2.0"),
        Value("Commit", "a" * 40, "b" * 40),
        Value("Build", before.build, after.build),
        Value("Tag team", "shop", "pay"),
    )


def test_what_is_not_known_is_said_of_each_and_is_no_difference(made: world.World) -> None:
    before, after = made.image("4.1.9"), made.image("4.2.0")
    baked(after, None)
    found = image_diff(before.image_id, after.image_id)
    assert (found.packages, found.files, found.base_changed, found.compared) == ((), None, None, False)
    old, new = f"4.1.9 ({before.image_id})", f"4.2.0 ({after.image_id})"
    why = f"{old} was not baked here and {new} has a bake that recorded no manifest"
    assert found.unknown == (
        f"Which packages and files differ is not known: {why}.",
        f"Upon which base image {old} was made is not known.",
    )
    nobody = image_diff("ami-0nope", after.image_id)
    assert not nobody.before.known
    assert nobody.unknown[0] == "No environment knows ami-0nope, and it was not baked here."
    assert not any(value.name.startswith("Tag") for value in nobody.values)


def test_the_row_that_tells_most_is_taken_also_of_one_that_is_gone(made: world.World) -> None:
    before, after = made.image("4.1.9", base_ami_id=BASE), made.image("4.2.0", base_ami_id=BASE)
    other = world.build("stage")
    Image.objects.create(
        **other.synced(), image_id=before.image_id, state="available", source="run", created_at=made.now
    )
    Image.objects.filter(environment=made.environment, pk=before.pk).update(gone_at=made.now)
    found = image_diff(before.image_id, after.image_id)
    assert (found.before.version, found.before.application) == ("4.1.9", "api")
    assert (found.before.base_image, found.base_changed) == (BASE, False)


def test_an_image_is_the_same_as_itself(made: world.World) -> None:
    image = made.image("4.2.0")
    baked(image, NEW, {"/etc/app.conf": "aa"})
    found = image_diff(image.image_id, image.image_id)
    assert sum(len(part.changes) for part in found.packages) == 0
    assert found.values == ()
    assert found.files is not None
    assert found.files.unchanged == 1


@pytest.mark.parametrize("size", [1, 1000])
def test_it_takes_the_same_few_queries_however_much_is_installed(made: world.World, size: int) -> None:
    before, after = made.image("4.1.9"), made.image("4.2.0")
    for image, version in ((before, "1.0"), (after, "1.1")):
        baked(image, {f"deb:package{number}": version for number in range(size)})
    with CaptureQueriesContext(connection) as taken:
        found = image_diff(before.image_id, after.image_id)
    assert found.packages[0].count("upgraded") == size
    assert len(taken) == 3
