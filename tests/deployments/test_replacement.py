"""The decision what to do next, held to a model of Auto Scaling: policies, deaths and slow boots in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.cloud.values import GroupState, LaunchTemplateRef, MemberState
from apps.deployments.replacement import Complete, GiveBack, Look, Raise, Terminate, Wanted, next_act, old
from tests.deployments.situations import group

NEW, OLD = LaunchTemplateRef("lt-1", "api", "8"), LaunchTemplateRef("lt-1", "api", "7")
WANTED = Wanted("lt-1", "8")


@dataclass
class Model:
    """A group as Auto Scaling keeps it; `wish` is what its own policies want, without the surge."""

    wish: int
    surge: int = 0
    members: list[MemberState] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    count: int = 0

    def launch(self) -> None:
        while len(self.members) < self.wish + self.surge:
            self.count += 1
            self.members.append(
                MemberState(f"i-{self.count:03d}", "ab"[self.count % 2], "Pending", "Healthy", False, "", NEW)
            )

    def boot(self) -> None:
        self.members = [replace(one, lifecycle_state="InService") for one in self.members]
        self.good = {one.id for one in self.members}

    def drop(self, member: MemberState) -> None:
        self.members = [one for one in self.members if one.id != member.id]
        self.good.discard(member.id)

    def lose(self, pick: Random) -> None:
        if self.members:
            self.drop(pick.choice(self.members))

    def grow(self) -> None:
        self.wish += 1

    def shrink(self, pick: Random) -> None:
        """A policy's scale-in: Auto Scaling ends one of its choice."""
        if self.wish > 1:
            self.wish -= 1
            if len(self.members) > self.wish + self.surge:
                self.lose(pick)

    def state(self) -> GroupState:
        return replace(group(size=0), members=tuple(self.members), desired=self.wish + self.surge, min_size=0)

    def act(self, batch: int) -> object:
        """Takes our next act; the invariant is looked at where capacity could be lost."""
        act = next_act(self.state(), self.good, WANTED, self.surge, batch)
        if isinstance(act, Raise):
            assert act.desired - act.surge == self.wish
            assert 1 <= act.surge <= batch
            self.surge = act.surge
        elif isinstance(act, Terminate):
            serves = act.member.id in self.good
            assert not serves or len(self.good) - 1 >= self.wish
            assert self.surge >= 1
            self.drop(act.member)
            self.surge -= 1
        elif isinstance(act, GiveBack):
            assert act.desired == self.wish
            assert not list(old(self.state(), WANTED))
            self.surge = 0
            while len(self.members) > self.wish:
                self.drop(self.members[-1])
        return act


EVENTS = st.lists(st.sampled_from(["act", "act", "launch", "boot", "die", "grow", "shrink"]), max_size=60)


@settings(max_examples=300, deadline=None)
@given(size=st.integers(1, 6), batch=st.integers(1, 6), events=EVENTS, pick=st.randoms(use_true_random=False))
def test_capacity_is_never_taken_and_every_instance_is_replaced_in_the_end(
    size: int, batch: int, events: list[str], pick: Random
) -> None:
    model = Model(wish=size)
    model.members = [MemberState(f"i-old{n}", "ab"[n % 2], "InService", "Healthy", False, "", OLD) for n in range(size)]
    model.good = {one.id for one in model.members}
    happen: dict[str, Callable[[], object]] = {
        "act": lambda: model.act(batch),
        "launch": model.launch,
        "boot": model.boot,
        "die": lambda: model.lose(pick),
        "grow": model.grow,
        "shrink": lambda: model.shrink(pick),
    }
    for event in events:
        happen[event]()
    for _ in range(200):
        model.launch()
        model.boot()
        if isinstance(model.act(batch), Complete):
            break
    assert not list(old(model.state(), WANTED))
    assert (model.surge, len(model.members)) == (0, model.wish)


def test_an_instance_that_does_not_serve_goes_first() -> None:
    model = Model(wish=2, surge=1)
    model.members = [MemberState("i-1", "a", "InService", "Healthy", False, "", OLD)]
    model.members += [MemberState("i-2", "a", "InService", "Unhealthy", False, "", OLD)]
    model.good = {"i-1"}
    act = next_act(model.state(), model.good, WANTED, 1, 1)
    assert isinstance(act, Terminate)
    assert act.member.id == "i-2"


def test_nothing_serves_is_no_reason_to_be_done() -> None:
    empty = replace(group(size=0), desired=0)
    assert isinstance(next_act(empty, set(), WANTED, 0, 1), Look)
