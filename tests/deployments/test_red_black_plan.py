"""What a red/black push is planned to do: pure, so nothing is started here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from apps.deployments import strategies
from apps.deployments.errors import Invalid
from apps.deployments.situation import Kept
from apps.deployments.strategies.red_black import Options, plan
from tests.deployments.situations import group, image, situation


def kinds(options: Options | None = None, **changes: Any) -> list[str]:
    return [step.kind for step in plan(situation(**changes), options or Options()).steps]


def codes(**changes: Any) -> dict[str, str]:
    return {finding.code: finding.level for finding in plan(situation(**changes), Options()).findings}


def test_a_default_push_creates_waits_takes_traffic_and_keeps_the_old_group() -> None:
    assert kinds() == [
        "create-template-version",
        "create-group",
        "size-group",
        "wait-healthy",
        "take-traffic",
        "restore-size",
        "keep-group",
    ]


def test_the_new_group_is_larger_by_the_margin_rounded_up_and_says_so() -> None:
    preview = plan(situation(), Options())
    assert (preview.from_size, preview.to_size) == (6, 7)
    assert preview.sentence == "Push 4.2.0 to api-prod, 6 → 7 instances"
    assert plan(situation(), Options(margin_percent=0)).to_size == 6
    assert plan(situation(group(size=1)), Options()).to_size == 2


def test_the_next_name_follows_the_newest_group_by_creation_time() -> None:
    assert plan(situation(), Options()).to_group == "api-prod-v013"
    assert plan(situation(group("api-prod-v999")), Options()).to_group == "api-prod-v000"


def test_the_group_is_created_empty_with_the_version_pinned_later_and_our_own_tags_left_out() -> None:
    step = plan(situation(), Options()).steps[1]
    spec = step.params["parameters"]
    assert (spec["MinSize"], spec["MaxSize"], spec["DesiredCapacity"]) == (0, 0, 0)
    assert spec["Tags"] == [{"Key": "owner", "Value": "api", "PropagateAtLaunch": True}]
    assert spec["TargetGroupARNs"]
    assert "TrafficSources" not in spec  # it was attached by the other family of calls
    assert "AvailabilityZones" not in spec
    assert spec["NewInstancesProtectedFromScaleIn"] is False


def test_sizes_chosen_are_what_the_group_has_in_the_end() -> None:
    size = plan(situation(), Options(min_size=5, max_size=20)).steps[2]
    assert size.params["final"] == {"min": 5, "max": 20}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (Options(max_size=3), "options.max_size"),  # below the serving group's min
        (Options(min_size=13), "options.min_size"),  # above its max
        (Options(min_size=1, max_size=5), "options.max_size"),  # below what serves now
    ],
)
def test_sizes_that_do_not_go_with_the_serving_group_are_refused_by_field(options: Options, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(situation(), options)
    assert list(refused.value.errors) == [field]


def test_the_old_group_goes_as_the_options_say() -> None:
    assert kinds(Options(old_group="delete-at-once", soak_seconds=60))[-2:] == ["delete-group", "soak"]
    assert kinds(Options(old_group="delete-after-soak", soak_seconds=60))[-2:] == ["soak", "delete-group"]
    hours = plan(situation(), Options(old_group="hours", keep_hours=2)).steps[-1]
    assert (hours.kind, hours.params["hours"]) == ("keep-group", 2)


def test_only_the_deletion_of_the_group_that_was_replaced_is_past_the_point_of_no_return() -> None:
    kept = (Kept("api-prod-v011", "arn:api-prod-v011"),)
    preview = plan(situation(kept=kept), Options())
    assert [step.kind for step in preview.steps if step.irreversible] == []
    assert (preview.steps[-1].kind, preview.steps[-1].params["group"]) == ("delete-older-group", "api-prod-v011")
    final = plan(situation(kept=kept), Options(old_group="delete-at-once"))
    assert [step.params["group"] for step in final.steps if step.irreversible] == ["api-prod-v012"]


def test_a_push_needs_exactly_one_serving_group_and_names_them_otherwise() -> None:
    two = (group("api-prod-v011"), group("api-prod-v012"))
    preview = plan(situation(groups=two, serving=("api-prod-v011", "api-prod-v012")), Options())
    assert preview.steps == ()
    assert "api-prod-v011 and api-prod-v012 serve" in preview.refusals[0].text
    assert codes(serving=()) == {"nobody-serves": "refuse"}
    assert codes(groups=(), serving=()) == {"no-groups": "refuse"}


def test_user_data_that_names_the_old_group_is_warned_about() -> None:
    template = situation().template
    assert template is not None
    named = replace(template, user_data="export GROUP=api-prod-v012")
    assert codes(template=named)["user-data-names-group"] == "warn"


def test_a_template_version_that_is_not_pinned_is_told() -> None:
    serving = group()
    assert serving.launch_template is not None
    loose = replace(serving, launch_template=replace(serving.launch_template, version="$Latest"))
    assert codes(groups=(loose,))["unpinned"] == "note"


def test_pushing_what_runs_already_is_warned_about() -> None:
    assert codes(image=image("ami-old", "4.1.9"))["same-image"] == "warn"


def test_an_image_of_another_application_is_refused_unless_it_is_wanted() -> None:
    other = replace(image("ami-new", "4.2.0"), tags={"version": "4.2.0", "application": "web"})
    assert codes(image=other)["other-application"] == "refuse"
    preview = plan(situation(image=other), Options(other_application=True))
    assert not preview.refusals
    assert "ami-new is an image of web, and api-prod runs api." in [finding.text for finding in preview.findings]
    ours = replace(other, tags={"version": "4.2.0", "application": "api"})
    assert "other-application" not in codes(image=ours)


@pytest.mark.parametrize("slug", sorted(strategies.all()))
def test_one_instance_is_one_whatever_the_strategy(slug: str) -> None:
    strategy = strategies.all()[slug]
    names = {spec.name for spec in strategy.options}
    options = strategy.options_type(**({"margin_percent": 0} if "margin_percent" in names else {}))
    preview = strategy.plan(situation(group(size=1)), options)
    assert preview.steps
    said = [preview.sentence, *(text for step in preview.steps for text in (step.title, *step.changes))]
    assert [text for text in said if re.search(r"\b1 \w+s\b", text)] == []
    assert any("1 instance" in text for text in said)
