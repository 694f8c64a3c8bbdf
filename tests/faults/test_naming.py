"""A call and a cell are written so that they can be read back, and named without what differs from run to run."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.calls import Call, about, distinct, numbered, parse
from tests.faults.cells import Cell, cell
from tests.faults.faults import applying

NAMES = st.from_regex(r"[A-Za-z0-9.+-]+", fullmatch=True)
CALLS = st.builds(Call, NAMES, NAMES, NAMES, NAMES, st.integers(1, 99))


@given(CALLS, NAMES, NAMES)
def test_a_cell_is_read_back_as_it_was_written(call: Call, operation: str, fault: str) -> None:
    assert parse(str(call)) == call
    assert cell(str(Cell(operation, call, fault))) == Cell(operation, call, fault)


def test_a_target_group_is_named_without_what_is_random_in_its_arn() -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:200000000000:targetgroup/api-prod-tg/73e2d6bc24d8a067"
    assert about({"TargetGroupArn": arn}) == "api-prod-tg"
    assert about({"AutoScalingGroupNames": ["b-v001", "a-v000"]}) == "a-v000+b-v001"
    assert about({"LaunchTemplateId": "lt-1"}) == "-"


def test_a_read_that_is_repeated_counts_first_and_last_and_a_change_always() -> None:
    polls = [Call("forward", "1.wait", "DescribeTargetHealth", "tg", ordinal) for ordinal in range(1, 6)]
    changes = [Call("forward", "1.wait", "UpdateAutoScalingGroup", "g", ordinal) for ordinal in range(1, 4)]
    assert list(distinct([*polls, *changes])) == [polls[0], polls[-1], *changes]


def test_a_change_can_meet_what_a_read_can_and_what_comes_after_its_effect() -> None:
    read = {fault.name for fault in applying(Call("forward", "1.wait", "DescribeTargetHealth", "tg", 1))}
    change = {fault.name for fault in applying(Call("forward", "1.size", "UpdateAutoScalingGroup", "g", 1))}
    assert change - read == {"cut-after", "error-after", "late", "kill-before", "stop-before"}
    assert read <= change
    planned = {fault.name for fault in applying(Call("plan", "-", "DescribeTargetHealth", "tg", 1))}
    assert read - planned == {"stop-after"}


def test_a_read_is_killed_and_stopped_once_for_it_has_no_effect_to_be_before_or_after_of() -> None:
    read = {fault.name for fault in applying(Call("forward", "1.wait", "DescribeTargetHealth", "tg", 1))}
    assert {name for name in read if name.startswith(("kill-", "stop-"))} == {"kill-after", "stop-after"}


def test_a_call_is_the_same_about_groups_that_are_all_numbered_higher() -> None:
    first = Call("forward", "1.size-group", "UpdateAutoScalingGroup", "api-prod-v000+api-prod-v001", 2)
    assert numbered(first, 1) == replace(first, about="api-prod-v001+api-prod-v002")
    assert numbered(first, 0) == first
