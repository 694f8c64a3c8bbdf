"""What each group of a cluster is doing, and the cluster as a whole, in words: one phrasing for whoever shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from apps.cloud.naming import parse
from apps.inventory.models import Cluster, Group, Instance
from apps.inventory.selectors.clusters import GroupView
from apps.inventory.selectors.lists import images_of
from apps.inventory.selectors.traffic import sight_of
from apps.inventory.selectors.words import condition, wanted

GroupWord = Literal["serving", "starting", "kept", "unhealthy", "unknown", "idle", "empty", "being deleted"]

UNREAD = "It is not known yet which group serves: its rules or targets were not read from AWS so far."
OTHERS_UNREAD = "Whether another group serves too was not read from AWS so far."


@dataclass(frozen=True)
class Served:
    """A group that serves: its version (else its AMI's id), and how many of how many that should be are healthy."""

    group: str
    version: str
    healthy: int
    total: int  # as `words.wanted` counts them

    @property
    def complete(self) -> bool:
        """Whether it is as well as it should be: what is green and what is amber, wherever it is told."""
        return self.healthy >= self.total


@dataclass(frozen=True)
class InCluster:
    """The groups that serve in a cluster; `unread` while AWS was not asked yet of all that may send it traffic."""

    serving: tuple[Served, ...]
    unread: bool


def group_word(view: GroupView, *, kept: Collection[str], rising: str) -> GroupWord:
    """The first that holds. `kept` and `rising` (what a running deployment brings up) are names of groups."""
    group = view.group
    if group.status:
        return "being deleted"
    if group.name == rising and not (view.traffic.serving and served(view).complete):
        return "starting"
    if view.traffic.serving:
        return "serving"
    if group.name in kept:
        return "kept"
    if group.traffic_sources and any(condition(each).word == "unhealthy" for each in view.instances):
        return "unhealthy"
    if view.unread:
        return "unknown"
    return "idle" if view.instances else "empty"


def served(view: GroupView) -> Served:
    """What is to be said of a group that serves."""
    return _served(view.group, view.version, view.instances)


def sentence(groups: Sequence[Group], serving: Sequence[Served], unread: bool) -> str:
    """A cluster in words: who serves, which version, how well. `groups` are all that stand there; `unread` as in
    InCluster.
    """
    if not groups:
        return "No group stands here now."
    if not serving and unread:
        return UNREAD
    if not serving:
        behind = any(group.traffic_sources for group in groups)
        why = "no healthy instance is behind a listener" if behind else "none is attached to a load balancer"
        return f"No group serves traffic: {why}."
    names = " and ".join(f"{short(each.group)} ({each.version})" for each in serving)
    healthy, total = sum(each.healthy for each in serving), sum(each.total for each in serving)
    said = f"{names} {takes(len(serving), unread)}, {healthy} of {total} healthy."
    return f"{said} {OTHERS_UNREAD}" if unread else said


def takes(groups: int, unread: bool) -> str:
    """What so many groups that serve do; `unread` while others may serve too."""
    if unread:
        return "serves" if groups == 1 else "serve"
    return "serves all traffic" if groups == 1 else "share the traffic"


def short(group: str) -> str:
    """A group as people call it within its cluster: v013; the whole name where it has no push number."""
    parsed = parse(group)
    return group.rpartition("-")[2] if parsed and parsed.sequence is not None else group


def serving_in(clusters: Iterable[Cluster]) -> dict[int, InCluster]:
    """Who serves in each cluster, by its primary key; clusters come with their `current_groups`.

    3 queries, however many clusters there are and wherever they stand; one or two more as `sight_of` says.
    """
    rows = list(clusters)
    groups = [group for cluster in rows for group in standing_groups(cluster)]
    sight, images = sight_of(groups), images_of(groups)
    versions = {key: image.version for key, image in images.items()}
    return {
        cluster.pk: InCluster(
            serving=tuple(
                _served(group, versions.get(group.pk) or group.image_id, sight.instances[group.pk])
                for group in standing_groups(cluster)
                if sight.traffic[group.pk].serving
            ),
            unread=any(group.pk in sight.unread for group in standing_groups(cluster)),
        )
        for cluster in rows
    }


def standing_groups(cluster: Cluster) -> list[Group]:
    """The groups that `lists.clusters` loaded with the cluster."""
    groups: list[Group] = getattr(cluster, "current_groups", [])
    return groups


def _served(group: Group, version: str, instances: Iterable[Instance]) -> Served:
    words = [condition(instance).word for instance in instances]
    return Served(group.name, version, words.count("healthy"), wanted(group.desired, words))
