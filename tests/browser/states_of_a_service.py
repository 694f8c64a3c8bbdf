"""What pages show that ask the cloud: of a service that was pushed to, has everything, and has a sick instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page

from apps.deployments import operations, services
from apps.deployments.models import Deployment
from apps.deployments.operations import Operation
from apps.inventory.models import Environment
from apps.inventory.services import read_one_by_one, set_user_data, sync_region
from tests.browser.states import Shot
from tests.deployments.lite import carry_on
from tests.deployments.rich import enrich
from tests.deployments.test_push import request
from tests.world import Service, wait_for

GROUP = "api-prod-v001"  # the one that serves after the push
SOON = 15_000  # milliseconds


def alive(service: Service) -> list[Shot]:
    """Pages with a cloud behind them, and forms that show what they would do."""
    pushed = services.push(request(service, "1.1.0", reason="fix login"), actor="maria")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    enrich(replace(service, group=GROUP))
    sick = sicken(service)
    publish(service, pushed)
    region = service.place.region
    sync_region(Environment.objects.get(), region)
    read_one_by_one(Environment.objects.get(), region)
    cluster, group = f"/clusters/prod/{region}/{service.cluster}/", f"/groups/prod/{region}/{GROUP}/"
    instance = f"/instances/prod/{region}/{sick}/"
    told = "/applications/api/user-data/"
    for text in ("${exports}", "${exports}\nexport LEVEL=info"):
        set_user_data("api", {"text": text}, actor="maria", reason="identity")
    return [
        Shot(cluster),
        Shot(group),
        Shot(f"{group}details/"),
        Shot(f"/load-balancers/prod/{region}/{service.cluster}-lb/"),
        Shot(f"/target-groups/prod/{region}/{service.cluster}-tg/"),
        Shot(f"/launch-templates/prod/{region}/{service.template}/"),
        Shot(f"/launch-templates/prod/{region}/{service.template}/?before=7&after=1"),
        Shot(instance),
        Shot(instance, press("Read its console output"), "printed", shows=f"{instance}console-output/"),
        Shot(instance, press("Read its user data"), "started with", shows=f"{instance}user-data/"),
        Shot(told, press("Read what they get"), "read", shows=f"{told}read/"),
        Shot(told, press("Read the versions"), "compared", shows=f"{told}read/"),
        Shot(f"{told}edit/", press("Read and edit it"), "opened"),
        Shot(f"/deployments/{pushed.pk}/"),
        Shot(f"/deployments/{pushed.pk}/charts/"),
        Shot(f"/deployments/{pushed.pk}/rollback/"),
        Shot(f"{cluster}push/", press("Preview"), "sent", status=None),
        Shot(f"{cluster}push/", chosen(service.images["1.2.0"]), "previewed"),
        *(Shot(path, previewed, "previewed", status=None) for path in forms(group, sick)),
        Shot(f"{group}do/resize/", filled(desired="3"), "larger"),
        Shot(f"{group}do/resize/", filled(desired="99"), "too large", status=422),
    ]


def forms(group: str, instance: str) -> Iterator[str]:
    """The form of every operation, about what the service has."""
    names = {"instance": instance, "policy": "out", "schedule": "night"}
    for operation in operations.all().values():
        yield f"{group}do/{operation.slug}/{query(operation, names)}"


def query(operation: Operation, names: dict[str, str]) -> str:
    """Names what it is about, where that is a part of the group."""
    return f"?{operation.of}={names[operation.of]}" if operation.of in names else ""


def press(name: str) -> Callable[[Page], None]:
    """Presses the button of that name, which leads to another page."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=name, exact=True).click()

    return act


def previewed(page: Page) -> None:
    """Where it does not show by itself what it would do, it is asked to."""
    if page.locator("main").get_by_role("button", name="Preview", exact=True).count():
        press("Preview")(page)


def filled(**options: str) -> Callable[[Page], None]:
    """Options of an operation are filled in, and previewed."""

    def act(page: Page) -> None:
        for name, value in options.items():
            page.locator(f"[name=option-{name}]").fill(value)
        previewed(page)

    return act


def chosen(image: str) -> Callable[[Page], None]:
    """An image is chosen on the push form, which then shows what it would do."""

    def act(page: Page) -> None:
        page.select_option("[name=image]", image)
        page.locator("#preview .timeline").wait_for(timeout=SOON)

    return act


def sicken(service: Service) -> str:
    """One of the group's instances fails its health checks, and is not replaced; its id."""
    sick = str(service.groups()[GROUP]["Instances"][0]["InstanceId"])
    service.place.client("ec2").create_tags(Resources=[sick], Tags=[{"Key": "fault", "Value": "never_healthy"}])
    wait_for(lambda: "unhealthy" in service.target_states(), f"{sick} to fail")
    return sick


def publish(service: Service, pushed: Deployment) -> None:
    """Both groups published what they did while the push went on."""
    now, metrics = timezone.now(), service.place.client("cloudwatch")
    for group, share in ((pushed.from_group, 1.0), (pushed.to_group, 0.4)):
        for minute in range(5):
            for name, value in (
                (settings.METRICS_REQUESTS, 600.0 * share * (minute + 1)),
                (settings.METRICS_ERRORS, 6.0 * minute),
                (settings.METRICS_LATENCY, 20.0 + 5 * minute),
            ):
                datum = {
                    "MetricName": name,
                    "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}],
                    "Timestamp": now - timedelta(minutes=4 - minute),
                    "Value": value,
                }
                metrics.put_metric_data(Namespace=settings.METRICS_NAMESPACE, MetricData=[datum])
