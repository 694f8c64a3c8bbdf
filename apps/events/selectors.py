"""Reading events, newest first."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.events.models import Event


def all_events() -> QuerySet[Event]:
    return Event.objects.order_by("-id")


def of_cluster(environment: str, region: str, cluster: str) -> QuerySet[Event]:
    """What happened to one cluster."""
    return all_events().filter(environment=environment, region=region, cluster=cluster)


def of_run(run: int) -> QuerySet[Event]:
    """What one workflow run did, oldest first: it reads as a story."""
    return Event.objects.filter(run=run).order_by("id")


def of_actor(actor: str) -> QuerySet[Event]:
    """What one person, or one part of the machinery, did."""
    return all_events().filter(actor=actor)


def of_subject(environment: str, region: str, cluster: str, subject: str) -> QuerySet[Event]:
    """What happened to one thing of a cluster, as to a group."""
    return of_cluster(environment, region, cluster).filter(subject=subject)


def of_instance(environment: str, region: str, cluster: str, instance: str) -> QuerySet[Event]:
    """What happened to one instance: events of it, and those of its group that name it."""
    named = Q(subject=instance) | Q(before__instance=instance) | Q(after__instance=instance)
    return of_cluster(environment, region, cluster).filter(named)
