"""Whatever happens in whatever order: what is used, kept, frozen, of unknown use or age is never deleted.

The resources are bricks: a kind of the janitor like the others, whose world is this test's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cloud.errors import Throttled, Unavailable
from apps.events.models import Event
from apps.images.janitor import Kind, Thing, base
from apps.images.janitor.afresh import Looks
from apps.images.models import JanitorRules, Keep, Mark
from apps.images.services import clean_up, end_keep, keep, set_rules
from apps.inventory.models import Environment
from tests.faults.injector import Died
from tests.images.cleaning import settled

REGION = "us-east-1"
EVENTS = ("round", "round", "round", "days", "settle", "use", "seen", "forget", "keep", "end keep", "read", "tag",
          "switch", "freeze", "die before", "die after", "throttle", "lose", "age")  # fmt: skip


@dataclass
class World:
    """One brick: `used` and `tagged` as AWS tells, `seen` as rows tell; `readable` whether AWS answers."""

    standing: bool = True
    used: bool = False
    seen: bool = False
    tagged: bool = False
    readable: bool = True
    dated: bool = True
    frozen: bool = False
    fault: str = ""
    wrong: list[str] = field(default_factory=list)
    times: int = 0


world = World()


class Bricks(Kind):
    slug = "brick"
    title = "Bricks"

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        kept = base.kept(environment, self.slug).get((REGION, "b"), "")
        since = now - timedelta(days=90) if world.dated else None
        stays = kept or ("It is used." if world.seen else "") or ("" if since else "Its age is not known.")
        if world.standing:
            yield Thing(REGION, "b", "", "", since, "Nothing uses it.", stays)

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        self._read()
        return ("It is used." if world.used else "") or ("It has a tag." if world.tagged else "")

    def standing(self, mark: Mark) -> bool:
        self._read()
        return world.standing

    def delete(self, mark: Mark) -> bool:
        fault, world.fault = world.fault, ""
        if fault == "throttle":
            raise Throttled("slower")
        if fault == "die before":
            raise Died
        if world.standing:
            _judge(mark)
            world.standing, world.times = False, world.times + 1
        if fault == "die after":
            raise Died
        if fault == "lose":
            raise Unavailable("no answer")
        return True

    def _read(self) -> None:
        if not world.readable:
            raise Unavailable("no answer")


def _judge(mark: Mark) -> None:
    """What must be so at the moment of the effect."""
    rules = JanitorRules.objects.get()
    told = set(Event.objects.filter(after__mark=mark.pk).values_list("kind", flat=True))
    against = {
        "used": world.used or world.seen,
        "kept": Keep.objects.exists() or world.tagged,
        "unreadable": not world.readable,
        "undated": not world.dated,
        "frozen": world.frozen,
        "switched off": not rules.active,
        "too early": mark.due_at > timezone.now(),
        "unannounced": told != {"janitor.marked", "janitor.notified", "janitor.deleting"},
    }
    world.wrong += [name for name, so in against.items() if so]


def _happen(event: str, environment: Environment) -> None:
    if event == "round":
        with contextlib.suppress(Died):
            clean_up(environment)
    elif event == "days":
        Mark.objects.update(due_at=timezone.now() - timedelta(days=1))
    elif event == "settle":
        settled()
    else:
        _somebody(event, environment)


def _somebody(event: str, environment: Environment) -> None:
    if event == "keep":
        keep("test", REGION, "brick", "b", actor="maria")
    elif event == "end keep":
        for row in Keep.objects.all():
            end_keep(row.pk, actor="maria")
    elif event == "switch":
        set_rules(environment, actor="ada", reason="x", active=not JanitorRules.objects.get().active)
    else:
        _turn(event)


def _turn(event: str) -> None:
    if event in {"die before", "die after", "throttle", "lose"}:
        world.fault = event
        return
    turned = {"read": "readable", "age": "dated", "freeze": "frozen", "tag": "tagged", "seen": "seen", "use": "used"}
    name = turned.get(event, "")
    if name:
        setattr(world, name, not getattr(world, name))
    else:
        world.used = world.seen = False


@pytest.fixture
def bricks(db: None, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setattr(base, "_kinds", {"brick": Bricks()})
    monkeypatch.setattr(base, "_holds", [lambda environment, application: "It is frozen." if world.frozen else ""])
    return Environment.objects.create(name="test", account_id="123456789012", regions=[REGION])


@given(st.lists(st.sampled_from(EVENTS), min_size=8, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_must_stay_is_never_deleted_and_what_may_go_goes_once(bricks: Environment, events: list[str]) -> None:
    with transaction.atomic():
        _forget()
        set_rules(bricks, actor="ada", reason="x", active=True)
        for event in events:
            _happen(event, bricks)
            assert world.wrong == []
        states = Mark.objects.filter(state__in=Mark.LIVE).count()
        assert states <= 1
        assert world.times <= 1
        transaction.set_rollback(True)


def test_when_nothing_speaks_against_it_it_goes(bricks: Environment) -> None:
    """The model is not true because nothing ever happens."""
    _forget()
    set_rules(bricks, actor="ada", reason="x", active=True)
    for event in ("round", "round", "days", "round", "die after", "settle", "round", "round"):
        _happen(event, bricks)
    assert (world.standing, world.times, world.wrong) == (False, 1, [])
    assert Mark.objects.get().state == Mark.State.DELETED


def _forget() -> None:
    for name, value in vars(World()).items():
        setattr(world, name, value)
