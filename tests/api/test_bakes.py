"""Bakes over REST: asked for, followed, stopped; recipes and base images: set, read, approved, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import Role, User
from apps.images.models import Bake, BaseImage, Recipe
from apps.workflows.states import RunState
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet
from tests.console import baking
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

ASKED = {"application": "api", "version": "4.3.0", "reason": "fix login"}


def read(client: ApiClient, path: str) -> dict[str, Any]:
    answer = client.read(path)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def kitchen(fleet: Fleet) -> Fleet:
    """A fleet whose application has a recipe, and a base image."""
    baking.base_image(fleet.environment)
    baking.recipe(fleet.application, fleet.environment)
    return fleet


class TestReading:
    """What is told of bakes, without a cloud."""

    def test_one_tells_its_state_steps_images_and_the_end_of_its_log(self, kitchen: Fleet, viewer: ApiClient) -> None:
        row = baking.bake(kitchen.application)
        body = read(viewer, f"bakes/{row.pk}/")
        assert (body["state"], body["waiting_for"], body["joined"]) == ("succeeded", "", False)
        assert [each["region"] for each in body["images"]] == [REGION, baking.COPY]
        assert body["outcome"].startswith(f"{body['images'][0]['image_id']} was made in {REGION} and copied to")
        assert body["next_hint"] == "Push it to a cluster of shop.web."
        assert (body["log"], body["log_cut"]) == (baking.LOG, 0)
        assert {name: body["manifest"][name] for name in ("packages", "files", "lost")} == {
            "packages": 2,
            "files": 1,
            "lost": 0,
        }
        assert [step["state"] for step in body["steps"]] == ["done"] * 8
        assert [event["kind"] for event in body["events"]] == ["bake.requested"]
        assert body["recipe"]["base_image"]["name"] == "debian-12"
        assert viewer.get(body["manifest_url"]).json()["packages"]["deb:openssl"] == "3.0.11-1"
        assert viewer.get(body["log_url"]).json() == {"id": row.pk, "log": baking.LOG, "log_cut": 0}
        assert viewer.get(body["application_url"]).json()["name"] == "shop.web"

    def test_one_that_goes_on_says_what_it_waits_for(self, kitchen: Fleet, viewer: ApiClient) -> None:
        row = baking.bake(kitchen.application, state=RunState.WAITING, says="The builder is installing.")
        body = read(viewer, f"bakes/{row.pk}/")
        assert (body["waiting_for"], body["outcome"], body["images"]) == ("The builder is installing.", "", [])
        assert (body["manifest"], body["manifest_url"]) == (None, None)
        assert viewer.read(f"bakes/{row.pk}/manifest/").status_code == 404
        etag = viewer.read(f"bakes/{row.pk}/").headers["ETag"]
        assert viewer.read(f"bakes/{row.pk}/", If_None_Match=etag).status_code == 304

    def test_the_list_is_filtered(self, kitchen: Fleet, viewer: ApiClient) -> None:
        done = baking.bake(kitchen.application)
        moving = baking.bake(kitchen.application, "4.4.0", RunState.RUNNING, actor="ci")
        copy = done.images.get(region=baking.COPY).image_id
        expected = {
            "": [moving.pk, done.pk],
            "state=active": [moving.pk],
            "state=waiting": [moving.pk],
            "version=4.3.0": [done.pk],
            f"image={copy}": [done.pk],
            f"base_image={baking.BASE}&actor=ci": [moving.pk],
            "environment=test": [],
        }
        found = {query: [each["id"] for each in read(viewer, f"bakes/?{query}")["results"]] for query in expected}
        assert found == expected
        assert viewer.read("bakes/?state=soon").status_code == 400

    @pytest.mark.parametrize("path", ["bakes/99/", "bakes/99/log/", "bakes/99/manifest/", f"bakes/{10**30}/"])
    def test_what_is_not_there_is_404(self, kitchen: Fleet, viewer: ApiClient, path: str) -> None:
        assert viewer.read(path).status_code == 404

    def test_one_is_cancelled_once(self, kitchen: Fleet, operator: ApiClient, viewer: ApiClient) -> None:
        row = baking.bake(kitchen.application, state=RunState.WAITING)
        assert viewer.submit(f"bakes/{row.pk}/cancel/", {}).status_code == 403
        answer = operator.submit(f"bakes/{row.pk}/cancel/", {"reason": "the wrong one"})
        assert answer.status_code == 202
        assert answer.headers["Location"] == answer.json()["url"]
        again = operator.submit(f"bakes/{row.pk}/cancel/", {})
        assert again.status_code == 409
        assert "asked for it to be undone already" in again.json()["detail"]
        assert operator.submit("bakes/99/cancel/", {}).status_code == 404

    def test_one_that_needs_a_person_tries_again_and_no_other(
        self, kitchen: Fleet, operator: ApiClient, viewer: ApiClient
    ) -> None:
        row = baking.bake(kitchen.application, state=RunState.NEEDS_PERSON, says="The role may not do it.")
        assert viewer.submit(f"bakes/{row.pk}/resume/", {}).status_code == 403
        answer = operator.submit(f"bakes/{row.pk}/resume/", {"reason": "it may now"})
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        again = operator.submit(f"bakes/{row.pk}/resume/", {})
        assert again.status_code == 409
        assert "goes on by itself" in again.json()["detail"]
        assert operator.submit("bakes/99/resume/", {}).status_code == 404

    def test_the_provisioners_are_offered_with_their_options(self, viewer: ApiClient) -> None:
        offered = {each["slug"]: each for each in viewer.read("provisioners/").json()}
        assert sorted(offered) == ["apt", "dnf", "script", "wheel"]
        assert offered["wheel"]["options"]["properties"]["installer"]["enum"] == ["pip", "uv"]


class TestRecipes:
    """How an application's image is made, by administrators."""

    PATH = "applications/shop.web/recipe/"
    FIRST: dict[str, Any] = {
        "environment": "prod",
        "region": REGION,
        "base": "debian-12",
        "provisioner": "wheel",
        "repository": "https://packages.example.com/simple",
    }

    def test_the_first_is_set_and_only_what_is_given_changes(self, fleet: Fleet, administrator: ApiClient) -> None:
        assert administrator.read(self.PATH).status_code == 404
        refused = administrator.send("PATCH", self.PATH, self.FIRST)
        assert [error["field"] for error in refused.json()["errors"]] == ["base"], "nobody has approved one"
        baking.base_image(fleet.environment)
        made = administrator.send("PATCH", self.PATH, {**self.FIRST, "copies": ["eu-west-1"]})
        assert made.status_code == 200, made.content
        assert made.json()["options"]["installer"] == "pip"
        changed = administrator.send("PATCH", self.PATH, {"gates": ["unit"], "options": {"installer": "uv"}})
        body = read(administrator, self.PATH)
        assert body == changed.json()
        assert (body["copies"], body["gates"], body["options"]["installer"]) == (["eu-west-1"], ["unit"], "uv")
        assert (body["changed_by"], body["environment"]) == ("ada", "prod")

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self, kitchen: Fleet, administrator: ApiClient) -> None:
        seen = administrator.read(self.PATH).headers["ETag"]
        assert administrator.send("PATCH", self.PATH, {"gates": []}, If_Match=seen).status_code == 200
        late = administrator.send("PATCH", self.PATH, {"gates": ["unit"]}, If_Match=seen)
        assert late.status_code == 412
        assert Recipe.objects.get().gates == []

    @pytest.mark.parametrize(
        ("change", "field", "status"),
        [
            ({"region": "mars-1"}, "region", 422),
            ({"environment": "mars"}, "environment", 422),
            ({"provisioner": "ebuild"}, "provisioner", 422),
            ({"options": {"colour": "red"}}, "options.colour", 422),
            ({"repository": "nowhere"}, "repository", 422),
            ({"copies": [REGION]}, "copies", 422),
            ({"copies": "eu-west-1"}, "copies", 400),
            ({"timeout_seconds": 1}, "timeout_seconds", 400),
            ({"colour": "red"}, "colour", 400),
        ],
    )
    def test_a_wrong_field_is_named(
        self, kitchen: Fleet, administrator: ApiClient, change: dict[str, Any], field: str, status: int
    ) -> None:
        answer = administrator.send("PATCH", self.PATH, change)
        assert answer.status_code == status, answer.content
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_the_first_names_what_it_lacks(self, fleet: Fleet, administrator: ApiClient) -> None:
        answer = administrator.send("PATCH", self.PATH, {"gates": ["unit"]})
        assert answer.status_code == 422
        named = {error["field"] for error in answer.json()["errors"]}
        assert named == {"environment", "region", "base", "provisioner"}
        assert administrator.send("PATCH", "applications/nobody/recipe/", self.FIRST).status_code == 404


