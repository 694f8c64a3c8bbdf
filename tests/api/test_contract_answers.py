"""Where there is something to answer, every operation answers it, and as the API's own OpenAPI document says.

The examples exist in a lite cloud behind the console; whoever may read hears the same, an administrator as a viewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from django.core.management import call_command
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import CHECKS

from apps.accounts import services as accounts
from apps.accounts.models import Role, User
from apps.cloud.aws import session
from apps.deployments import services
from apps.deployments.models import Freeze
from apps.deployments.requests import PushRequest
from apps.events.models import Event
from apps.images.models import Bake, BaseImage, Build, Keep, Mark
from apps.images.services import Reported, ReportedGate, report_build
from apps.images.services.webhooks import create_webhook
from apps.inventory.models import Application, Environment, Group, Instance, LoadBalancer, TargetGroup
from apps.inventory.services import set_user_data, sync_region
from apps.localcloud.launch import RunningCloud
from tests.console import baking, promoting
from tests.deployments.conftest import known
from tests.deployments.lite import cloud
from tests.world import Service, build

__all__ = ["cloud"]

pytestmark = pytest.mark.django_db  # has the database made; the tests themselves only speak HTTP

DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)
READINGS = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods]
ROLES = (Role.ADMINISTRATOR, Role.VIEWER)
HIDDEN = ("/api/v1/webhooks/",)  # what a viewer does not read
READ = [
    (path, role)
    for path in READINGS
    for role in ROLES
    if role.includes(Role.ADMINISTRATOR) or not path.startswith(HIDDEN)
]
PLACE = "{environment}/{region}/{name}"
ASKED: dict[str, Any] = {  # what else asks AWS, by path: its body, or None where it takes none
    f"clusters/{PLACE}/refresh/": None,
    f"clusters/{PLACE}/rollback/": {"dry_run": True},
    f"groups/{PLACE}/changes/": {"operation": "resize", "options": {"desired": 3}, "dry_run": True},
    f"instances/{PLACE}/console-output/": None,
    f"instances/{PLACE}/user-data/": None,
    "applications/{name}/user-data/read/": {},
    "applications/{name}/user-data/render/": {"environment": "prod", "cluster": "api-prod"},
    "bakes/": {"application": "api", "version": "4.3.0", "dry_run": True},
    "deployments/": {"environment": "prod", "cluster": "api-prod", "dry_run": True},  # the rest is the cloud's
    "deployments/{id}/cancel/": {"dry_run": True},
    "deployments/{id}/decide/": {"choice": "undo", "dry_run": True},
    "deployments/{id}/rollback/": {"dry_run": True},
    "deployments/{id}/user-data/": None,
    "promotions/": {"target": "later", "dry_run": True},  # the image is the cloud's
    "promotions/{id}/revoke/": {"dry_run": True},
}
contract = schemathesis.openapi.from_dict(DOCUMENT)
ANSWERS = CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


@dataclass
class Served:
    """The server, somebody of each role, and one that exists of each noun."""

    url: str
    service: Service
    sessions: dict[Role, requests.Session] = field(default_factory=dict)
    tokens: dict[Role, int] = field(default_factory=dict)
    ones: dict[str, Any] = field(default_factory=dict)

    def call(self, role: Role, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """The answer to what exists, held against the document. Fails unless it is a success."""
        noun = path.split("/")[4 if "/janitor/" in path else 3]
        one = self.tokens[role] if noun == "tokens" else self.ones.get(noun)
        parameters = {"environment": "prod", "region": self.service.place.region, "name": one, "id": one}
        more = {} if body is None else {"body": body, "media_type": "application/json"}
        names = re.findall(r"{(\w+)}", path)
        case = contract[path][method].Case(
            path_parameters={name: parameters[name] for name in names}, query=query or None, **more
        )
        answer = case.call(base_url=self.url, session=self.sessions[role])
        assert answer.status_code == 200, answer.text
        case.validate_response(answer, checks=ANSWERS)
        return answer

    def get(self, url: str) -> requests.Response:
        """What a viewer is answered; by a connection of its own, for the server closes those that it has answered."""
        return requests.get(url, headers=self.sessions[Role.VIEWER].headers, timeout=30)


@pytest.fixture(scope="module")
def served(
    cloud: RunningCloud,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Served]:
    """One service, read and pushed to, for all of these tests."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", cloud.access_key_id)
        patch.setenv("AWS_SECRET_ACCESS_KEY", cloud.secret_access_key)
        session.forget()
        server = LiveServer("localhost")
        try:
            made = Served(server.url, known(build(cloud, tmp_path_factory.mktemp("answers"), drain_seconds=0)))
            _fill(made)
            yield made
        finally:
            for each in made.sessions.values():
                each.close()
            server.stop()
            session.forget()
            call_command("flush", verbosity=0, interactive=False)


