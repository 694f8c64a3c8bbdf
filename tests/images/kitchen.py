"""What a bake needs: an account with a base image, an application and its recipe, and workers in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import session
from apps.images.models import Bake, BaseImage
from apps.images.services import BakeRequest, approve_base, bake, set_recipe
from apps.inventory.models import Application, Environment
from apps.workflows.models import Run
from tests.cloud_fixture import Place
from tests.faults.injector import Died
from tests.faults.workers import carry_on

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
INSTALLS = {"provisioner": "script", "options": {"commands": "true"}}


@dataclass
class Kitchen:
    """One account; `base` is the approved base image of the name `plain`."""

    place: Place
    environment: Environment
    base: BaseImage
    clients: dict[str, Any] = field(default_factory=dict)

    def recipe(self, **values: Any) -> None:
        """Sets the recipe of the application api; a script that does nothing unless it says otherwise."""
        given = {"environment": "test", "region": self.place.region, "base": "plain", **INSTALLS, **values}
        set_recipe("api", given, actor="cook")

    def bake(self, version: str = "1.0.0", **request: Any) -> Bake:
        return bake(BakeRequest("api", version, **request), actor="cook")

    def started(self, **recipe: Any) -> Bake:
        """A bake that was asked for, whose lite builder says that all went well."""
        self.recipe(**recipe)
        made = self.bake()
        says(made, "begin", "step install", "step manifest", "log-bytes 0", "ok")
        return made

    def instances(self) -> list[dict[str, Any]]:
        """The machines that are there and not gone."""
        found = self.place.client("ec2").describe_instances()["Reservations"]
        machines = [machine for each in found for machine in each["Instances"]]
        return [each for each in machines if each["State"]["Name"] not in ("shutting-down", "terminated")]

    def own_images(self, region: str = "") -> list[dict[str, Any]]:
        """The account's AMIs in a region, but for the base image."""
        found: list[dict[str, Any]] = self.ec2(region).describe_images(Owners=["self"])["Images"]
        return [image for image in found if image["ImageId"] != self.base.image_id]

    def snapshots(self, region: str = "") -> set[str]:
        """The ids of the account's snapshots that are of no base image."""
        client = self.ec2(region)
        base = client.describe_images(Owners=["self"], ImageIds=[self.base.image_id]) if not region else {"Images": []}
        kept = {
            device["Ebs"]["SnapshotId"]
            for image in base["Images"]
            for device in image["BlockDeviceMappings"]
            if device.get("Ebs", {}).get("SnapshotId")
        }
        return {each["SnapshotId"] for each in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]} - kept

    def ec2(self, region: str = "") -> Any:
        """A client, made once for each region."""
        where = region or self.place.region
        if where not in self.clients:
            make = self.place.session.client
            self.clients[where] = make("ec2", endpoint_url=self.place.endpoint, region_name=where)
        return self.clients[where]

    def fault(self, name: str) -> None:
        """What is made of the base image fails so from now on."""
        self.place.client("ec2").create_tags(Resources=[self.base.image_id], Tags=[{"Key": "fault", "Value": name}])

    def nothing_is_left(self) -> None:
        assert self.instances() == []
        for region in ("", *REGIONS[1:]):
            assert self.own_images(region) == []
            assert self.snapshots(region) == set()


def furnish(place: Place, tree: Path) -> Kitchen:
    """Makes the account and its base image known; `tree` is what is in that."""
    environment = Environment.objects.create(
        name="test", account_id=place.account, role_arn=place.role_arn, regions=REGIONS
    )
    Application.objects.create(name="api")
    registered = place.client("ec2").register_image(
        Name="plain-1", Architecture="x86_64", ImageLocation=f"localcloud:{tree}"
    )
    base = approve_base("test", place.region, "plain", registered["ImageId"], "1", actor="cook")
    return Kitchen(place, environment, base)


def says(made: Bake, *lines: str) -> None:
    """What the bake's builder prints on the lite cloud before it stops; without lines it goes on and on."""
    printed = [f"# lite: prints deployconsole-bake {made.nonce} {line}" for line in lines]
    commands = "\n".join(["true", *printed, "true"])
    made.recipe = {**made.recipe, "provisioner": "script", "options": {"commands": commands}}
    Bake.objects.filter(pk=made.pk).update(recipe=made.recipe)


def ended(made: Bake) -> Run:
    """Carries it to its end, as workers would for which time passes quickly."""
    return carry_on(made)


@contextmanager
def dying(operation: str, *, after: bool, error: type[BaseException] = Died) -> Iterator[list[str]]:
    """The worker that makes the first call of this name dies at it, or gets that error; answers the changing calls so
    far.
    """
    real, calls = session._send, []

    def send(target: Any, service: str, called: str, parameters: Any, **how: Any) -> Any:
        if not how.get("changing"):
            return real(target, service, called, parameters, **how)
        first = called == operation and called not in calls
        calls.append(called)
        if first and not after:
            raise error("AWS gave no answer")
        answer = real(target, service, called, parameters, **how)
        if first:
            raise error("AWS gave no answer")
        return answer

    with patch.object(session, "_send", send):
        yield calls
