"""How an environment comes to know an AMI, and so whether it may launch it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.inventory import services
from apps.inventory.models import Environment, Group, Image
from apps.inventory.selectors import image_use
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import new_place

pytestmark = pytest.mark.django_db(transaction=True)


def registered(ec2: Any, folder: Path, name: str) -> str:
    return str(ec2.register_image(Name=name, ImageLocation=f"localcloud:{folder}")["ImageId"])


def test_what_is_owned_shared_or_only_run_is_told_apart(
    environment: Environment, cloud: RunningCloud, tmp_path: Path
) -> None:
    theirs = new_place(cloud)
    owner = Environment.objects.create(
        name="owner", account_id=theirs.account, role_arn=theirs.role_arn, regions=[theirs.region]
    )
    ec2 = theirs.client("ec2")
    names = ("shared", "public", "private")
    shared, public, private = (registered(ec2, tmp_path, name) for name in names)
    ec2.modify_image_attribute(ImageId=shared, LaunchPermission={"Add": [{"UserId": environment.account_id}]})
    ec2.modify_image_attribute(ImageId=public, LaunchPermission={"Add": [{"Group": "all"}]})
    Group.objects.create(
        environment=environment,
        region="us-east-1",
        name="uses-it",
        arn="x",
        created_at=timezone.now(),
        read_at=timezone.now().replace(year=2999),  # no read finds it missing
        digest="x",
        min_size=0,
        max_size=0,
        desired=0,
        image_id=public,
    )
    for each in (owner, environment):
        assert services.sync_region(each, "us-east-1", everything=True)
    found = image_use.known_in([shared, public, private])
    told = {
        name: [(row.environment.name, row.source, row.launchable) for row in found[image]]
        for name, image in zip(names, (shared, public, private), strict=True)
    }
    assert told == {
        "shared": [("owner", "owned", True), ("test", "shared", True)],
        "public": [("owner", "owned", True), ("test", "run", True)],
        "private": [("owner", "owned", True)],
    }


@pytest.mark.parametrize(
    ("source", "state", "public", "launchable"),
    [
        ("owned", "available", False, True),
        ("owned", "pending", False, False),
        ("shared", "available", False, True),
        ("run", "available", False, False),
        ("run", "available", True, True),
        ("run", "deregistered", True, False),
    ],
)
def test_an_image_may_be_launched_where_it_is_owned_shared_or_public(
    source: str, state: str, public: bool, launchable: bool
) -> None:
    assert Image(source=source, state=state, public=public).launchable == launchable
