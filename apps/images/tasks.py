"""The images' work in the background."""

from celery import shared_task
from django.conf import settings

from apps.images import services
from apps.inventory.models import Environment


@shared_task(name="images.note_references")
def note_references() -> None:
    """When each AMI was last used."""
    services.note_references()


@shared_task(name="images.clean_up")
def clean_up() -> None:
    """A round of every environment's janitor."""
    for environment in Environment.objects.all():
        clean_up_in.apply_async((environment.pk,), expires=settings.JANITOR_SECONDS)


@shared_task(name="images.clean_up_in")
def clean_up_in(environment_id: int) -> None:
    """One environment's round, unless another one of it goes on."""
    services.clean_up(Environment.objects.get(pk=environment_id))
