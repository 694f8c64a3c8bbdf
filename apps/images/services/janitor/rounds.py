"""One round of an environment's janitor: what was begun goes on, what may go is marked, what is due is begun.

Nothing is deleted in the round that decides it: the intent stands as a row first, for half a minute at least, so that
whoever pushes an AMI meanwhile either sees it or is seen. Then everything is read afresh, and only what was read less
than a minute ago is acted upon. A round that dies leaves rows, from which the next one goes on.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import QuerySet

from apps.cloud.aws.guard import changing_calls_before
from apps.cloud.errors import CloudError
from apps.images.janitor import Kind, Thing, Waits, all_kinds, kind
from apps.images.janitor.afresh import Looks
from apps.images.janitor.base import ACTED, held
from apps.images.models import JanitorRules, Mark
from apps.images.selectors.janitor import rules_of
from apps.images.services.janitor import life
from apps.inventory.models import Environment
from apps.inventory.services.clock import database_time
from apps.inventory.services.locks import alone

SETTLE = timedelta(seconds=30)  # between the intent and the act
LASTS = 30.0  # seconds after which a round begins nothing more: its task ends after 50
AGAIN = timedelta(days=1)  # after a mark has ended, before rows, which may be old, make another
GONE = "It is gone, or no longer known."

State = Mark.State
Things = Mapping[tuple[str, str], Thing]


def clean_up(environment: Environment) -> bool:
    """One round; False where another one of the environment goes on. Errors of AWS are kept on the marks."""
    with alone("janitor", environment, "") as first:
        if first:
            _Round(environment, rules_of(environment)).run()
        return first


@dataclass
class _Round:
    environment: Environment
    rules: JanitorRules
    now: datetime = field(default_factory=database_time)
    began: float = field(default_factory=time.monotonic)
    looks: Looks = field(default_factory=Looks)

    def run(self) -> None:
        things = {slug: self._things(each) for slug, each in all_kinds().items()}
        under_way = self._marks(State.DELETING)
        for mark in under_way.filter(deleting_at__lte=self.now - SETTLE).order_by("deleting_at", "id"):
            if self._in_time():
                with _told(mark):
                    self._go_on(mark, things[mark.kind])
        if self.rules.active:
            self._judge(things)
            self._begin_due()

    def _things(self, each: Kind) -> Things:
        return {(one.region, one.resource): one for one in each.things(self.environment, self.rules, self.now)}

    def _marks(self, *states: str) -> QuerySet[Mark]:
        rows = Mark.objects.filter(environment=self.environment, state__in=states, kind__in=all_kinds())
        return rows.select_related("environment")

    def _in_time(self) -> bool:
        return time.monotonic() - self.began < LASTS

    def _go_on(self, mark: Mark, things: Things) -> None:
        """Carries a deletion on. While the resource stands, everything is asked once more before it is touched."""
        each, acted = kind(mark.kind), mark.memory.get(ACTED, False)
        if each.standing(mark):
            if stays := self._stays(each, mark, things.get((mark.region, mark.resource))):
                if acted and not each.standing(mark):  # what was sent before took effect just now
                    raise Waits("AWS shows it no more. What is left of it goes next.")
                life.unmark(mark, stays)
                return
            if wait := held(self.environment.name, mark.application):
                raise Waits(wait)
        elif not acted:  # somebody else deleted it, and may want what is left of it
            life.unmark(mark, GONE)
            return
        if not acted:
            life.acting(mark)
        with changing_calls_before(self.looks.deadline):
            gone = each.delete(mark)
        if gone:
            life.deleted(mark)
        else:
            life.say(mark, "AWS was told, and has not shown yet that nothing of it is left.")

    def _stays(self, each: Kind, mark: Mark, thing: Thing | None) -> str:
        """Why a resource that was going to be deleted, and stands, stays after all."""
        if not self.rules.active:
            return "The janitor was switched off."
        if thing is None and not mark.memory.get(ACTED):
            return GONE
        return (thing.stays if thing else "") or each.objection(mark, self.rules, self.looks)

    def _judge(self, things: Mapping[str, Things]) -> None:
        """Takes marks away, tells of those that stand, and makes new ones."""
        live = {}
        for mark in self._marks(*Mark.LIVE):
            live[mark.kind, mark.region, mark.resource] = mark
            if mark.state == State.DELETING:
                continue
            thing = things[mark.kind].get((mark.region, mark.resource))
            stays = thing.stays if thing else GONE
            if stays:
                life.unmark(mark, stays)
            elif mark.state == State.MARKED:
                life.notify(mark)
        lately = self._marks(State.UNMARKED, State.DELETED).filter(ended_at__gt=self.now - AGAIN)
        passed = {*live, *lately.values_list("kind", "region", "resource")}
        for slug, found in things.items():
            for thing in found.values():
                if not thing.stays and thing.since and (slug, thing.region, thing.resource) not in passed:
                    life.mark(self.environment, kind(slug), thing, self.rules, self.now)

    def _begin_due(self) -> None:
        """The oldest first, no more at a time than the rules allow."""
        left = self.rules.most_a_round - self._marks(State.DELETING).count()
        due = self._marks(State.NOTIFIED).filter(due_at__lte=self.now).order_by("since", "id")
        for mark in due[: max(left, 0)]:
            if self._in_time():
                with _told(mark):
                    self._begin(mark)

    def _begin(self, mark: Mark) -> None:
        each = kind(mark.kind)
        if wait := held(self.environment.name, mark.application):
            raise Waits(wait)
        if stays := each.objection(mark, self.rules, self.looks):
            life.unmark(mark, stays)
        else:
            life.intend(mark, each.prepare(mark))


@contextlib.contextmanager
def _told(mark: Mark) -> Iterator[None]:
    """Keeps why nothing came of it on the mark: it is tried again by the next round, and the others go on."""
    try:
        yield
    except (CloudError, Waits) as error:
        life.say(mark, str(error))
    except SoftTimeLimitExceeded:
        life.say(mark, "All that may use it could not be read in the time of a round.")
        raise
