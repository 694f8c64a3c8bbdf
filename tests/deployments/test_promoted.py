"""Where images come from another environment, pre-flight lets through what was promoted, unchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from apps.deployments import services
from apps.deployments.errors import Finding, Refused
from apps.deployments.preflight.checks.origin import NOT_AS_PROMOTED, NOT_PROMOTED
from apps.images.models import Promotion
from apps.images.selectors.promotions import Origin
from apps.inventory.models import Environment
from apps.inventory.services import update_environment
from apps.workflows.models import Run
from tests.deployments.lite import cloud, service
from tests.deployments.looks import ask, looked
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


def from_test(service: Service) -> None:
    Environment.objects.create(name="test", account_id="999999999999", regions=[service.place.region])
    update_environment("prod", images_from="test", actor="ada")


def promoted(service: Service, snapshots: list[str]) -> Promotion:
    """Brought by a promotion that found it with these snapshots."""
    image, now = service.images["1.1.0"], timezone.now()
    run = Run.objects.create(kind="promotion", subject=image, actor="ann", state="succeeded", due_at=None, ended_at=now)
    return Promotion.objects.create(
        image_id="ami-0123456789abcdef0",
        images=[{"region": service.place.region, "image_id": image, "snapshots": snapshots}],
        source=Environment.objects.get(name="test"),
        target=Environment.objects.get(name="prod"),
        run=run,
        actor="ann",
    )


def against(service: Service) -> dict[str, Finding]:
    found = services.preview_push(request(service, "1.1.0")).findings
    return {finding.code: finding for finding in found if finding.code in {NOT_PROMOTED, NOT_AS_PROMOTED}}


def test_an_image_that_no_promotion_brought_is_refused_unless_overridden(service: Service) -> None:
    assert against(service) == {}, "while no environment is named, nobody is asked"
    from_test(service)
    image = service.images["1.1.0"]
    found = against(service)[NOT_PROMOTED]
    assert (found.level, found.overridable, found.subject) == ("refuse", True, "image")
    assert found.text.startswith(f"Images of prod come from test, and no promotion brought {image}. Promote it first")
    assert f"deployconsole images promote {image} --to prod" in found.text
    with pytest.raises(Refused):
        services.push(request(service, "1.1.0"), actor="ann")
    asked = request(service, "1.1.0", overrides=(NOT_PROMOTED,), reason="it fixes the outage")
    made = services.push(asked, actor="ann")
    assert [finding["code"] for finding in made.findings if finding["level"] == "overridden"] == [NOT_PROMOTED]


def test_what_was_promoted_is_pushed_while_it_is_unchanged_and_not_taken_back(service: Service) -> None:
    from_test(service)
    (image,) = service.place.client("ec2").describe_images(ImageIds=[service.images["1.1.0"]])["Images"]
    row = promoted(service, [device["Ebs"]["SnapshotId"] for device in image["BlockDeviceMappings"]])
    assert against(service) == {}
    going = Run.objects.create(kind="revocation", subject="x", actor="bob", due_at=None)
    Promotion.objects.filter(pk=row.pk).update(revocation=going)
    assert "is being taken back" in against(service)[NOT_PROMOTED].text
    Promotion.objects.filter(pk=row.pk).update(revocation=None, images=[{**row.images[0], "snapshots": ["snap-1"]}])
    changed = against(service)[NOT_AS_PROMOTED]
    assert "is not what was promoted from test: its snapshots are snap-" in changed.text
    assert changed.text.endswith("and were snap-1. Bake it again, promote that, and push it.")
    Promotion.objects.filter(pk=row.pk).update(live=False)
    assert list(against(service)) == [NOT_PROMOTED]


def test_the_check_judges_what_it_is_given() -> None:
    def origin(**known: Any) -> dict[str, Finding]:
        return ask("origin", replace(looked(), origin=Origin("prod", "test", **known)))

    assert ask("origin", looked()) == {}
    assert list(origin()) == [NOT_PROMOTED]
    assert list(origin(promotion=3, snapshots=frozenset({"snap-1"}))) == [NOT_AS_PROMOTED]
    held = looked().situation.image
    assert origin(promotion=3, snapshots=frozenset(held.snapshots if held else ())) == {}
