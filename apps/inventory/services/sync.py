"""Region-wide sync: paged reads alone, then only what changed is written. One kind's failure leaves the others be.

However many groups a region has, a sync costs the pages that AWS lists them on; what AWS tells a resource at a time is
read apart from it, a part a round (see one_by_one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.cloud.aws import autoscaling, ec2, elbv2
from apps.cloud.values import GroupState, InstanceState, Target
from apps.inventory.models import (
    Environment,
    Image,
    LaunchTemplate,
    LoadBalancer,
    Synced,
    SyncState,
    TargetGroup,
)
from apps.inventory.services import rows
from apps.inventory.services.clock import database_time
from apps.inventory.services.conditions import note_conditions
from apps.inventory.services.images import image_rows, images_run, learn_images
from apps.inventory.services.kinds import Place, write_groups, write_instances
from apps.inventory.services.locks import writing
from apps.inventory.services.logbook import Entry, Logbook, kept_alone
from apps.inventory.services.reconcile import Fields, Read, reconcile

Kind = SyncState.Kind


def sync_region(environment: Environment, region: str, *, everything: bool = False) -> bool:
    """Reads one region's pages and brings its rows to them; False when another sync of the region goes on.

    Templates and AMIs change seldom and are read every few rounds, unless `everything` is asked for. Errors of AWS
    are kept in SyncState; none is raised. Rules, health and template versions are not read: see `read_one_by_one`.
    """
    with kept_alone("sync", environment, region) as book:
        if book:
            _Sync(environment, region, book, everything).run()
        return book is not None


@dataclass(frozen=True)
class _Sync:
    environment: Environment
    region: str
    book: Logbook
    everything: bool

    @property
    def target(self) -> Target:
        return self.environment.target(self.region)

    def run(self) -> None:
        self.templates()
        self.groups_and_instances()
        self.target_groups()
        self.load_balancers()
        self.images()
        note_conditions(self.environment, self.region)

    def templates(self) -> None:
        if not self.is_due(Kind.LAUNCH_TEMPLATES):
            return
        with self.book.entry(Kind.LAUNCH_TEMPLATES) as entry:
            found = {each.id: rows.template_fields(each) for each in ec2.describe_launch_templates(self.target)}
            self.write(LaunchTemplate, entry, found)

    def groups_and_instances(self) -> None:
        groups: tuple[GroupState, ...] = ()
        instances: tuple[InstanceState, ...] = ()
        with self.book.entry(Kind.GROUPS) as of_groups:
            groups = autoscaling.describe_groups(self.target)
        with self.book.entry(Kind.INSTANCES) as of_instances:
            instances = ec2.describe_instances(self.target)
        if of_groups.error:
            of_instances.error = of_instances.error or "The groups they belong to could not be read."
            return
        place = Place(self.environment, self.region, of_groups.began)
        with writing(self.environment, self.region):
            of_groups.done(len(groups), write_groups(place, groups, instances))
            if not of_instances.error:
                of_instances.done(len(instances), write_instances(place, groups, instances))

    def target_groups(self) -> None:
        with self.book.entry(Kind.TARGET_GROUPS) as entry:
            found = {each.arn: rows.target_group_fields(each) for each in elbv2.describe_target_groups(self.target)}
            self.write(TargetGroup, entry, found)

    def load_balancers(self) -> None:
        with self.book.entry(Kind.LOAD_BALANCERS) as entry:
            found = {each.arn: rows.load_balancer_fields(each) for each in elbv2.describe_load_balancers(self.target)}
            self.write(LoadBalancer, entry, found)

    def images(self) -> None:
        """All the account owns or was given every few rounds, and at once what groups run that no row tells of."""
        run = images_run(self.environment, self.region)
        if self.is_due(Kind.IMAGES):
            with self.book.entry(Kind.IMAGES) as entry:
                found = image_rows(self.environment, ec2.describe_images(self.target), listed=True)
                others = ec2.describe_images(self.target, run - found.keys())
                found |= image_rows(self.environment, others, listed=False)
                self.write(Image, entry, found)
        else:
            learn_images(self.environment, self.region, run)

    def is_due(self, kind: Kind) -> bool:
        return self.everything or self.book.due(kind, database_time())

    def write(self, model: type[Synced], entry: Entry, found: Mapping[str, Fields]) -> None:
        with writing(self.environment, self.region):
            entry.done(len(found), reconcile(model, Read(self.environment, self.region, entry.began, found)))
