"""What AWS tells a resource at a time: template versions, rules, health. A part a round, those longest unread first.

Apart from the sync and paced, so that neither a first sync nor a large fleet takes the calls that pushes need. What a
cluster's page lacks meanwhile is read for that cluster (see cluster_reads), and until then said to be unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from apps.inventory.models import Environment, LoadBalancer, SyncState
from apps.inventory.services import health
from apps.inventory.services.conditions import note_conditions
from apps.inventory.services.images import images_run, learn_images
from apps.inventory.services.kinds import Place
from apps.inventory.services.launches import learn_versions, refs_stored, write_launches
from apps.inventory.services.listeners import read_listeners
from apps.inventory.services.locks import writing
from apps.inventory.services.logbook import Logbook, kept_alone

Kind = SyncState.Kind

LISTENERS_A_ROUND = 25  # load balancers whose listeners and rules one round reads
HEALTH_A_ROUND = 50  # target groups whose targets one round asks for


def read_one_by_one(environment: Environment, region: str, *, everything: bool = False) -> bool:
    """Reads the next of them, or `everything`, however many calls that takes; False when another round goes on.

    Of what a sync has stored: call it after one. Errors of AWS are kept in SyncState; none is raised.
    """
    with kept_alone("one by one", environment, region) as book:
        if book:
            _Round(environment, region, book, everything).run()
        return book is not None


@dataclass(frozen=True)
class _Round:
    environment: Environment
    region: str
    book: Logbook
    everything: bool

    def run(self) -> None:
        self.versions()
        self.listeners()
        self.target_health()
        note_conditions(self.environment, self.region)

    def versions(self) -> None:
        """Those that groups name and no row tells; then it is known what empty groups launch, too."""
        written = 0
        with self.book.entry(Kind.TEMPLATE_VERSIONS) as entry:
            refs = refs_stored(self.environment, self.region)
            learn_versions(self.environment, self.region, refs)
            with writing(self.environment, self.region):
                written = write_launches(self.environment, self.region)
            entry.done(len(refs), written)
        if written:
            learn_images(self.environment, self.region, images_run(self.environment, self.region))

    def listeners(self) -> None:
        with self.book.entry(Kind.LISTENERS) as entry:
            here = LoadBalancer.objects.filter(environment=self.environment, region=self.region, gone_at__isnull=True)
            waiting = here.select_related("environment").order_by(F("listeners_read_at").asc(nulls_first=True))
            balancers = list(waiting[: self.most(LISTENERS_A_ROUND)])
            entry.done(len(balancers), sum(map(read_listeners, balancers)))

    def target_health(self) -> None:
        with self.book.entry(Kind.TARGET_HEALTH) as entry:
            arns = health.longest_unread(self.environment, self.region, self.most(HEALTH_A_ROUND))
            healths = health.read_health(self.environment, self.region, arns)
            with writing(self.environment, self.region):
                place = Place(self.environment, self.region, entry.began)
                entry.done(sum(map(len, healths.values())), health.write_health(place, healths))

    def most(self, a_round: int) -> int | None:
        return None if self.everything else a_round
