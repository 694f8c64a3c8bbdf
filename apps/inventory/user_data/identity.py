"""What an instance may be told of itself. A variable is a field of `Identity`: forms, schemas and lists derive from it.

User data is made before its group is, so it can tell what is planned, and nothing that AWS gives only later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from apps.cloud.naming import parse
from apps.inventory.appversion import from_tags

PREFIX, EXPORTS = "prefix", "exports"  # known beside the fields: what a template adds


def _told(about: str, *, tagged: bool = False) -> Any:
    return field(default="", metadata={"about": about, "tagged": tagged})


@dataclass(frozen=True)
class Identity:
    """Who an instance is; empty text where that is not known. The order is that of the lists for people."""

    environment: str = _told("The environment, as prod.")
    account: str = _told("The AWS account's number.")
    region: str = _told("The region, as us-east-1.")
    application: str = _told("The application: the first part of the cluster's name.")
    stack: str = _told("The stack: the second part; may be empty.")
    detail: str = _told("The detail: what follows the stack; may be empty.")
    cluster: str = _told("The cluster, as api-prod.")
    group: str = _told("The Auto Scaling group, as api-prod-v012; of a replacement in place the same as before.")
    image: str = _told("The AMI's id.")
    version: str = _told("The version that the AMI's tags tell.", tagged=True)
    commit: str = _told("The commit that they tell.", tagged=True)
    build: str = _told("The build that they tell.", tagged=True)
    launch_template: str = _told("The launch template's name; its version has no number yet.")

    @classmethod
    def of(cls, environment: str, account: str, region: str, cluster: str) -> Identity:
        """What is known of every group of a cluster."""
        name = parse(cluster)
        parts = {"application": name.app, "stack": name.stack, "detail": name.detail} if name else {}
        return cls(environment=environment, account=account, region=region, cluster=cluster, **parts)

    def launching(self, image: str, tags: Mapping[str, str]) -> Identity:
        """The same, of instances that are launched from this AMI with these tags."""
        inside = from_tags(tags)
        return replace(self, image=image, version=inside.version, commit=inside.commit, build=inside.build)

    @property
    def values(self) -> dict[str, str]:
        """By the variables' names."""
        return asdict(self)


@dataclass(frozen=True)
class Known:
    """A variable that every template knows, and what it says."""

    name: str
    about: str


NAMES = tuple(each.name for each in fields(Identity))
TAGGED = frozenset(each.name for each in fields(Identity) if each.metadata["tagged"])  # whoever tags AMIs says these


def known() -> tuple[Known, ...]:
    """All that every template may name, beside variables of its application's own."""
    return (
        *(Known(each.name, each.metadata["about"]) for each in fields(Identity)),
        Known(PREFIX, "The template's own prefix, as CLOUD_: one place to change it."),
        Known(EXPORTS, "A line export NAME='value' for each of these, with the prefix, and for each own variable."),
    )