@pytest.mark.django_db(transaction=True)
class TestAsking:
    """What asks AWS, on a lite cloud."""

    @pytest.fixture
    def ada(self, service: Service, make_user: Callable[[str, Role], User]) -> ApiClient:
        """An administrator, where the service's application has a recipe."""
        ada = ApiClient(make_user("ada", Role.ADMINISTRATOR))
        made = ada.submit("base-images/", base(service))
        assert made.status_code == 201, made.content
        assert made.headers["Location"] == made.json()["url"]
        first = {**TestRecipes.FIRST, "region": service.place.region}
        assert ada.send("PATCH", "applications/api/recipe/", first).status_code == 200
        return ada

    def test_a_dry_run_tells_and_makes_nothing(self, service: Service, ada: ApiClient) -> None:
        answer = ada.submit("bakes/", {**ASKED, "dry_run": True})
        body = answer.json()
        assert answer.status_code == 200, body
        assert (body["possible"], body["findings"], body["existing"]) == (True, [], None)
        assert body["base_image"] == service.images["1.0.0"]
        assert body["sentence"].startswith("Bake api 4.3.0 upon debian-12")
        assert body["steps"][0]["kind"] == "launch-builder"
        assert not Bake.objects.exists()
        BaseImage.objects.all().delete()
        refused = ada.submit("bakes/", {**ASKED, "dry_run": True}).json()
        assert (refused["possible"], len(refused["findings"])) == (False, 1)

    def test_one_is_started_joined_and_made_anew(self, service: Service, ada: ApiClient) -> None:
        first = ada.submit("bakes/", ASKED, Idempotency_Key="one")
        body = first.json()
        assert (first.status_code, body["state"], body["joined"]) == (202, "queued", False)
        assert first.headers["Location"] == body["url"]
        assert ada.submit("bakes/", ASKED, Idempotency_Key="one").headers["Idempotent-Replay"] == "true"
        again = ada.submit("bakes/", ASKED)
        assert (again.status_code, again.json()["id"], again.json()["joined"]) == (200, body["id"], True)
        told = ada.submit("bakes/", {**ASKED, "dry_run": True}).json()
        assert (told["existing"], told["existing_url"], told["steps"]) == (body["id"], body["url"], [])
        anew = ada.submit("bakes/", {**ASKED, "rebake": True})
        assert (anew.status_code, anew.json()["joined"]) == (202, False)
        assert Bake.objects.count() == 2

    @pytest.mark.parametrize(
        ("change", "field", "status"),
        [
            ({"version": "the newest"}, "version", 422),
            ({"application": "nobody"}, "application", 422),
            ({"build": 99}, "build", 422),
            ({"build": 0}, "build", 400),
            ({"version": ""}, "version", 400),
            ({"colour": "red"}, "colour", 400),
        ],
    )
    def test_a_wrong_field_is_named(
        self, service: Service, ada: ApiClient, change: dict[str, Any], field: str, status: int
    ) -> None:
        answer = ada.submit("bakes/", {**ASKED, **change})
        assert answer.status_code == status, answer.content
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert not Bake.objects.exists()

    def test_what_stands_against_it_is_a_refusal_in_a_sentence(self, service: Service, ada: ApiClient) -> None:
        Recipe.objects.all().delete()
        answer = ada.submit("bakes/", ASKED)
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:deployconsole:problem:refused"
        assert "Give it a recipe first." in answer.json()["detail"]

    def test_a_base_image_that_aws_has_not_got_is_not_approved(self, service: Service, ada: ApiClient) -> None:
        for change, field in (
            ({"image_id": "ami-0123456789abcdef0"}, "image_id"),
            ({"region": "mars-1"}, "region"),
            ({"name": "No Name"}, "name"),
        ):
            answer = ada.submit("base-images/", {**base(service), **change})
            assert answer.status_code == 422, answer.content
            assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_a_base_image_is_withdrawn_and_found_by_whether_it_stands(self, service: Service, ada: ApiClient) -> None:
        (standing,) = read(ada, "base-images/?standing=true")["results"]
        done = ada.submit(f"base-images/{standing['id']}/withdraw/", {"reason": "old"}).json()
        assert done["withdrawn_by"] == "ada"
        assert read(ada, "base-images/?standing=true")["results"] == []
        assert read(ada, f"base-images/?image={done['image_id']}")["results"] == [done]
        assert ada.submit("base-images/99/withdraw/", {}).status_code == 404


def base(service: Service) -> dict[str, str]:
    """One of the service's AMIs, as a base image to be approved."""
    return {
        "environment": "prod",
        "region": service.place.region,
        "name": "debian-12",
        "image_id": service.images["1.0.0"],
        "version": "12.1",
    }


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("viewer", 403)])
def test_others_ask_for_none(kitchen: Fleet, request: pytest.FixtureRequest, who: str, status: int) -> None:
    client: ApiClient = request.getfixturevalue(who)
    assert client.submit("bakes/", ASKED).status_code == status
    assert not Bake.objects.exists()
