"""The page of a cluster's settings: read by everybody, changed by an operator with a reason."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.deployments.models import ClusterPolicy
from apps.deployments.services import policy_fields
from apps.events.models import Event
from tests.console import world

GOOD = {"traffic_driver": "", "min_healthy_percent": "80", "min_healthy_percent_per_zone": "", "reason": "small fleet"}


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def path(db: None) -> str:
    return f"{world.settled().page}policy/"


def test_every_setting_is_shown_with_what_it_means(operator: Client, viewer: Client, path: str) -> None:
    for client in (operator, viewer):
        text = text_of(client.get(path))
        assert "Nobody has changed them yet: these are the defaults." in text
        assert all(spec.label in text for spec in policy_fields())
    assert "This needs the role operator" in text
    assert "as the environment asks for" in text
    assert f'href="{path}">Settings</a>' in text_of(viewer.get(path.removesuffix("policy/")))


def test_an_operator_changes_them_with_a_reason(operator: Client, path: str) -> None:
    assert operator.post(path, {**GOOD, "fewest_instances": "2"}).headers["Location"] == path
    policy = ClusterPolicy.objects.get()
    assert (policy.min_healthy_percent, policy.min_healthy_percent_per_zone) == (80, 0)
    assert (policy.fewest_instances, policy.fewest_zones, policy.changed_by) == (2, None, "operator")
    assert Event.objects.get(kind="cluster.policy_changed").reason == "small fleet"
    assert "Last changed by operator" in text_of(operator.get(path))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"reason": ""}, "reason", "Say why"),
        ({"min_healthy_percent": "101"}, "min_healthy_percent", "101 is too large: at most 100 %."),
        ({"fewest_zones": "many"}, "fewest_zones", "is not an integer."),
        ({"traffic_driver": "pigeons"}, "traffic_driver", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    operator: Client, path: str, change: dict[str, str], field: str, words: str
) -> None:
    answer = operator.post(path, {**GOOD, **change})
    text = text_of(answer)
    assert answer.status_code == 422
    beside = text[text.index(f'id="field-{field}"') :]
    assert words in beside[: beside.index("</div> </div>")]
    assert not ClusterPolicy.objects.exists()


def test_a_viewer_changes_nothing(viewer: Client, path: str) -> None:
    assert viewer.post(path, GOOD).status_code == 403
    assert not ClusterPolicy.objects.exists()
