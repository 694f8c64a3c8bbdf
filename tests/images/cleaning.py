"""Rounds of the janitor in tests: the inventory as the cloud is now, and days that pass in rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F

from apps.images.models import BakedImage, ImageReference, Mark, ReferenceWatch
from apps.images.services import clean_up, note_references, set_rules
from apps.inventory.models import Environment, Image, LaunchTemplateVersion
from apps.inventory.services import read_template_versions, sync_region


def read(environment: Environment) -> None:
    """Everything that the inventory knows of the environment, and what uses AMIs now."""
    for region in environment.regions:
        assert sync_region(environment, region, everything=True)
        read_template_versions(environment, region)
    note_references()


def days_pass(days: int) -> None:
    """All that was, was so many days earlier; the watch has gone on meanwhile."""
    ago = timedelta(days=days)
    Image.objects.update(created_at=F("created_at") - ago)
    LaunchTemplateVersion.objects.update(created_at=F("created_at") - ago)
    BakedImage.objects.filter(deleted_at__isnull=False).update(deleted_at=F("deleted_at") - ago)
    ImageReference.objects.update(last_referenced_at=F("last_referenced_at") - ago)
    ReferenceWatch.objects.update(since=F("since") - ago)
    Mark.objects.update(due_at=F("due_at") - ago)
    settled(ago)


def settled(ago: timedelta = timedelta(minutes=1)) -> None:
    """Intents were written so long before."""
    Mark.objects.filter(deleting_at__isnull=False).update(deleting_at=F("deleting_at") - ago)


def switch_on(environment: Environment, **rules: Any) -> None:
    set_rules(environment, actor="ada", reason="tests", **{"active": True, "newest": 2, **rules})


def until_due(environment: Environment) -> None:
    """Marked, told of, and the days of grace are over."""
    read(environment)
    days_pass(40)
    assert clean_up(environment)
    assert clean_up(environment)
    days_pass(8)


def begun(environment: Environment) -> Mark:
    """What is due has been begun; the half minute is over."""
    until_due(environment)
    assert clean_up(environment)
    settled()
    return Mark.objects.get(state=Mark.State.DELETING)
