"""What a cancellation says it would do, and what is told of what it did."""

from __future__ import annotations

from apps.deployments import services
from apps.events.models import Event
from tests.deployments.lite import carry_on, cloud, service, until_step
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def test_the_preview_names_what_each_begun_step_puts_back_in_the_order_of_the_undo(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    assert [step.title for step in services.preview_cancel(pushed.pk).steps] == [
        f"Give traffic to {OLD} again, at the present load, and wait until it is wholly healthy",
        f"Let {OLD} scale by itself again, once it serves alone",
        f"Take {NEW} out of its target groups and delete it",
        "Delete the new launch template version",
    ]


def test_every_change_of_an_undo_is_told(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    last = Event.objects.latest("pk").pk
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone"
    told = Event.objects.filter(run=pushed.run_id, pk__gt=last, kind__startswith="group.").order_by("pk")
    assert [(event.kind.removeprefix("group."), event.subject, event.actor) for event in told] == [
        ("traffic_given", OLD, "bob"),
        ("traffic_taken", NEW, "bob"),
        ("deleted", NEW, "bob"),
        ("template_version_deleted", service.template, "bob"),
        ("processes_resumed", OLD, "bob"),
    ]
