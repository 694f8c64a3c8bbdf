"""A push, refusals and a rollback over REST, against the embedded cloud: from the request to AWS and back."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments.models import Deployment
from tests.api.conftest import ApiClient
from tests.deployments.conftest import Drive, aws, cloud, drive, service
from tests.world import Service

__all__ = ["aws", "cloud", "drive", "service"]

pytestmark = pytest.mark.django_db(transaction=True)


def wanted(service: Service, image: str, **more: Any) -> dict[str, Any]:
    place = {"environment": "prod", "region": service.place.region, "cluster": service.cluster}
    return {**place, "image": service.images.get(image, image), **more}


def test_a_push_is_previewed_accepted_followed_and_rolled_back(
    service: Service, operator: ApiClient, drive: Drive
) -> None:
    preview = operator.submit("deployments/", wanted(service, "1.1.0", dry_run=True))
    assert preview.status_code == 200, preview.content
    assert preview.json()["possible"] is True
    assert preview.json()["to_group"] == "api-prod-v001"
    assert [step["title"] for step in preview.json()["steps"]][1] == "Create api-prod-v001 at size 0"
    assert not Deployment.objects.exists()

    body = wanted(service, "1.1.0", reason="fix login", options={"margin_percent": 0})
    answer = operator.submit("deployments/", body, Idempotency_Key="push-1")
    assert answer.status_code == 202, answer.content
    assert (answer.json()["kind"], answer.json()["state"]) == ("push", "queued")
    again = operator.submit("deployments/", body, Idempotency_Key="push-1")
    assert again.headers["Idempotent-Replay"] == "true"
    push = Deployment.objects.get()

    busy = operator.submit("deployments/", wanted(service, "1.2.0"))
    assert busy.status_code == 409
    assert (busy.json()["owner"], busy.json()["run"]) == ("oscar", push.run_id)

    drive(push)
    ended = operator.get(answer.headers["Location"]).json()
    assert ended["state"] == "succeeded", ended
    assert ended["options"]["margin_percent"] == 0
    assert {step["state"] for step in ended["steps"]} == {"done"}
    assert service.answer() == "api 1.1.0"

    path = f"clusters/prod/{service.place.region}/api-prod/"
    assert operator.submit(f"{path}rollback/", {"dry_run": True}).json()["possible"] is True
    back = operator.submit(f"deployments/{push.pk}/rollback/", {"reason": "errors"})
    assert back.status_code == 202, back.content
    assert (back.json()["kind"], back.json()["undoes"]) == ("rollback", push.pk)
    drive(Deployment.objects.get(pk=back.json()["id"]))
    assert service.answer() == "api 1.0.0"
    assert operator.read(path).json()["rollback"]["possible"] is False


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_unknown_or_malformed_ami_is_told_and_nothing_is_created(
    service: Service, operator: ApiClient, dry_run: bool
) -> None:
    for image in ("ami-0123456789abcdef0", "not-an-ami", "ami-", "../etc"):
        response = operator.submit("deployments/", wanted(service, image, dry_run=dry_run))
        assert response.status_code == 422, response.content
        (error,) = response.json()["errors"]
        assert error["field"] == "image"
        assert image in error["detail"]
    assert not Deployment.objects.exists()
    assert list(service.groups()) == ["api-prod-v000"]
