"""What a deployment that ended badly has left is listed, a sentence each."""

from __future__ import annotations

from apps.deployments import services
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.selectors import left_over
from apps.workflows.models import Borrowed, Run, Step
from tests.deployments.lite import carry_on, cloud, service, until_waiting
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


def test_what_is_owed_and_what_was_created_and_still_stands_is_listed(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    Run.objects.filter(pk=pushed.run_id).update(state="failed")
    failed = Deployment.objects.get(pk=pushed.pk)
    held, group, version = left_over(failed)
    assert held.startswith("api-prod-v001: min raised 1 → 3")
    assert group == "api-prod-v001 was created and was not deleted again."
    assert version == f"Version 2 of launch template {service.template} was created and was not deleted again."
    Step.objects.filter(run=failed.run, kind="create-group").update(state="undone")
    Borrowed.objects.update(keep=True)
    assert left_over(failed) == (held, version)
    KeptGroup.objects.create(cluster=failed.cluster, name="api-prod-v001", arn="arn", deployment=failed)
    assert left_over(failed) == (version,)


def test_a_push_that_ended_well_left_nothing_over(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    carry_on(pushed)
    assert left_over(pushed) == ()
