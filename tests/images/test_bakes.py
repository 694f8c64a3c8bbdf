"""Asking for images: what is started, what is joined, and what is refused."""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.events.models import Event
from apps.images import builder
from apps.images.errors import CannotCancel, Invalid, Refused
from apps.images.models import Bake, BakedImage, Build, Manifest, Mark, Recipe
from apps.images.selectors import bake_of_image, bakes, manifest_of
from apps.images.services import BakeRequest, cancel_bake, preview_bake, set_recipe, withdraw_base
from apps.images.services.understood import key_of, understand
from apps.inventory.models import Application
from apps.workflows.models import Run
from apps.workflows.timing import in_all
from tests.images.cleaning import read
from tests.images.kitchen import Kitchen, ended, says

COPY = "eu-west-1"


def test_a_preview_says_what_would_be_done_and_starts_nothing(kitchen: Kitchen) -> None:
    kitchen.recipe(copies=["eu-west-1"])
    preview = preview_bake(BakeRequest("api", "1.0.0"))
    place = "test us-east-1, with copies in eu-west-1"
    assert preview.sentence == f"Bake api 1.0.0 upon plain 1 (x86_64) in {place}"
    assert (preview.base_image, preview.existing, preview.findings) == (kitchen.base.image_id, None, ())
    assert [step.kind for step in preview.steps] == [
        "launch-builder",
        "await-builder",
        "create-image",
        "await-image",
        "end-builder",
        "copy-images",
        "await-copies",
        "record-images",
    ]
    assert {step.expected_seconds for step in preview.steps} == {None}, "there is no earlier one to compare with"
    assert not Bake.objects.exists()
    assert kitchen.bake().key == preview.key


def test_the_same_image_is_made_once_and_whoever_asks_again_is_answered_with_it(kitchen: Kitchen) -> None:
    first = kitchen.started()
    joined = kitchen.bake()
    assert (joined.pk, joined.joined, first.joined) == (first.pk, True, False)
    assert ended(first).state == "succeeded"
    assert (kitchen.bake().pk, kitchen.bake().joined) == (first.pk, True)
    preview = preview_bake(BakeRequest("api", "1.0.0"))
    assert (preview.existing, preview.steps) == (first, ())
    again = preview_bake(BakeRequest("api", "1.0.0", rebake=True)).steps
    assert 0 < (in_all(again) or 0) < sum(step.timeout_seconds or 0 for step in again), "as long as the first one took"
    told = Event.objects.filter(kind="bake.joined").order_by("id")
    assert told[0].summary == f"cook asked for an image of api 1.0.0; it is on its way already (bake {first.pk})"
    assert told[1].summary == f"cook asked for an image of api 1.0.0; it stands already (bake {first.pk})"


def test_a_version_of_which_ci_reported_no_build_is_said_to_be_so_where_it_reports_any(kitchen: Kitchen) -> None:
    kitchen.recipe()
    assert preview_bake(BakeRequest("api", "9.9.9")).notes == ()
    owner = Application.objects.get(name="api")
    Build.objects.create(application=owner, package="api", version="1.0.0", number="7", commit="0abc", reported_by="ci")
    assert preview_bake(BakeRequest("api", "1.0.0")).notes == ()
    preview = preview_bake(BakeRequest("api", "9.9.9"))
    assert preview.notes[0].startswith("CI reported no build of api 9.9.9.")
    assert preview.findings == (), "it can be baked all the same"


def test_two_requests_at_once_give_one_bake(kitchen: Kitchen) -> None:
    kitchen.recipe()
    together = threading.Barrier(4)

    def ask(_: int) -> tuple[int, bool]:
        try:
            together.wait(10)
            made = kitchen.bake()
            return made.pk, made.joined
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as asking:
        answers = list(asking.map(ask, range(4)))
    assert len({pk for pk, _ in answers}) == 1
    assert sorted(joined for _, joined in answers) == [False, True, True, True]
    assert Bake.objects.count() == Run.objects.count() == 1


