"""What workers are told to do. Each is a nudge: losing or doubling one is harmless."""

from celery import shared_task

from apps.workflows import services


@shared_task(name="workflows.advance")
def advance(run_id: int) -> None:
    services.advance(run_id)


@shared_task(name="workflows.sweep")
def sweep() -> None:
    services.sweep()
