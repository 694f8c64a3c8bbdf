"""Baking from its page, with a cloud that is asked: what is previewed, refused, started; recipes and base images."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.images import services as images
from apps.images.models import Bake, BaseImage, Build, Recipe
from apps.inventory.models import Application
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

RECIPE = {
    "base": "debian-12",
    "provisioner": "wheel",
    "repository": "https://packages.example.com/simple",
    "instance_type": "t3.small",
}
ASKED = {"application": "api", "version": "4.3.0", "reason": "fix login"}


@pytest.fixture
def region(service: Service) -> str:
    """Where the service stands; one of its AMIs is approved as a base image, and it has a recipe."""
    where = service.place.region
    images.approve_base("prod", where, "debian-12", service.images["1.0.0"], "12.1", actor="ada")
    images.set_recipe("api", {**RECIPE, "environment": "prod", "region": where}, actor="ada")
    return where


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def previewed(client: Client, asked: dict[str, str]) -> dict[str, str]:
    """What the form sends once its preview was seen."""
    text = text_of(client.post("/bakes/new/preview/", asked))
    found = re.search(r'name="previewed" value="([^"]+)"', text)
    assert found, text
    return {**asked, "previewed": found[1]}


def test_a_bake_is_previewed_and_exactly_that_is_started(operator: Client, service: Service, region: str) -> None:
    form = text_of(operator.get("/bakes/new/?application=api&version=4.3.0"))
    assert '<option value="api" selected>' in form
    assert 'hx-trigger="load, ask"' in form
    text = text_of(operator.post("/bakes/new/preview/", ASKED))
    assert f"Bake api 4.3.0 upon debian-12 12.1 (x86_64) in prod {region}." in text
    assert service.images["1.0.0"] in text
    assert "Launch a builder from debian-12" in text
    assert "Bake 4.3.0</button>" in text
    assert not Bake.objects.exists()

    unseen = operator.post("/bakes/new/", ASKED)
    assert unseen.status_code == 422
    assert "This is what it would do now; press again." in text_of(unseen)
    assert not Bake.objects.exists()

    started = operator.post("/bakes/new/", previewed(operator, ASKED))
    row = Bake.objects.get()
    assert (started.status_code, started.headers["Location"]) == (302, f"/bakes/{row.pk}/")
    assert (row.actor, row.reason, row.version, row.base_image) == (
        "operator",
        "fix login",
        "4.3.0",
        service.images["1.0.0"],
    )


def test_the_same_again_leads_to_the_one_under_way_unless_it_is_made_anew(
    operator: Client, service: Service, region: str
) -> None:
    operator.post("/bakes/new/", previewed(operator, ASKED))
    first = Bake.objects.get()
    again = previewed(operator, ASKED)
    text = text_of(operator.post("/bakes/new/preview/", ASKED))
    assert f"Go to bake {first.pk}</button>" in text
    assert f'href="/bakes/{first.pk}/">Bake {first.pk}</a> by operator answers for it' in text
    assert operator.post("/bakes/new/", again).headers["Location"] == f"/bakes/{first.pk}/"
    assert f"being made already: bake {first.pk} by operator" in text_of(operator.get(f"/bakes/{first.pk}/"))
    assert Bake.objects.count() == 1
    anew = {**ASKED, "rebake": "on"}
    assert "Bake 4.3.0</button>" in text_of(operator.post("/bakes/new/preview/", anew))
    operator.post("/bakes/new/", previewed(operator, anew))
    assert Bake.objects.count() == 2


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    operator: Client, service: Service, region: str
) -> None:
    answer = operator.post("/bakes/new/", {**ASKED, "version": "the newest one"})
    text = text_of(answer)
    assert answer.status_code == 422
    beside = text[text.index('id="field-version"') :]
    assert "no exact version" in beside[: beside.index("</div> </div>")]
    assert 'value="the newest one"' in text
    assert "> fix login</textarea>" in text
    empty = operator.post("/bakes/new/", {"application": "", "version": ""})
    assert empty.status_code == 422
    assert "Choose the application." in text_of(empty)
    assert "Say which version." in text_of(empty)
    quiet = text_of(operator.post("/bakes/new/preview/", {"application": "", "version": ""}))
    assert 'field__error"' not in quiet
    assert not Bake.objects.exists()


def test_what_stands_against_it_is_said_and_cannot_be_pressed(operator: Client, service: Service, region: str) -> None:
    images.withdraw_base(BaseImage.objects.get().pk, actor="ada")
    text = text_of(operator.post("/bakes/new/preview/", ASKED))
    assert "Nobody has approved a base image debian-12 for x86_64" in text
    assert 'id="bake-button" hx-swap-oob="outerHTML" disabled' in text
    assert operator.post("/bakes/new/", {**ASKED, "previewed": "-0-0"}).status_code == 422
    Recipe.objects.all().delete()
    assert "Give it a recipe first." in text_of(operator.post("/bakes/new/preview/", ASKED))
    assert not Bake.objects.exists()


def test_the_versions_that_ci_reported_of_the_chosen_application_are_offered_newest_first(
    operator: Client, db: None
) -> None:
    for name, version in (("api", "4.2.0"), ("api", "4.3.0"), ("api", "4.2.0"), ("web", "9.0.0")):
        application = Application.objects.get_or_create(name=name)[0]
        Build.objects.create(application=application, package=name, version=version, number=str(Build.objects.count()))
    offered = '<option value="4.2.0"><option value="4.3.0"></datalist>'
    form = text_of(operator.get("/bakes/new/?application=api"))
    assert f'<datalist id="versions">{offered}' in form
    assert 'list="versions"' in form
    assert '<datalist id="versions"></datalist>' in text_of(operator.get("/bakes/new/"))
    again = text_of(operator.post("/bakes/new/preview/", {"application": "api", "version": ""}))
    assert f'<datalist id="versions" hx-swap-oob="true">{offered}' in again


def test_a_build_fills_in_what_it_knows(operator: Client, service: Service, region: str) -> None:
    build = Build.objects.create(
        application=Application.objects.get(name="api"), package="api", version="4.3.0", reported_by="ci"
    )
    assert "CI reported no build of api 9.9.9." in text_of(
        operator.post("/bakes/new/preview/", {**ASKED, "version": "9.9.9"})
    )
    assert "CI reported no build" not in text_of(operator.post("/bakes/new/preview/", ASKED))
    form = text_of(operator.get(f"/bakes/new/?build={build.pk}"))
    assert 'value="4.3.0"' in form
    assert f'<input type="hidden" name="build" value="{build.pk}"' in form
    operator.post("/bakes/new/", previewed(operator, {**ASKED, "package": "api", "build": str(build.pk)}))
    assert Bake.objects.get().build == build
    wrong = operator.post("/bakes/new/", {**ASKED, "build": "999"})
    assert "api has no build 999." in text_of(wrong)
    assert operator.get("/bakes/new/?build=999").status_code == 404
    assert operator.get("/bakes/new/?build=x").status_code == 404


def test_a_base_image_is_approved_and_withdrawn(administrator: Client, operator: Client, service: Service) -> None:
    given = {"environment": "prod", "region": service.place.region, "name": "debian-12", "version": "12.2"}
    wrong = administrator.post("/base-images/new/", {**given, "image_id": "ami-0123456789abcdef0"})
    text = text_of(wrong)
    assert wrong.status_code == 422
    beside = text[text.index('id="field-image_id"') :]
    assert "field__error" in beside[: beside.index("</div> </div>")]
    made = administrator.post("/base-images/new/", {**given, "image_id": service.images["1.1.0"]})
    assert (made.status_code, made.headers["Location"]) == (302, "/base-images/")
    row = BaseImage.objects.get()
    listed = text_of(administrator.get("/base-images/"))
    assert "may be baked upon as debian-12." in listed
    assert f'href="/base-images/{row.pk}/withdraw/"' in listed
    assert f"/base-images/{row.pk}/withdraw/" not in text_of(operator.get("/base-images/"))
    for path in ("/base-images/new/", f"/base-images/{row.pk}/withdraw/"):
        assert operator.get(path).status_code == 403
    path = f"/base-images/{row.pk}/withdraw/"
    assert "Nothing is baked upon it any more." in text_of(administrator.get(path))
    assert administrator.post(path, {"reason": "an old kernel"}).status_code == 302
    row.refresh_from_db()
    assert row.withdrawn_by == "administrator"
    assert "withdrew it already" in text_of(administrator.get(path))
    assert "withdrawn" in text_of(administrator.get("/base-images/?standing=false"))
    assert "No base image matches." in text_of(administrator.get("/base-images/?standing=true"))
    assert administrator.get("/base-images/999/withdraw/").status_code == 404


def test_a_recipe_is_written_field_by_field(administrator: Client, operator: Client, service: Service) -> None:
    images.approve_base("prod", service.place.region, "debian-12", service.images["1.0.0"], actor="ada")
    path = "/applications/api/recipe/"
    assert operator.get(path).status_code == 403
    form = text_of(administrator.get(path))
    for provisioner in ("apt", "dnf", "script", "wheel"):
        assert f'value="{provisioner}"' in form
    given = {
        **RECIPE,
        "environment": "prod",
        "region": service.place.region,
        "architecture": "x86_64",
        "timeout_seconds": "600",
        "gates": "unit, regression",
        "wheel-installer": "uv",
        "wheel-configuration": "/etc/api",
    }
    wrong = administrator.post(
        path, {**given, "copies": "mars-1", "repository": "nowhere", "git": "https://github.com/shop/api"}
    )
    text = text_of(wrong)
    assert wrong.status_code == 422
    assert "Name the repository by its address" in text or "has no region mars-1" in text
    assert 'value="https://github.com/shop/api"' in text
    assert not Recipe.objects.exists()
    nowhere = administrator.post(path, {**given, "base": "debian-99"})
    says = f"debian-99 is approved for x86_64 in prod {service.place.region}; approved there are debian-12. Approve it"
    assert (nowhere.status_code, says in text_of(nowhere)) == (422, True)
    bad = text_of(administrator.post(path, {**given, "wheel-configuration": "etc"}))
    assert "is no path within an image" in bad
    assert 'id="options-wheel" open' in bad
    saved = administrator.post(path, given)
    assert (saved.status_code, saved.headers["Location"]) == (302, "/applications/api/")
    row = Recipe.objects.get()
    assert (row.gates, row.options["installer"], row.timeout_seconds) == (["unit", "regression"], "uv", 600)
    again = text_of(administrator.get(path))
    assert 'value="unit, regression"' in again
    assert '<option value="uv" selected>' in again
    assert "<dt>Upon</dt><dd>debian-12, the latest approved, x86_64</dd>" in text_of(operator.get("/applications/api/"))


def test_commands_of_several_lines_are_kept_as_they_are(administrator: Client, service: Service) -> None:
    images.approve_base("prod", service.place.region, "debian-12", service.images["1.0.0"], actor="ada")
    given = {
        **RECIPE,
        "environment": "prod",
        "region": service.place.region,
        "architecture": "x86_64",
        "timeout_seconds": "600",
        "provisioner": "script",
        "script-commands": "set -x\r\ninstall $PACKAGE",
    }
    assert administrator.post("/applications/api/recipe/", given).status_code == 302
    assert Recipe.objects.get().options["commands"] == "set -x\ninstall $PACKAGE"
    assert re.search(
        r"<textarea[^>]*>\s*set -x\ninstall", administrator.get("/applications/api/recipe/").content.decode()
    )