ASIDE = {  # fields of a recipe that are in no image, each with what it is for
    "bucket": "takes the builder's report",
    "timeout_seconds": "how long the builder may take",
    "gates": "what a push asks for",
    "git": "what a comparison reads",
    "ticket_pattern": "what a comparison reads",
    "ticket_url": "what a comparison links to",
    "check_first": "of the check in a throwaway root",
    "check_root": "of the check",
    "check_start": "of the check",
    "check_path": "of the check",
    "check_port": "of the check",
    "check_command": "of the check",
    "check_seconds": "of the check",
}


def another(value: Any) -> Any:
    """A value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {**value, "another": "x"}
    return [*value, "another"] if isinstance(value, list) else value + (1 if isinstance(value, int) else "x")


def test_whatever_of_a_recipe_may_change_the_image_is_in_the_key(kitchen: Kitchen) -> None:
    kitchen.recipe()
    found = understand(BakeRequest("api", "1.0.0"))
    fields = {field.name for field in Recipe._meta.concrete_fields}
    assert set(found.frozen) == fields - {"id", "application", "changed_by", "changed_at"} | {"base_image"}
    for name, value in found.frozen.items():
        changed = {**found.frozen, name: another(value)}
        same = key_of("api", changed, "api", "1.0.0", None) == found.key
        assert same == (name in ASIDE), name
        if same:
            told = [builder.compose(each, "api", "1.0.0", "nonce") for each in (found.frozen, changed)]
            assert told[0] == told[1], f"the builder is told {name}, so it belongs into the key"
    assert ASIDE.keys() <= found.frozen.keys(), "what is no field is not kept aside"
    assert key_of("web", found.frozen, "api", "1.0.0", None) != found.key, "the tags of an image say whose it is"


def test_what_does_not_get_into_the_image_makes_no_other_one(kitchen: Kitchen) -> None:
    kitchen.recipe()
    first = kitchen.bake()
    aside = {
        "timeout_seconds": 900,
        "gates": ["unit"],
        "git": "https://github.com/shop/api",
        "ticket_pattern": "[A-Z]+-[0-9]+",
    }
    set_recipe("api", aside, actor="cook")
    assert kitchen.bake().pk == first.pk


def test_another_version_package_or_build_is_another_image(kitchen: Kitchen) -> None:
    kitchen.recipe()
    keys = {kitchen.bake().key, kitchen.bake("1.0.1").key, kitchen.bake(package="api-server").key}
    owner = Application.objects.get(name="api")
    Build.objects.create(application=owner, package="api", version="1.0.0", number="7", commit="0abc", reported_by="ci")
    made = kitchen.bake()
    assert made.build is not None, "the build that was reported of it is found"
    assert len({*keys, made.key}) == 4


def test_a_rebake_makes_a_new_image_and_that_one_answers_from_then_on(kitchen: Kitchen) -> None:
    first = kitchen.started()
    ended(first)
    again = kitchen.bake(rebake=True)
    assert (again.pk != first.pk, again.joined, again.key) == (True, False, first.key)
    assert kitchen.bake().pk == again.pk


def test_a_rebake_says_what_it_installed_otherwise_than_the_one_before(kitchen: Kitchen) -> None:
    first = kitchen.started()
    ended(first)
    before = {"python:till": "3.2", "python:shop": "1.0.0"}
    Manifest.objects.update(packages=before)
    again = kitchen.bake(rebake=True)
    packed = base64.b64encode(gzip.compress(b"p python:till 4.0\np python:shop 1.0.0\np python:drawer 1\n")).decode()
    says(again, "begin", "step install", f"manifest {packed} 1/1", "log-bytes 0", "ok")
    assert ended(again).state == "succeeded"
    told = again.run.steps.get(kind="await-builder").says
    named = "python:drawer not there → 1, python:till 3.2 → 4.0"
    assert told == f"installed; 3 packages, 0 configuration files; unlike in bake {first.pk}, of the same key: {named}"
    assert "unlike" not in first.run.steps.get(kind="await-builder").says


@pytest.mark.parametrize("how", ["failed", "stuck", "cancelled", "deregistered", "copy"])
def test_a_bake_whose_image_does_not_stand_answers_no_more(
    how: str, kitchen: Kitchen, granted: Callable[..., None]
) -> None:
    first = kitchen.started(copies=[COPY] if how == "copy" else [])
    if how == "failed":
        says(first, "begin", "failed install 7")
        assert ended(first).state == "undone"
    elif how == "stuck":
        says(first, "begin", "failed install 7")
        granted(without="ec2:TerminateInstances")
        run = ended(first)
        assert (run.state, run.phase) == ("needs_person", "undo")
    elif how == "cancelled":
        cancel_bake(first.pk, actor="ann", reason="a mistake")
    elif how == "copy":
        ended(first)
        copy = first.images.get(region=COPY).image_id
        there = {"environment": kitchen.environment, "region": COPY, "kind": "image", "resource": copy}
        now = timezone.now()
        mark = Mark.objects.create(**there, because="unused", since=now, due_at=now, state=Mark.State.DELETING)
        assert preview_bake(BakeRequest("api", "1.0.0")).existing is None, "the janitor is about to delete it"
        mark.delete()
        assert preview_bake(BakeRequest("api", "1.0.0")).existing == first
        kitchen.ec2(COPY).deregister_image(ImageId=copy)
        read(kitchen.environment)
        assert first.images.get(region=COPY).deleted_at
    else:
        ended(first)
        image = BakedImage.objects.get()
        assert bake_of_image(image.image_id) == first
        assert manifest_of(image.image_id) == Bake.objects.get().manifest
        kitchen.ec2().deregister_image(ImageId=image.image_id)
    assert preview_bake(BakeRequest("api", "1.0.0")).existing is None
    again = kitchen.bake()
    assert (again.pk != first.pk, again.joined) == (True, False)
    assert [each.live for each in bakes()] == [True, False]


def test_one_that_ended_cannot_be_cancelled(kitchen: Kitchen) -> None:
    first = kitchen.started()
    ended(first)
    with pytest.raises(CannotCancel, match="ended already: succeeded"):
        cancel_bake(first.pk, actor="ann")


def test_without_a_recipe_or_a_base_image_it_is_refused_with_what_to_do(kitchen: Kitchen) -> None:
    with pytest.raises(Refused, match="Give it a recipe first"):
        kitchen.bake()
    kitchen.recipe()
    withdraw_base(kitchen.base.pk, actor="ann")
    (told,) = preview_bake(BakeRequest("api", "1.0.0")).findings
    assert told.startswith("Nobody has approved a base image plain for x86_64 in test us-east-1, or it was withdrawn.")
    with pytest.raises(Refused, match="Nobody has approved"):
        kitchen.bake()


def test_a_base_image_that_is_gone_is_told_before_anything_is_launched(kitchen: Kitchen) -> None:
    kitchen.recipe()
    kitchen.ec2().deregister_image(ImageId=kitchen.base.image_id)
    with pytest.raises(Refused, match="Approve another base image"):
        kitchen.bake()


def test_an_instance_type_of_another_architecture_is_refused(kitchen: Kitchen) -> None:
    kitchen.recipe(instance_type="t4g.small")
    with pytest.raises(Refused, match=r"A t4g\.small runs arm64, and the recipe says x86_64"):
        kitchen.bake()


def test_commands_that_do_not_fit_into_user_data_are_refused(kitchen: Kitchen) -> None:
    kitchen.recipe(options={"commands": "true\n" * 3000})
    with pytest.raises(Refused, match="bytes too long for user data"):
        kitchen.bake()


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("application", {"application": "nobody", "version": "1"}),
        ("version", {"application": "api", "version": "$(id)"}),
        ("build", {"application": "api", "version": "1", "build": 12345}),
    ],
)
def test_what_a_request_says_wrong_is_named_by_its_field(
    field: str, request_: dict[str, Any], kitchen: Kitchen
) -> None:
    kitchen.recipe()
    with pytest.raises(Invalid) as told:
        preview_bake(BakeRequest(**request_))
    assert list(told.value.errors) == [field]


def test_an_image_is_called_by_what_is_in_it_with_what_aws_allows(kitchen: Kitchen) -> None:
    kitchen.recipe()
    made = kitchen.bake("1.0~rc1+b2")
    assert made.image_name == f"api-1.0-rc1-b2-{made.nonce[:12]}"
