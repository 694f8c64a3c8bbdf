"""Gates that a push asks for: by the build in the image, refused until they passed, and let through with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.deployments import services
from apps.deployments.errors import Finding, Refused
from apps.deployments.preflight.checks.gates import NOT_PASSED, UNKNOWN_BUILD
from apps.images.models import Recipe
from apps.images.selectors.gates import Demanded
from apps.images.services import Reported, ReportedGate, report_build
from apps.inventory.models import Application, Environment
from tests.deployments.lite import cloud, service
from tests.deployments.looks import ask, looked
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

NEEDED = ("unit", "regression")


def demand(service: Service, *gates: str) -> None:
    """The application asks for these; the image of version 1.1.0 says which it is."""
    Recipe.objects.create(
        application=Application.objects.get(name=service.application),
        environment=Environment.objects.get(),
        region=service.place.region,
        base="debian",
        gates=list(gates),
    )
    tags = [{"Key": name, "Value": value} for name, value in {"version": "1.1.0", "build": "7"}.items()]
    service.place.client("ec2").create_tags(Resources=[service.images["1.1.0"]], Tags=tags)


def report(service: Service, **outcomes: str) -> None:
    gates = tuple(ReportedGate(name, outcome) for name, outcome in outcomes.items())
    report_build(Reported(service.application, "1.1.0", number="7", gates=gates), actor="ci")


def against(service: Service) -> dict[str, Finding]:
    found = services.preview_push(request(service, "1.1.0")).findings
    return {finding.code: finding for finding in found if finding.code in {NOT_PASSED, UNKNOWN_BUILD}}


def test_a_push_is_refused_until_its_build_passed_what_is_asked_for(service: Service) -> None:
    assert against(service) == {}
    demand(service, *NEEDED)
    unknown = against(service)[UNKNOWN_BUILD]
    assert (unknown.level, unknown.overridable, unknown.subject) == ("refuse", True, "image")
    assert unknown.text.startswith(
        f"{service.images['1.1.0']} is of no build that was reported, and api asks for the gates unit, regression. "
    )
    report(service, unit="passed")
    found = against(service)[NOT_PASSED]
    assert found.text.startswith("api 1.1.0 (build 7) has not passed regression (not reported), which api asks for.")
    report(service, regression="failed")
    assert "has not passed regression (failed)" in against(service)[NOT_PASSED].text
    with pytest.raises(Refused):
        services.push(request(service, "1.1.0"), actor="ann")
    asked = request(service, "1.1.0", overrides=(NOT_PASSED,), reason="it fixes the outage")
    made = services.push(asked, actor="ann")
    assert [finding["code"] for finding in made.findings if finding["level"] == "overridden"] == [NOT_PASSED]


def test_a_build_that_passed_is_pushed(service: Service) -> None:
    demand(service, *NEEDED)
    report(service, unit="passed", regression="passed", extra="failed")
    assert against(service) == {}
    made = services.push(request(service, "1.1.0"), actor="ann")
    assert not {finding["code"] for finding in made.findings} & {NOT_PASSED, UNKNOWN_BUILD}


def test_an_application_that_asks_for_nothing_is_not_held_up() -> None:
    assert ask("gates", looked()) == {}
    passed = Demanded("api", {"unit": "passed"}, 1, "api 1.1.0")
    assert ask("gates", replace(looked(), demanded=passed)) == {}
    assert list(ask("gates", replace(looked(), demanded=Demanded("api", {"unit": ""})))) == [UNKNOWN_BUILD]