def _fill(made: Served) -> None:
    service, environment = made.service, Environment.objects.get()
    service.place.client("ec2").create_launch_template_version(
        LaunchTemplateId=service.template,
        SourceVersion="1",
        LaunchTemplateData={"ImageId": service.images["1.1.0"], "UserData": "c2VjcmV0"},
    )
    assert sync_region(environment, service.place.region, everything=True)
    group = Group.objects.get()
    _beside(group)
    for role in ROLES:
        user = User.objects.create(username=role.value, role=role)
        token, text = accounts.create_token(user, "contract", actor="tests")
        made.tokens[role] = token.pk
        made.sessions[role] = requests.Session()
        # the test server writes head and body apart: kept open, each answer waits 40 ms for an acknowledgement
        made.sessions[role].headers.update({"Authorization": f"Bearer {text}", "Connection": "close"})
    request = PushRequest(
        environment="prod", region=group.region, cluster=service.cluster, image=service.images["1.1.0"]
    )
    set_user_data(service.application, {"text": "${exports}"}, actor="administrator", reason="identity")
    pushed = services.push(request, actor="administrator")
    now = timezone.now()
    over = Freeze.objects.create(starts_at=now, ends_at=now.replace(year=now.year + 1), application="other", actor="jo")
    baked = _baked(environment)
    later = Environment.objects.create(name="later", account_id="999999999999", regions=environment.regions)
    built = _built(service.application)
    made.ones = {
        "applications": service.application,
        "builds": built.pk,
        "package-checks": baking.check(built).pk,
        "bakes": baked.pk,
        "base-images": BaseImage.objects.get().pk,
        "clusters": service.cluster,
        "deployments": pushed.pk,
        "environments": environment.name,
        "events": Event.objects.earliest("pk").pk,
        "freezes": over.pk,
        "groups": group.name,
        "images": service.images["1.0.0"],
        "instances": Instance.objects.filter(group=group).earliest("pk").instance_id,
        "keeps": _kept(environment, service.images["1.2.0"]).pk,
        "promotions": promoting.promotion(environment, later).pk,
        "launch-templates": service.template,
        "load-balancers": LoadBalancer.objects.get().name,
        "marks": Mark.objects.get().pk,
        "rules": environment.name,
        "target-groups": TargetGroup.objects.get().name,
        "webhooks": create_webhook(service.application, "generic", actor="administrator")[0].pk,
    }


def _built(application: str) -> Build:
    """What is in the image that was pushed, with a gate."""
    unit = ReportedGate("unit", "passed", "https://ci.example/7/unit", "412 passed")
    return report_build(Reported(application, "1.1.0", gates=(unit,)), actor="administrator")[0]


def _baked(environment: Environment) -> Bake:
    """A bake that made its images, by a recipe, upon a base image."""
    application = Application.objects.get()
    baking.base_image(environment)
    baking.recipe(application, environment)
    return baking.bake(application)


def _kept(environment: Environment, image: str) -> Keep:
    """An AMI that somebody keeps, and one that is marked."""
    here = {"environment": environment, "region": environment.regions[0], "kind": "image"}
    now = timezone.now()
    Mark.objects.create(**here, resource="ami-0", because="Nothing uses it.", since=now, due_at=now)
    return Keep.objects.create(**here, resource=image, actor="maria")


def _beside(group: Group) -> None:
    """A group of another naming, and an instance of no group: what has no cluster is described too."""
    seen = {"environment": group.environment, "region": group.region, "read_at": group.read_at, "digest": "x"}
    Group.objects.create(
        **seen, name="terraform made this", arn="x", created_at=group.created_at, min_size=0, max_size=1, desired=0
    )
    Instance.objects.create(**seen, instance_id="i-0alone", state="running", image_id=group.image_id)


@pytest.mark.parametrize(("path", "role"), READ)
def test_every_reading_answers_what_is_there_as_it_is_described(served: Served, path: str, role: Role) -> None:
    query = {"q": served.service.application} if path.endswith("/search/") else {}
    query |= {"against": served.service.images["1.1.0"]} if "/diff/" in path else {}
    answer = served.call(role, "GET", path, **query)
    if "{" not in path and isinstance(answer.json(), dict) and "results" in answer.json():
        assert answer.json()["results"], "there is nothing to describe"


@pytest.mark.parametrize("path", ASKED)
def test_whatever_else_asks_aws_answers_as_it_is_described(served: Served, path: str) -> None:
    body = ASKED[path]
    if path.endswith("/render/"):
        body = {**body, "region": served.service.place.region}
    if path == "deployments/":
        body = {**body, "region": served.service.place.region, "image": served.service.images["1.1.0"]}
    if path == "promotions/":
        body = {**body, "image": served.service.images["1.1.0"]}
    served.call(Role.ADMINISTRATOR, "POST", f"/api/v1/{path}", body)


def test_a_target_group_tells_its_targets_as_aws_does_now(served: Served) -> None:
    answer = served.call(Role.VIEWER, "GET", f"/api/v1/target-groups/{PLACE}/targets/").json()
    members = {each["InstanceId"] for each in served.service.groups()[served.service.group]["Instances"]}
    assert {each["id"] for each in answer["targets"]} == members
    for each in answer["targets"]:
        assert (each["state"], each["group"]) == ("healthy", served.service.group)
        assert served.get(each["instance_url"]).json()["instance_id"] == each["id"]
        assert served.get(each["group_url"]).json()["name"] == served.service.group


def test_a_launch_template_tells_its_versions_who_launches_them_and_what_differs(served: Served) -> None:
    path, images = f"/api/v1/launch-templates/{PLACE}/versions/", served.service.images
    answer = served.call(Role.VIEWER, "GET", path, before="1", after="2")
    body = answer.json()
    launching = {each["version"]: [group["name"] for group in each["groups"]] for each in body["versions"]}
    assert (launching[1], launching[2]) == ([served.service.group], [])
    assert (body["before"], body["after"]) == (1, 2)
    found = {each["member"]: (each["before"], each["after"]) for each in body["differences"]}
    assert found["ImageId"] == (images["1.0.0"], images["1.1.0"])
    assert found["UserData"][1].startswith("8 characters, digest ")
    assert "c2VjcmV0" not in answer.text  # it may hold secrets
    refused = served.get(str(answer.request.url).replace("after=2", "after=9"))
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"field": "after", "detail": "There is no version 9."}]
