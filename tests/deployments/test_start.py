"""Starting a deployment beside others: a plan made from what is no longer so is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from apps.deployments import gather, services
from apps.deployments.errors import Refused
from apps.deployments.models import Deployment
from apps.deployments.strategies.red_black import Options, plan
from apps.workflows import services as workflows
from apps.workflows.models import Lock, Run
from tests.deployments.lite import cloud, service
from tests.deployments.situations import group, situation
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


def test_a_deployment_that_came_and_went_while_this_one_was_planned_refuses_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gather.situation

    def meanwhile(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        monkeypatch.setattr(gather, "situation", real)
        other = services.push(request(service, "1.2.0"), actor="bob")
        services.cancel(other.pk, actor="bob")
        return found

    monkeypatch.setattr(gather, "situation", meanwhile)
    with pytest.raises(Refused) as refused:
        services.push(request(service, "1.1.0"), actor="ann")
    assert refused.value.findings[0].code == "changed-meanwhile"
    assert Deployment.objects.count() == Run.objects.count() == 1
    assert not Lock.objects.exists()


def test_a_lock_that_is_released_in_this_very_moment_is_taken_at_the_second_try(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, errors = workflows.start, iter([IntegrityError("the lock was there")])

    def colliding(**more: Any) -> Run:
        for error in errors:
            raise error
        return real(**more)

    monkeypatch.setattr(workflows, "start", colliding)
    assert services.push(request(service, "1.1.0"), actor="ann").run.state == "queued"


def test_a_cluster_that_has_used_all_its_numbers_is_refused_in_a_sentence() -> None:
    serving = group("api-prod-v500")
    taken = tuple(group(f"api-prod-v{number:03d}", size=0) for number in range(1000) if number != 500)
    preview = plan(situation(serving, groups=(serving, *taken)), Options())
    assert [finding.code for finding in preview.refusals] == ["no-name"]
    assert "has used all 1000 push numbers" in preview.refusals[0].text
