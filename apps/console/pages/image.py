"""The list of AMIs and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, State
from apps.console.pages.promotion import PromotionsPart
from apps.images.selectors.janitor import WhereUsed


@dataclass(frozen=True)
class UseLine:
    """A group that launches an AMI, and what it does. `cluster` is empty for a name that follows no pattern."""

    group: str
    href: str
    cluster: str
    cluster_href: str
    environment: str
    region: str
    does: State
    instances: int


@dataclass(frozen=True)
class ImageLine:
    """An AMI in the list. `uses` are the first of its groups, `more` is how many others there are.

    `base` is what it is called as a base image, where it is of no application and was approved as one.
    """

    id: str
    name: str
    application: str
    base: str
    version: str
    commit: str
    build: str
    region: str
    created_at: datetime
    state: State
    may_launch: tuple[str, ...]  # names of environments
    uses: tuple[UseLine, ...]
    more: int


@dataclass(frozen=True)
class EnvironmentLine:
    """An environment that knows the AMI: whether it may launch it, and why that is so."""

    environment: str
    region: str
    may: State
    why: str


@dataclass(frozen=True)
class Inside:
    """The packages of one manager, or the configuration files, recorded to be in an image: `text` a line each."""

    title: str
    count: int
    text: str


@dataclass(frozen=True)
class ImagePage:
    """`instances` run it although their group launches another, or are in no group: id, link, and that group.

    `use` is what uses it, of which `uses` and `instances` are lines; `keeping` keeps it from the janitor, or no longer.
    `others` are AMIs of the same application, to compare it with: id, and what a list calls it. `push` are the clusters
    it can be pushed to: their name and environment, and the link. `links` are facts, or ids in them, and where these
    lead.
    """

    id: str
    title: str
    name: str
    sentence: State
    facts: tuple[tuple[str, str], ...]
    environments: tuple[EnvironmentLine, ...]
    use: WhereUsed
    promotions: PromotionsPart
    uses: tuple[UseLine, ...]
    instances: tuple[tuple[str, str, str], ...]
    tags: tuple[tuple[str, str], ...]
    created_at: datetime
    read_at: datetime
    others: tuple[tuple[str, str], ...] = ()
    push: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    inside: tuple[Inside, ...] = ()
    inside_words: str = ""  # the same in short
    gone: bool = False
    keeping: tuple[Action, ...] = ()
