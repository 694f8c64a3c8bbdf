"""Choices over REST: what may be decided about a deployment, previewed and carried out."""

from __future__ import annotations

import pytest

from apps.workflows.models import Run, Step
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet


def asking(fleet: Fleet) -> int:
    """A deployment whose second step asks a person."""
    made = fleet.deployment(state="needs_person")
    Run.objects.update(position=1)
    Step.objects.filter(position=1).update(state="running")
    Step.objects.filter(position=2).update(state="pending")
    return made.pk


def test_every_choice_says_what_it_does_or_why_it_is_not_possible(fleet: Fleet, viewer: ApiClient) -> None:
    choices = viewer.read(f"deployments/{asking(fleet)}/choices/").json()
    assert [(each["choice"], each["possible"]) for each in choices] == [
        ("retry", True),
        ("undo", True),
        ("stop", True),
        ("forward", False),
    ]
    assert choices[0]["says"] == "Tries “wait-healthy” again; its time begins anew."
    assert "cannot be left out" in choices[3]["why_not"]


def test_of_an_ended_one_there_are_none(fleet: Fleet, viewer: ApiClient) -> None:
    assert viewer.read(f"deployments/{fleet.deployment().pk}/choices/").json() == []
    assert viewer.read("deployments/99/choices/").status_code == 404


def test_a_choice_is_previewed_then_carried_out(fleet: Fleet, operator: ApiClient) -> None:
    path = f"deployments/{asking(fleet)}/decide/"
    preview = operator.submit(path, {"choice": "retry", "dry_run": True}).json()
    assert [step["title"] for step in preview["steps"]] == ["wait-healthy", "take-traffic"]
    done = operator.submit(path, {"choice": "retry", "reason": "again"})
    assert (done.status_code, done.json()["state"]) == (202, "running")
    again = operator.submit(path, {"choice": "retry"})
    assert again.status_code == 409
    assert "goes on by itself" in again.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"choice": "yes"}, {"choice": None}, {"choice": ["undo"]}])
def test_a_wrong_choice_is_named(fleet: Fleet, operator: ApiClient, body: dict[str, object]) -> None:
    answer = operator.submit(f"deployments/{asking(fleet)}/decide/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "choice"


def test_a_viewer_decides_nothing(fleet: Fleet, viewer: ApiClient, anonymous: ApiClient) -> None:
    path = f"deployments/{asking(fleet)}/decide/"
    assert viewer.submit(path, {"choice": "undo"}).status_code == 403
    assert anonymous.read(f"deployments/{asking(fleet)}/choices/").status_code == 401


def held(fleet: Fleet) -> int:
    """A deployment that the traffic guard holds."""
    made = fleet.deployment(state="waiting")
    Step.objects.filter(position=1).update(state="running", memory={"held_by": ["guard-min-healthy"]})
    return made.pk


def test_the_guard_is_overridden_with_a_reason(fleet: Fleet, operator: ApiClient) -> None:
    path = f"deployments/{held(fleet)}/"
    assert operator.read(path).json()["held_by"] == ["guard-min-healthy"]
    for body, status, field in (({}, 400, "reason"), ({"reason": "x", "overrides": ["freeze"]}, 422, "overrides")):
        refused = operator.submit(f"{path}override/", body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (status, field)
    done = operator.submit(f"{path}override/", {"reason": "it is down anyway"})
    assert done.status_code == 202
    assert (done.json()["held_by"], done.json()["overrides"]) == ([], ["guard-min-healthy"])
    again = operator.submit(f"{path}override/", {"reason": "once more"})
    assert (again.status_code, "does not hold" in again.json()["detail"]) == (409, True)


def test_a_viewer_overrides_nothing(fleet: Fleet, viewer: ApiClient) -> None:
    assert viewer.submit(f"deployments/{held(fleet)}/override/", {"reason": "x"}).status_code == 403
