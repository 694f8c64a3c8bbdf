"""Two accounts of the lite cloud: test, which has an AMI with a copy that a bake made, and prod, which may get them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import session
from apps.cloud.errors import CloudError, Throttled
from apps.images.models import Bake, BakedImage, Manifest, Promotion
from apps.images.promotion.keys import NEEDED, service_role
from apps.images.services import PromotionRequest, promote, revoke
from apps.inventory.models import Application, Environment
from apps.workflows.models import Run
from tests.cloud_fixture import Place
from tests.faults.workers import carry_on
from tests.images.kitchen import Kitchen
from tests.world import wait_for

HOME, COPY = "us-east-1", "eu-west-1"
REGIONS = (HOME, COPY)
TAGS = {"application": "api", "version": "1.0.0"}


@dataclass
class Shop:
    """`images` are the AMI's ids by region."""

    kitchen: Kitchen
    prod: Place
    target: Environment
    images: dict[str, str]
    bake: Bake

    @property
    def image(self) -> str:
        return self.images[HOME]

    def there(self, region: str = HOME) -> Any:
        """EC2 of prod, by prod's role."""
        make: Any = self.prod.session.client
        return make("ec2", endpoint_url=self.prod.endpoint, region_name=region)

    def launches(self, region: str = HOME) -> str:
        """What prod is answered that would launch it: nothing is in the way, or it is not there."""
        client = self.there(region)
        try:
            client.run_instances(
                ImageId=self.images[region], MinCount=1, MaxCount=1, InstanceType="t3.small", DryRun=True
            )
        except client.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        raise AssertionError("a dry run is always answered by an error")

    def snapshots(self, region: str = HOME) -> list[str]:
        (image,) = self.kitchen.ec2(region).describe_images(ImageIds=[self.images[region]])["Images"]
        return [device["Ebs"]["SnapshotId"] for device in image["BlockDeviceMappings"]]

    def shared(self, region: str = HOME) -> tuple[list[str], list[str], dict[str, str]]:
        """Accounts that may launch the AMI, and use its snapshots; and the tags that prod has on all of them."""
        client = self.kitchen.ec2(region)
        asked = client.describe_image_attribute(ImageId=self.images[region], Attribute="launchPermission")
        may = [each["UserId"] for each in asked["LaunchPermissions"]]
        volumes = []
        for snapshot in self.snapshots(region):
            told = client.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
            volumes += [each["UserId"] for each in told["CreateVolumePermissions"]]
        resources = [self.images[region], *self.snapshots(region)]
        found = self.there(region).describe_tags(Filters=[{"Name": "resource-id", "Values": resources}])["Tags"]
        by = [{one["Key"]: one["Value"] for one in found if one["ResourceId"] == each} for each in resources]
        assert all(each == by[0] for each in by), "its snapshots have the AMI's tags"
        return may, volumes, by[0]

    def request(self, image: str = "", reason: str = "it is good") -> PromotionRequest:
        return PromotionRequest(image or self.image, "prod", reason)

    def promoted(self) -> Promotion:
        """Promoted to the end, as workers would."""
        made = promote(self.request(), actor="ann")
        assert carried(made).state == "succeeded", made.run.failure
        made.refresh_from_db()
        return made

    def revoking(self, made: Promotion, **how: Any) -> Promotion:
        return revoke(made.pk, actor="bob", **how)

    def nothing_is_shared(self) -> None:
        for region in REGIONS:
            assert self.shared(region) == ([], [], {})

    def all_is_shared(self, made: Promotion) -> None:
        for region in self.target.regions:
            assert self.shared(region) == ([self.prod.account], [self.prod.account], made.tags)

    def encrypted(self, region: str, key: str = "") -> None:
        """In this region its snapshots are encrypted, with AWS's own key or with this one; as if baked so."""
        client = self.kitchen.ec2(region)
        wanted = {"Name": f"encrypted-{region}", "SourceImageId": self.images[region], "SourceRegion": region}
        more = {"KmsKeyId": key} if key else {}
        copy = client.copy_image(**wanted, Encrypted=True, **more)["ImageId"]
        self.images[region] = copy
        made = BakedImage.objects.get(bake=self.bake, region=region)
        BakedImage.objects.filter(pk=made.pk).update(image_id=copy, snapshots=self.snapshots(region))
        wait_for(lambda: client.describe_images(ImageIds=[copy])["Images"][0]["State"] == "available", "the copy")

    def forbid(self, action: str) -> None:
        """The console's role in prod may do all but this from now on."""
        iam = self.prod.client("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName="console", AssumeRolePolicyDocument=trust)
        statements = [
            {"Effect": effect, "Action": what, "Resource": "*"} for effect, what in (("Allow", "*"), ("Deny", action))
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName="console", PolicyName="console", PolicyDocument=document)

    def key(self, region: str = HOME) -> str:
        make: Any = self.kitchen.place.session.client
        client = make("kms", endpoint_url=self.prod.endpoint, region_name=region)
        return str(client.create_key()["KeyMetadata"]["Arn"])

    def grant(self, key: str, *operations: str, region: str = HOME) -> None:
        """Lets Auto Scaling of prod use the key."""
        make: Any = self.kitchen.place.session.client
        client = make("kms", endpoint_url=self.prod.endpoint, region_name=region)
        principal = service_role(self.prod.account)
        client.create_grant(KeyId=key, GranteePrincipal=principal, Operations=list(operations or NEEDED))


def open_shop(kitchen: Kitchen, prod: Place) -> Shop:
    """Registers the AMI and its copy, and writes the rows that their bake would have left."""
    target = Environment.objects.create(
        name="prod", account_id=prod.account, role_arn=prod.role_arn, regions=list(REGIONS), production=True
    )
    tags = [{"ResourceType": "image", "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()]}]
    images = {
        region: kitchen.ec2(region).register_image(Name="api-1", Architecture="x86_64", TagSpecifications=tags)[
            "ImageId"
        ]
        for region in REGIONS
    }
    run = Run.objects.create(kind="bake", subject="api 1.0.0", actor="cook", state="succeeded", due_at=None)
    inside = Manifest.objects.create(packages={"deb:openssl": "3.0.11-1"}, files={})
    bake = Bake.objects.create(
        application=Application.objects.get(name="api"),
        run=run,
        key="k",
        nonce="n",
        recipe={},
        package="api",
        version="1.0.0",
        environment=kitchen.environment,
        region=HOME,
        architecture="x86_64",
        base_image=kitchen.base.image_id,
        image_name="api-1",
        actor="cook",
        manifest=inside,
    )
    shop = Shop(kitchen, prod, target, images, bake)
    for region in REGIONS:
        BakedImage.objects.create(bake=bake, region=region, image_id=images[region], snapshots=shop.snapshots(region))
    return shop


def carried(made: Promotion) -> Run:
    """The run that is under way, carried to its end."""
    made.refresh_from_db()
    return carry_on(SimpleNamespace(run=made.now))


@contextmanager
def throttling(*operations: str, error: type[CloudError] = Throttled) -> Iterator[list[str]]:
    """AWS throttles the first call of each of these names, or answers it otherwise; answers which were struck."""
    real, struck = session._send, []

    def send(target: Any, service: str, called: str, parameters: Any, **how: Any) -> Any:
        if called in operations and called not in struck:
            struck.append(called)
            raise error(f"{called}: {error.__name__}", operation=called, code=error.__name__)
        return real(target, service, called, parameters, **how)

    with patch.object(session, "_send", send):
        yield struck
