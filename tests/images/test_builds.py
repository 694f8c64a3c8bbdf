"""Builds as CI reports them: known again, completed, never turned into another; gates by their newest word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.models import Event
from apps.images.errors import Invalid
from apps.images.models import Build, CommitGate, Recipe
from apps.images.reported import Reported, ReportedGate, ReportedOfCommit
from apps.images.selectors import builds
from apps.images.selectors.gates import demanded
from apps.images.services.builds import report_build, report_gates
from apps.inventory.models import Application, Environment, Image

pytestmark = pytest.mark.django_db

SHA = "2fa4d17c90be11aa22bb33cc44dd55ee66ff7788"
UNIT = ReportedGate("unit", "passed", "https://ci.example/7/unit", "412 passed")
BUILD = Reported("web", "1.2.0", number="7", commit=SHA, branch="main", url="https://ci.example/7", gates=(UNIT,))


@pytest.fixture(autouse=True)
def web() -> Application:
    Application.objects.create(name="api")
    return Application.objects.create(name="web")


def report(reported: Reported = BUILD, **changes: Any) -> Build:
    return report_build(replace(reported, **changes), actor="ci")[0]


def outcomes(row: Build) -> dict[str, str]:
    return dict(row.gates.values_list("name", "outcome"))


def test_a_build_is_told_once_and_known_again() -> None:
    first, created = report_build(BUILD, actor="ci")
    again, anew = report_build(BUILD, actor="ci")
    assert (created, anew, again.pk) == (True, False, first.pk)
    assert (first.package, first.version, first.number, first.commit) == ("web", "1.2.0", "7", SHA)
    assert list(Event.objects.values_list("kind", flat=True).order_by("id")) == ["build.reported", "build.gate"]
    event = Event.objects.get(kind="build.reported")
    assert event.summary == "ci reported web 1.2.0 (build 7) of commit 2fa4d17c90be of the application web."


def test_another_number_package_or_version_is_another_build() -> None:
    rows = {report().pk, report(number="8").pk, report(package="web-admin").pk, report(version="1.2.1").pk}
    assert len(rows) == 4


def test_a_build_without_a_number_is_the_newest_of_its_version_and_takes_the_first_number_told() -> None:
    first = report(number="")
    assert report(number="7").pk == first.pk
    assert Build.objects.get().number == "7"
    second = report(number="8")
    assert report(number="").pk == second.pk


def test_the_package_is_the_recipes_where_none_is_named(web: Application) -> None:
    environment = Environment.objects.create(name="test", account_id="1" * 12, regions=["us-east-1"])
    Recipe.objects.create(application=web, environment=environment, region="us-east-1", base="d", package="shop-web")
    assert report().package == "shop-web"
    assert report(application="api").package == "api"


def test_what_was_not_known_is_added_and_the_newer_address_and_changelog_stand() -> None:
    report(commit="", branch="", url="")
    row = report(changelog="PROJ-1 fix login", url="https://ci.example/again")
    row.refresh_from_db()
    assert (row.commit, row.branch, row.url) == (SHA, "main", "https://ci.example/again")
    assert row.changelog == "PROJ-1 fix login"
    before = row.updated_at
    report(changelog="PROJ-1 fix login", url="https://ci.example/again")
    row.refresh_from_db()
    assert row.updated_at == before


def test_a_commit_may_be_shortened_but_does_not_change() -> None:
    report(commit=SHA[:10])
    assert report().commit == SHA
    with pytest.raises(Invalid) as refused:
        report(commit="f" * 40, gates=(replace(UNIT, outcome="failed"),))
    assert list(refused.value.errors) == ["commit"]
    assert outcomes(Build.objects.get()) == {"unit": "passed"}


def test_of_a_gate_the_newest_word_stands_and_each_change_is_an_event() -> None:
    row = report(gates=(replace(UNIT, outcome="running"),))
    report()
    report(gates=(ReportedGate("regression", "failed", says="3 failed"),))
    assert outcomes(row) == {"unit": "passed", "regression": "failed"}
    summaries = list(Event.objects.filter(kind="build.gate").values_list("summary", flat=True).order_by("id"))
    assert summaries == [
        "ci reported the gate unit of web 1.2.0 (build 7): running.",
        "ci reported the gate unit of web 1.2.0 (build 7): passed.",
        "ci reported the gate regression of web 1.2.0 (build 7): failed.",
    ]


def test_an_older_word_that_comes_late_changes_nothing() -> None:
    now = timezone.now()
    row = report(gates=(replace(UNIT, outcome="failed", at=now),))
    report(gates=(replace(UNIT, at=now - timedelta(minutes=1)),))
    assert outcomes(row) == {"unit": "failed"}
    report(gates=(replace(UNIT, at=now + timedelta(days=1)),))  # a clock that is ahead
    assert outcomes(row) == {"unit": "passed"}
    report(gates=(replace(UNIT, outcome="failed"),))
    assert outcomes(row) == {"unit": "failed"}


def test_the_same_word_again_moves_the_time_before_which_nothing_is_news() -> None:
    now = timezone.now()
    row = report(gates=(replace(UNIT, at=now - timedelta(minutes=3)),))
    report(gates=(replace(UNIT, at=now - timedelta(minutes=1)),))
    report(gates=(replace(UNIT, outcome="failed", at=now - timedelta(minutes=2)),))
    assert outcomes(row) == {"unit": "passed"}


def test_gates_of_a_commit_are_of_all_that_is_built_of_it_before_and_after() -> None:
    first = report(commit=SHA[:10], gates=())
    told = ReportedOfCommit("web", SHA, (UNIT,))
    assert [row.pk for row in report_gates(told, actor="ci")] == [first.pk]
    assert outcomes(first) == {"unit": "passed"}
    later = report(package="web-admin", gates=())
    other = report(application="api", gates=())
    assert (outcomes(later), outcomes(other)) == ({"unit": "passed"}, {})
    report_gates(replace(told, gates=(replace(UNIT, outcome="failed"),)), actor="ci")
    assert (outcomes(first), outcomes(later)) == ({"unit": "failed"}, {"unit": "failed"})


def test_gates_of_a_commit_of_which_nothing_was_built_for_long_are_forgotten() -> None:
    report_gates(ReportedOfCommit("web", "a" * 40, (UNIT,)), actor="ci")
    CommitGate.objects.update(updated_at=timezone.now() - timedelta(days=91))
    report_gates(ReportedOfCommit("web", SHA, (UNIT,)), actor="ci")
    assert CommitGate.objects.get().commit == SHA


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"application": "wep"}, "application", "There is no application 'wep'; known are api, web."),
        ({"version": ""}, "version", "Name the version"),
        ({"version": "1 2"}, "version", "without blanks"),
        ({"package": "wéb"}, "package", "without blanks"),
        ({"number": "7" * 65}, "number", "64 characters at most."),
        ({"commit": "a b"}, "commit", "without blanks"),
        ({"url": "javascript:alert(1)"}, "ci_url", "A link begins with https://"),
        ({"url": "https://[bad"}, "ci_url", "A link begins with https://"),
        ({"changelog": "x" * 100_001}, "changelog", "100000 characters at most."),
        ({"gates": (replace(UNIT, outcome="green"),)}, "gates.0.outcome", "known are running, passed, failed, skipped"),
        ({"gates": (UNIT, replace(UNIT, name=" "))}, "gates.1.name", "Name the gate"),
        ({"gates": (replace(UNIT, url="javascript:x"),)}, "gates.0.url", "A link begins with https://"),
        ({"gates": (replace(UNIT, says="x" * 501),)}, "gates.0.says", "500 characters at most."),
        ({"gates": (UNIT,) * 51}, "gates", "50 gates are allowed; these are 51."),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_recorded(
    change: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        report(**change)
    assert list(refused.value.errors) == [field]
    assert words in refused.value.errors[field][0]
    assert not Build.objects.exists()
    assert not Event.objects.exists()


def test_the_build_of_an_image_is_told_by_its_tags() -> None:
    older, newer = report(), report(number="8")
    tags = {"application": "web", "version": "1.2.0"}
    assert builds.of_image("web", "ami-1", tags) == newer
    assert builds.of_image("web", "ami-1", {**tags, "build": "7"}) == older
    assert builds.of_image("web", "ami-1", {"appversion": f"web-1.2.0-{SHA[:7]}.h7/WEB-build/7"}) == older
    assert builds.of_image("web", "ami-1", {**tags, "build": "9"}) is None
    assert builds.of_image("web", "ami-1", {**tags, "version": "2.0"}) is None
    assert builds.of_image("web", "ami-1", {}) is None


def test_where_the_account_sees_no_tags_those_that_another_one_sees_are_asked() -> None:
    row = report()
    environment = Environment.objects.create(name="test", account_id="1" * 12, regions=["us-east-1"])
    seen = {"environment": environment, "region": "us-east-1", "read_at": timezone.now(), "digest": "x"}
    Image.objects.create(
        **seen, image_id="ami-1", state="available", created_at=timezone.now(), application="web", version="1.2.0"
    )
    assert builds.of_image("web", "ami-1", {}) == row
    assert builds.of_image("web", "ami-2", {}) is None


def test_what_a_push_asks_for_is_held_against_the_images_build(web: Application) -> None:
    tags = {"application": "web", "version": "1.2.0", "build": "7"}
    assert demanded(web.pk, "ami-1", tags) is None
    environment = Environment.objects.create(name="test", account_id="1" * 12, regions=["us-east-1"])
    recipe = Recipe.objects.create(application=web, environment=environment, region="us-east-1", base="d")
    assert demanded(web.pk, "ami-1", tags) is None
    Recipe.objects.filter(pk=recipe.pk).update(gates=["unit", "regression"])
    unknown = demanded(web.pk, "ami-1", tags)
    assert unknown
    assert unknown.build is None
    row = report(gates=(UNIT, ReportedGate("regression", "skipped")))
    found = demanded(web.pk, "ami-1", tags)
    assert found
    assert (found.build, found.missing) == (row.pk, {"regression": "skipped"})
    report(gates=(ReportedGate("regression", "passed"),))
    found = demanded(web.pk, "ami-1", tags)
    assert found
    assert found.missing == {}
