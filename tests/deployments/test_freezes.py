"""Freezes: when they are on and for whom, in people's own time zones; what they stop, and what they never stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.deployments import freezes, services
from apps.deployments.errors import Invalid, Refused
from apps.deployments.models import Deployment, Freeze, KeptGroup
from apps.deployments.requests import Preview
from apps.deployments.services import FreezeOver, FreezeRequest
from apps.deployments.services.later import planned
from apps.deployments.services.start import Asked, start, start_later
from apps.events.models import Event
from apps.inventory.models import Application, Cluster, Environment
from apps.workflows.models import Run
from apps.workflows.plans import Failed, Planned, PlannedStep

HOUR = timedelta(hours=1)
STEP = PlannedStep("soak", "Watch")
at = datetime.fromisoformat


@pytest.fixture
def cluster(db: None) -> Cluster:
    for name in ("prod", "test"):
        environment = Environment.objects.create(name=name, account_id="1" * 12, regions=["us-east-1"])
        for application in ("api", "web"):
            owner, _ = Application.objects.get_or_create(name=application)
            Cluster.objects.create(
                environment=environment, region="us-east-1", name=f"{application}-main", application=owner
            )
    return of("prod", "api-main")


def of(environment: str, name: str) -> Cluster:
    return Cluster.objects.get(environment__name=environment, name=name)


def freeze(**more: Any) -> Freeze:
    values: dict[str, Any] = {"ends_at": timezone.now() + HOUR, "reason": "Christmas", **more}
    return services.create_freeze(FreezeRequest(**values), actor="maria")


def errors(**more: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as invalid:
        freeze(**more)
    return invalid.value.errors


@pytest.mark.parametrize(
    ("named", "clusters"),
    [
        ({}, {"prod api", "prod web", "test api", "test web"}),
        ({"environment": "prod"}, {"prod api", "prod web"}),
        ({"application": "api"}, {"prod api", "test api"}),
        ({"application": "api", "environment": "test"}, {"test api"}),
        ({"cluster": "web-main"}, {"prod web", "test web"}),
        ({"cluster": "web-main", "application": "web", "environment": "prod"}, {"prod web"}),
    ],
)
def test_it_concerns_what_it_names_and_all_of_what_it_leaves_open(
    cluster: Cluster, named: dict[str, str], clusters: set[str]
) -> None:
    made = freeze(**named)
    found = [each for each in Cluster.objects.all() if made in freezes.freezes_on(each)]
    assert {f"{each.environment.name} {each.application.name}" for each in found} == clusters


def test_it_is_on_from_its_first_moment_until_before_its_last(cluster: Cluster) -> None:
    begins = datetime(2026, 12, 24, 12, tzinfo=UTC)
    freeze(starts_at=begins, ends_at=datetime(2199, 1, 1, tzinfo=UTC))
    ends = Freeze.objects.get().ends_at
    second = timedelta(seconds=1)
    on = [freezes.freezes_on(cluster, at).exists() for at in (begins - second, begins, ends - second, ends)]
    assert on == [False, True, True, False]


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "first", "last"),
    [
        ("2030-12-24T18:00", "2030-12-27T08:00", "Europe/Berlin", "2030-12-24T17:00", "2030-12-27T07:00"),
        ("2030-07-01T00:00", "2030-07-02T00:00", "Europe/Berlin", "2030-06-30T22:00", "2030-07-01T22:00"),
        ("2030-03-30T12:00", "2030-03-31T12:00", "Europe/Berlin", "2030-03-30T11:00", "2030-03-31T10:00"),
        # 02:30 comes twice that night: the freeze covers both
        ("2030-10-27T02:30", "2030-10-28T00:00", "Europe/Berlin", "2030-10-27T00:30", "2030-10-27T23:00"),
        ("2030-10-26T00:00", "2030-10-27T02:30", "Europe/Berlin", "2030-10-25T22:00", "2030-10-27T01:30"),
        ("2030-01-01T09:00+05:30", "2030-01-01T12:00Z", "Asia/Kolkata", "2030-01-01T03:30", "2030-01-01T12:00"),
    ],
)
def test_times_are_meant_in_its_zone_also_where_the_clocks_change(
    cluster: Cluster, starts: str, ends: str, zone: str, first: str, last: str
) -> None:
    made = freeze(starts_at=at(starts), ends_at=at(ends), zone=zone)
    made.refresh_from_db()
    assert (f"{made.starts_at:%Y-%m-%dT%H:%M}", f"{made.ends_at:%Y-%m-%dT%H:%M}") == (first, last)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"ends_at": at("2030-03-31T02:30"), "zone": "Europe/Berlin"}, "ends_at", "02:30 does not exist there"),
        ({"zone": "Mars/Olympus"}, "zone", "There is no time zone 'Mars/Olympus'"),
        ({"ends_at": at("2020-01-01")}, "ends_at", "It would end before it begins"),
        ({"starts_at": at("2019-01-01"), "ends_at": at("2020-01-01")}, "ends_at", "That is over already."),
        ({"ends_at": at("9999-01-01")}, "ends_at", "The year 9999 is surely a slip"),
        ({"reason": " "}, "reason", "Say why"),
        ({"environment": "dev"}, "environment", "known are prod, test"),
        ({"application": "shop"}, "application", "There is no application 'shop'."),
        ({"cluster": "shop-main", "environment": "prod"}, "cluster", "There is no cluster 'shop-main' in prod."),
        ({"cluster": "api-main", "application": "web"}, "cluster", "api-main is a cluster of api, not of web."),
    ],
)
def test_a_wrong_field_is_named_with_its_mend(cluster: Cluster, wrong: dict[str, Any], field: str, words: str) -> None:
    found = errors(**wrong)
    assert list(found) == [field]
    assert words in found[field][0]
    assert not Freeze.objects.exists()


def test_every_wrong_field_is_told_at_once(cluster: Cluster) -> None:
    assert set(errors(reason="", zone="x", environment="dev", application="x")) == {
        "reason",
        "zone",
        "environment",
        "application",
    }


def test_the_refusal_says_until_when_by_whom_and_why(cluster: Cluster) -> None:
    made = freeze(environment="prod", ends_at=at("2030-12-27T08:00"), zone="Europe/Berlin", reason="Christmas.")
    assert freezes.sentence(made) == (
        "Prod is frozen until 27 Dec 2030 08:00 Europe/Berlin (07:00 UTC) by maria: Christmas."
    )


def begin(cluster: Cluster, kind: str, codes: tuple[str, ...] = (), reason: str = "") -> Deployment:
    preview = freezes.told_of_freezes(kind, cluster, Preview("Do it", (STEP,)))
    return start(Asked(kind, cluster, "ann", reason, overrides=codes), preview.letting_through(codes), 0)


def test_a_push_is_refused_until_it_is_overridden_with_a_reason(cluster: Cluster) -> None:
    freeze()
    with pytest.raises(Refused) as refused:
        begin(cluster, Deployment.Kind.PUSH)
    [finding] = refused.value.findings
    assert (finding.code, finding.overridable) == ("freeze", True)
    assert "by maria: Christmas." in finding.text
    with pytest.raises(Invalid) as invalid:
        begin(cluster, Deployment.Kind.PUSH, ("freeze",))
    assert list(invalid.value.errors) == ["reason"]
    made = begin(cluster, Deployment.Kind.PUSH, ("freeze",), "the login is broken")
    assert [each["level"] for each in made.findings] == ["overridden"]
    assert Event.objects.get(kind="deployment.overridden").reason == "the login is broken"


def test_one_that_begins_after_the_preview_still_refuses(cluster: Cluster) -> None:
    preview = Preview("Do it", (STEP,)).letting_through(("freeze",))
    freeze()
    with pytest.raises(Refused):
        start(Asked(Deployment.Kind.PUSH, cluster, "ann", "because"), preview, 0)


def test_an_override_covers_no_freeze_that_is_made_while_it_waits_for_its_turn(cluster: Cluster) -> None:
    known = freeze()
    asked = Asked(Deployment.Kind.PUSH, cluster, "ann", "the login is broken", overrides=("freeze",), queue=True)
    waiting = start_later(asked, Preview("Push, once it is free", ()))
    made = freeze(reason="A leak")
    preview = freezes.told_of_freezes(Deployment.Kind.PUSH, cluster, Preview("Push", (STEP,)))
    outcome = planned(waiting, None, lambda: preview)  # type: ignore[arg-type]
    assert isinstance(outcome, Failed)
    assert "A leak" in outcome.says
    assert "Christmas" not in outcome.says
    services.end_freeze(made.pk, actor="jo", reason="mended")
    preview = freezes.told_of_freezes(Deployment.Kind.PUSH, cluster, Preview("Push", (STEP,)))
    assert isinstance(planned(waiting, None, lambda: preview), Planned)  # type: ignore[arg-type]
    assert freezes.freezes_on(cluster).get() == known


def test_it_never_stops_a_rollback(cluster: Cluster) -> None:
    freeze()
    assert begin(cluster, Deployment.Kind.ROLLBACK).kind == "rollback"


def test_clean_ups_wait_for_its_end_without_asking_aws(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.objects.create(kind="push", subject="api-main", actor="ann", state="succeeded", due_at=None)
    pushed = Deployment.objects.create(kind="push", cluster=cluster, actor="ann", run=run)
    KeptGroup.objects.create(cluster=cluster, name="v1", arn="a", deployment=pushed, until=timezone.now() - HOUR)
    read: list[Cluster] = []

    def situation(of_it: Cluster) -> None:
        read.append(of_it)
        raise Refused(())

    monkeypatch.setattr("apps.deployments.services.clean_up.gather.situation", situation)
    made = freeze()
    assert services.start_due_clean_ups() == 0
    assert read == []
    services.end_freeze(made.pk, actor="jo", reason="all is well")
    services.start_due_clean_ups()
    assert read == [cluster]


def test_ended_early_it_stops_nothing_more_and_both_are_recorded(cluster: Cluster) -> None:
    made = freeze()
    ended = services.end_freeze(made.pk, actor="jo", reason="the fair was cancelled")
    assert (ended.ended_by, ended.end_reason) == ("jo", "the fair was cancelled")
    assert not freezes.freezes_on(cluster).exists()
    assert freezes.freezes_on(cluster, made.starts_at).exists()
    told = Event.objects.filter(kind__startswith="freeze.").order_by("id").values_list("kind", "actor", "reason")
    assert list(told) == [("freeze.created", "maria", "Christmas"), ("freeze.ended", "jo", "the fair was cancelled")]
    with pytest.raises(FreezeOver, match="jo ended it already"):
        services.end_freeze(made.pk, actor="jo", reason="again")


def test_one_that_has_not_begun_is_called_off(cluster: Cluster) -> None:
    now = timezone.now()
    made = freeze(starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    assert list(freezes.to_come()) == [made]
    services.end_freeze(made.pk, actor="jo", reason="moved")
    assert list(freezes.to_come()) == []
    assert list(freezes.over()) == [made]
    assert "jo called off the freeze of everything" in Event.objects.get(kind="freeze.ended").summary


def test_ending_needs_a_reason(cluster: Cluster) -> None:
    with pytest.raises(Invalid) as invalid:
        services.end_freeze(freeze().pk, actor="jo", reason=" ")
    assert list(invalid.value.errors) == ["reason"]
