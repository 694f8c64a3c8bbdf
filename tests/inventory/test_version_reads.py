"""All versions of launch templates are read, not only those that groups launch; until then use is unknown."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.inventory.models import Environment, LaunchTemplate, LaunchTemplateVersion, SyncState
from apps.inventory.selectors import references
from apps.inventory.services import read_template_versions, sync_region
from apps.inventory.services.version_reads import AGAIN_AFTER
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]


def test_versions_that_no_group_launches_are_known_and_struck_off_when_deleted(service: Service) -> None:
    environment, ec2 = Environment.objects.get(), service.place.client("ec2")
    region, image = service.place.region, service.images["1.2.0"]

    def version(**data: Any) -> None:
        ec2.create_launch_template_version(
            LaunchTemplateId=service.template, SourceVersion="1", LaunchTemplateData={"ImageId": image, **data}
        )

    version()
    assert sync_region(environment, region, everything=True)
    assert references.unknown()[region].startswith("Not all versions of launch template api-prod")
    assert read_template_versions(environment, region) == 1
    assert references.unknown() == {}
    assert image in references.used()
    uses = references.template_uses(image)
    assert [(each.name, each.version, each.current) for each in uses] == [("api-prod", 2, True)]
    assert read_template_versions(environment, region) == 0, "nothing is new"
    version()
    ec2.delete_launch_template_versions(LaunchTemplateId=service.template, Versions=["2"])
    assert sync_region(environment, region, everything=True)
    assert region in references.unknown()
    assert read_template_versions(environment, region) == 1
    assert set(LaunchTemplateVersion.objects.values_list("version", flat=True)) == {1, 3}
    LaunchTemplate.objects.update(versions_read_at=timezone.now() - 2 * AGAIN_AFTER)
    assert read_template_versions(environment, region) == 1


def test_where_something_was_not_read_lately_use_is_unknown(service: Service) -> None:
    environment, region = Environment.objects.get(), service.place.region
    assert sync_region(environment, region, everything=True)
    read_template_versions(environment, region)
    assert references.unknown() == {}
    SyncState.objects.filter(kind="groups").update(error="denied")
    assert references.unknown() == {region: f"The groups of prod in {region} could not be read lately."}
    SyncState.objects.update(error="", succeeded_at=None)
    assert region in references.unknown()
