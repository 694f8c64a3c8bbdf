"""The decision what to do next, held to a model of Auto Scaling: policies, deaths, slow boots, sick target groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.cloud.values import GroupState, LaunchTemplateRef, MemberState
from apps.deployments.replacement import (
    Complete,
    GiveBack,
    Healthy,
    Look,
    Raise,
    Terminate,
    Wanted,
    next_act,
    old,
    surge_in,
    wish_of,
)
from tests.deployments.situations import group

NEW, OLD = LaunchTemplateRef("lt-1", "api", "8"), LaunchTemplateRef("lt-1", "api", "7")
WANTED = Wanted("lt-1", "8")


TARGET_GROUPS = ("one", "two")


@dataclass
class Model:
    """A group as Auto Scaling keeps it: two target groups, one of which may be unused or sick.

    `expected` is the desired that our last act left; any other was set by somebody else, and is wanted as it is.
    """

    desired: int
    surge: int = 0
    own_max: int = 100
    min_size: int = 0
    members: list[MemberState] = field(default_factory=list)
    booted: set[str] = field(default_factory=set)
    ailing: set[tuple[str, str]] = field(default_factory=set)  # instance and target group
    unused: set[str] = field(default_factory=set)  # target groups that no listener uses
    expected: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        self.expected = self.desired

    @property
    def healthy(self) -> Healthy:
        found = [
            {one for one in self.booted if (one, name) not in self.ailing and name not in self.unused}
            for name in TARGET_GROUPS
        ]
        return Healthy(found[0] & found[1], found[0] | found[1])

    def stands(self, size: int) -> Model:
        self.members = [
            MemberState(f"i-old{n}", "ab"[n % 2], "InService", "Healthy", False, "", OLD) for n in range(size)
        ]
        self.booted = {one.id for one in self.members}
        return self

    def launch(self) -> None:
        while len(self.members) < self.desired:
            self.count += 1
            self.members.append(
                MemberState(f"i-{self.count:03d}", "ab"[self.count % 2], "Pending", "Healthy", False, "", NEW)
            )

    def boot(self) -> None:
        self.members = [replace(one, lifecycle_state="InService") for one in self.members]
        self.booted = {one.id for one in self.members}

    def sicken(self, pick: Random) -> None:
        if self.members:
            self.ailing.add((pick.choice(self.members).id, pick.choice(TARGET_GROUPS)))

    def sicken_all(self, pick: Random) -> None:
        name = pick.choice(TARGET_GROUPS)
        self.ailing |= {(one.id, name) for one in self.members}

    def mend(self) -> None:
        self.ailing, self.unused = set(), set()

    def drop(self, member: MemberState) -> None:
        self.members = [one for one in self.members if one.id != member.id]
        self.booted.discard(member.id)

    def lose(self, pick: Random) -> None:
        if self.members:
            self.drop(pick.choice(self.members))

    def resize(self, pick: Random, desired: int) -> None:
        """Somebody else, or a policy of any kind, sets desired; Auto Scaling ends those of its choice."""
        self.desired = min(max(desired, 1), max(self.own_max, self.expected))
        while len(self.members) > self.desired:
            self.lose(pick)

    def state(self) -> GroupState:
        return replace(group(size=0), members=tuple(self.members), desired=self.desired, min_size=self.min_size)

    def act(self, batch: int) -> object:
        """Takes our next act; the invariant is looked at where capacity could be lost."""
        if self.desired != self.expected:
            self.surge = surge_in(self.state(), self.own_max)
        wish = wish_of(self.state(), self.surge)
        act = next_act(self.state(), self.healthy, WANTED, self.surge, batch)
        if isinstance(act, Raise):
            assert act.desired - act.surge == wish
            assert 1 <= act.surge <= batch
            self.surge, self.desired = act.surge, act.desired
        elif isinstance(act, Terminate):
            self.end(act.member, wish)
        elif isinstance(act, GiveBack):
            assert act.desired == wish
            assert not list(old(self.state(), WANTED))
            self.surge, self.desired = 0, act.desired
            while len(self.members) > self.desired:
                self.drop(self.members[-1])
        self.expected = self.desired
        return act

    def end(self, member: MemberState, wish: int) -> None:
        """Nothing that serves anywhere is ended below what is wanted, nor anything before a new one is healthy."""
        assert self.surge >= 1
        assert self.desired > self.min_size
        others, before = {one.id for one in self.members} - {member.id}, self.healthy
        new = {one.id for one in self.members if one.launch_template == NEW}
        assert new & set(before.everywhere) or len(before.everywhere) > wish
        assert len(others) >= wish
        if member.id in before.anywhere:
            assert len(others & set(before.anywhere)) >= wish
        if member.id in before.everywhere:
            assert len(others & set(before.everywhere)) >= wish
        self.drop(member)
        self.desired -= 1
        self.surge -= 1


NAMES = ["act", "act", "act", "launch", "boot", "die", "grow", "shrink", "set", "sicken", "sicken all", "unuse", "mend"]
EVENTS = st.lists(st.sampled_from(NAMES), max_size=60)


@settings(max_examples=400, deadline=None)
@given(size=st.integers(1, 6), batch=st.integers(1, 6), events=EVENTS, pick=st.randoms(use_true_random=False))
def test_capacity_is_never_taken_and_every_instance_is_replaced_in_the_end(
    size: int, batch: int, events: list[str], pick: Random
) -> None:
    model = Model(size, own_max=size + pick.randrange(3)).stands(size)
    happen: dict[str, Callable[[], object]] = {
        "act": lambda: model.act(batch),
        "launch": model.launch,
        "boot": model.boot,
        "die": lambda: model.lose(pick),
        "grow": lambda: model.resize(pick, model.desired + 1),
        "shrink": lambda: model.resize(pick, model.desired - 1),
        "set": lambda: model.resize(pick, pick.randrange(1, 12)),
        "sicken": lambda: model.sicken(pick),
        "sicken all": lambda: model.sicken_all(pick),
        "unuse": lambda: model.unused.add("two"),
        "mend": model.mend,
    }
    for event in events:
        happen[event]()
    model.mend()
    for _ in range(200):
        model.launch()
        model.boot()
        if isinstance(model.act(batch), Complete):
            break
    assert not list(old(model.state(), WANTED))
    assert (model.surge, len(model.members)) == (0, model.desired)
    assert model.desired <= model.own_max


@pytest.mark.parametrize("unused", [True, False])
def test_with_a_target_group_that_none_is_healthy_in_nothing_is_ended(unused: bool) -> None:
    model = Model(4).stands(4)
    for _ in range(5):
        if unused:
            model.unused = {"two"}
        else:
            model.ailing = {(one.id, "two") for one in model.members}
        assert isinstance(model.act(4), Raise | Look)
        model.launch()
        model.boot()
    assert len([one for one in model.members if one.launch_template == OLD]) == 4


def test_instances_that_are_sick_in_one_target_group_go_one_for_one_healthy_new_one() -> None:
    model = Model(4).stands(4)
    model.ailing = {(one.id, "two") for one in model.members}
    model.act(2)
    assert isinstance(model.act(2), Look)
    model.launch()
    model.boot()
    assert [type(model.act(2)) for _ in range(3)] == [Terminate, Terminate, Raise]


def test_instances_that_are_sick_for_a_moment_are_not_ended_before_a_new_one_is_healthy() -> None:
    model = Model(2).stands(2)
    model.booted = set()
    assert isinstance(model.act(2), Raise)
    model.launch()
    assert isinstance(model.act(2), Look)


def test_an_instance_that_does_not_serve_goes_first() -> None:
    model = Model(2).stands(2)
    model.booted = {"i-old1"}
    model.act(1)
    model.launch()
    model.booted.add("i-001")
    act = model.act(1)
    assert isinstance(act, Terminate)
    assert act.member.id == "i-old0"


def test_what_a_person_has_in_standby_is_left_alone() -> None:
    model = Model(1).stands(2)
    model.members[0] = replace(model.members[0], lifecycle_state="Standby")
    assert [one.id for one in old(model.state(), WANTED)] == ["i-old1"]


def test_a_size_that_a_schedule_sets_is_wanted_as_it_is() -> None:
    model = Model(4).stands(4)
    model.act(2)
    assert (model.desired, model.surge) == (6, 2)
    model.desired = model.min_size = 8
    act = model.act(2)
    assert isinstance(act, Raise)
    assert (act.desired, act.surge) == (10, 2)


def test_a_min_that_was_raised_into_the_surge_is_wanted() -> None:
    model = Model(4).stands(4)
    model.act(2)
    model.min_size = 5
    assert wish_of(model.state(), model.surge) == 5


def test_what_is_above_the_groups_own_max_stays_surge_whoever_set_it() -> None:
    model = Model(4, own_max=4).stands(4)
    model.act(2)
    model.desired = 5
    model.act(2)
    assert wish_of(model.state(), model.surge) == 4


def test_nothing_serves_is_no_reason_to_be_done() -> None:
    empty = replace(group(size=0), desired=0, min_size=0)
    assert isinstance(next_act(empty, Healthy(set(), set()), WANTED, 0, 1), Look)
