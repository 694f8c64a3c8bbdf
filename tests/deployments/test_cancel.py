"""What a cancellation says it would do, and what is told of what it did."""

from __future__ import annotations

from apps.deployments import services
from apps.events.models import Event
from apps.workflows.models import Run
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
        f"Take {NEW} out of what sends it traffic and delete it",
        "Delete the new launch template version",
    ]


def test_an_undo_tells_why_whoever_cancelled_it_did(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}, reason="new"), actor="ann")
    until_step(pushed, "soak")
    services.cancel(pushed.pk, actor="bob", reason="errors")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    told = Event.objects.filter(subject=OLD, kind__in=["group.traffic_given", "group.traffic_taken"])
    assert {(event.actor, event.reason) for event in told} == {("ann", "new"), ("bob", "errors")}


def test_every_change_of_an_undo_is_told(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    last = Event.objects.latest("pk").pk
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone"
    told = Event.objects.filter(run=pushed.run_id, pk__gt=last, kind__startswith="group.").order_by("pk")
    assert [(event.kind.removeprefix("group."), event.subject, event.actor) for event in told] == [
        ("resized", OLD, "bob"),  # its min is held
        ("traffic_given", OLD, "bob"),
        ("processes_resumed", OLD, "bob"),
        ("traffic_taken", NEW, "bob"),
        ("deleted", NEW, "bob"),
        ("template_version_deleted", service.template, "bob"),
        ("resized", OLD, "bob"),  # its min goes back
    ]


def test_each_choice_is_previewed_in_words(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")

    def titles(choice: str) -> list[str]:
        return [step.title for step in services.preview_choice(pushed.pk, choice).steps]

    assert titles("stop") == [
        f"Stays: AlarmNotification, AZRebalance, ScheduledActions of {OLD} held",
        f"Stays: {OLD} taken out of what sends it traffic",
        f"Not done: Watch {NEW} for 1 h",
        f"Not done: Keep {OLD} until the next push",
    ]
    assert titles("undo") == [step.title for step in services.preview_cancel(pushed.pk).steps]
    retry = services.preview_choice(pushed.pk, "retry")
    assert [finding.text for finding in retry.findings] == [f"Push {pushed.pk} goes on by itself: it is waiting."]
    services.decide(pushed.pk, "stop", actor="bob", reason="look first")
    assert carry_on(pushed).state == "cancelled"


def test_a_soak_that_failed_can_be_left_out(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    Run.objects.filter(pk=pushed.run_id).update(state="needs_person", due_at=None)
    assert [step.title for step in services.preview_choice(pushed.pk, "forward").steps] == [
        f"Left out: Watch {NEW} for 1 h",
        f"Keep {OLD} until the next push",
    ]
    services.decide(pushed.pk, "forward", actor="bob", reason="known noise")
    assert carry_on(pushed).state == "succeeded"
