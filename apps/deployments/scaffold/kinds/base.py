"""What a kind of part is: how one is looked for, made and taken away, each by one call at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from apps.cloud.tags import RUN_TAG
from apps.cloud.values import Target

CLUSTER_TAG, ENVIRONMENT_TAG, APPLICATION_TAG = "cluster", "environment", "application"


@dataclass(frozen=True)
class At:
    """A part to be looked for: where, its name, how it is to be, and the ids of the parts that it needs, by their keys.

    An id that is empty is of what is not made yet.
    """

    target: Target
    name: str
    settings: Mapping[str, Any]
    ids: Mapping[str, str]

    def id_of(self, setting: str) -> str:
        """The id of the part that a setting names by its key; the setting itself where it is an id."""
        return self.resolved(self.settings[setting])

    def resolved(self, key: str) -> str:
        """The id that a key stands for, empty where there is none yet; anything else stands for itself."""
        return self.ids.get(key, "") if key.startswith(KEY) else key


KEY = "part:"  # how the keys of parts begin


def key_of(noun: str, name: str) -> str:
    """By which one part names another."""
    return f"{KEY}{noun}:{name}"


@dataclass(frozen=True)
class Seen:
    """A part as AWS shows it; `settings` are those of its own that can be compared, in the words of `At.settings`.

    `tags` of None: it can have none, and is ours where it is what we would have made. `ready`: it can be used.
    `kept` are further settings, written down once it is made: by them it is known when what it refers to is gone.
    """

    id: str
    tags: Mapping[str, str] | None = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    ready: bool = True
    kept: Mapping[str, Any] = field(default_factory=dict)

    def is_ours(self, cluster: str, environment: str) -> bool:
        """Whether a run of this console made it for the cluster."""
        if self.tags is None:
            return True
        owner = (self.tags.get(CLUSTER_TAG), self.tags.get(ENVIRONMENT_TAG))
        return RUN_TAG in self.tags and owner == (cluster, environment)

    def is_of_run(self, run_id: int) -> bool:
        """Whether this run made it, as far as its tags tell."""
        return self.tags is None or self.tags.get(RUN_TAG) == str(run_id)


class Kind:
    """One kind of part. `making`, `removing` and `reading` are what it calls on AWS, as IAM names it."""

    noun: ClassVar[str]  # in step kinds and rows
    words: ClassVar[str]  # for people
    reading: ClassVar[tuple[str, ...]] = ()
    making: ClassVar[tuple[str, ...]] = ()
    removing: ClassVar[tuple[str, ...]] = ()
    limit: ClassVar[str] = ""  # how Elastic Load Balancing calls its limit
    seconds: ClassVar[float | None] = 2.0  # until one stands, usually; None where nobody can tell

    def look(self, at: At) -> Seen | None:
        """The part of this name, whosesoever; None where there is none. Raises CloudError."""
        raise NotImplementedError

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        """One call that makes it, with these tags. Raises CloudError."""
        raise NotImplementedError

    def complete(self, at: At, seen: Seen) -> Callable[[], None] | None:
        """One further call that it still needs; None where it is whole."""
        del at, seen
        return None

    def remove(self, at: At, seen: Seen) -> None:
        """One call that takes it away. Raises CloudError."""
        raise NotImplementedError

    def facts(self, at: At) -> dict[str, Any]:
        """What else a run that made it tells of it, in the words of a push's."""
        del at
        return {}

    def in_words(self, at: At) -> str:
        """How it is to be made, for people."""
        raise NotImplementedError


known: dict[str, Kind] = {}


def register(kind: type[Kind]) -> type[Kind]:
    """Class decorator: makes a kind known by its noun."""
    known[kind.noun] = kind()
    return kind
