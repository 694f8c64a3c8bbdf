"""Deployments' work in the background."""

from celery import shared_task

from apps.deployments import services


@shared_task(name="deployments.start_due_clean_ups")
def start_due_clean_ups() -> None:
    services.start_due_clean_ups()


@shared_task(name="deployments.reconcile")
def reconcile() -> None:
    services.reconcile()
