"""The naming grammar of clusters and groups: `app-stack-detail-v012`, as existing fleets use it.

Application and stack are letters, digits, `.` and `_`; detail may also hold `-`. An empty stack keeps its hyphen
(`app--detail`). Exactly three digits after `-v` are a push number; any other number belongs to the cluster's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

MAX_LENGTH = 255  # of an Auto Scaling group's name on AWS
SEQUENCES = 1000  # v000 to v999

_PLAIN = re.compile(r"[A-Za-z0-9._]+")
_DETAIL = re.compile(r"[A-Za-z0-9._-]+")
_PUSH = re.compile(r"-v([0-9]{3})\Z")
_ENDS_AS_PUSH = re.compile(r"(?:\A|-)v[0-9]{3}\Z")


class NamingError(ValueError):
    """A name breaks the grammar; the text is a sentence for the person who chose it."""


@dataclass(frozen=True)
class GroupName:
    """A well-formed group name in its parts; `sequence` is None when the name carries no push number."""

    app: str
    stack: str = ""
    detail: str = ""
    sequence: int | None = None

    @property
    def cluster(self) -> str:
        return cluster_name(self.app, self.stack, self.detail)

    @property
    def text(self) -> str:
        return self.cluster if self.sequence is None else f"{self.cluster}-v{self.sequence:03d}"

    def __str__(self) -> str:
        return self.text


def parse(name: str) -> GroupName | None:
    """The parts of a group's or cluster's name; None when it does not follow the grammar."""
    if len(name) > MAX_LENGTH:
        return None
    push = _PUSH.search(name)
    cluster = name[: push.start()] if push else name
    app, _, rest = cluster.partition("-")
    stack, _, detail = rest.partition("-")
    if not _is_well_formed(app, stack, detail):
        return None
    parsed = GroupName(app, stack, detail, int(push[1]) if push else None)
    # a hyphen at the end stands for parts that are not there: such a name would not come back as it was
    return parsed if parsed.text == name else None


def cluster_of(name: str) -> str | None:
    """The cluster a group belongs to by its name; None when the name does not follow the grammar."""
    parsed = parse(name)
    return parsed.cluster if parsed else None


def cluster_name(app: str, stack: str = "", detail: str = "") -> str:
    """Joins the parts; an empty stack keeps its hyphen when a detail follows. Checks nothing."""
    if detail:
        return f"{app}-{stack}-{detail}"
    return f"{app}-{stack}" if stack else app


def next_group_name(cluster: str, existing_names: Collection[str], newest: str | None) -> str:
    """The name of the cluster's next group.

    `newest` is the cluster's newest group by creation time (None: it has none), never the one with the highest
    number, since v999 is followed by v000. Taken numbers are skipped. Raises NamingError when all 1000 are taken,
    when the name would be too long for AWS, or when `newest` is not a group of this cluster.
    """
    start = 0
    if newest is not None:
        parsed = parse(newest)
        if parsed is None or parsed.cluster != cluster:
            raise NamingError(f"{newest} is not a group of the cluster {cluster}.")
        start = 0 if parsed.sequence is None else parsed.sequence + 1
    taken = set(existing_names)
    for step in range(SEQUENCES):
        name = f"{cluster}-v{(start + step) % SEQUENCES:03d}"
        if len(name) > MAX_LENGTH:
            raise NamingError(f"{name} is {len(name)} characters long; AWS allows {MAX_LENGTH}.")
        if name not in taken:
            return name
    raise NamingError(f"The cluster {cluster} has used all {SEQUENCES} push numbers; delete old groups first.")


def check_application(name: str, *, max_length: int = 64) -> str:
    """The name if an application may be called so; else raises NamingError."""
    _check("application", name, _PLAIN, "letters, digits, '.' and '_'", max_length)
    if not name:
        raise NamingError("The application needs a name.")
    return name


def check_stack(stack: str, *, max_length: int = 64) -> str:
    """The stack if the grammar allows it (empty is allowed); else raises NamingError."""
    return _check("stack", stack, _PLAIN, "letters, digits, '.' and '_'", max_length)


def check_detail(detail: str, *, max_length: int = 96) -> str:
    """The detail if the grammar allows it (empty is allowed); else raises NamingError."""
    return _check("detail", detail, _DETAIL, "letters, digits, '.', '_' and '-'", max_length)


def _check(part: str, text: str, allowed: re.Pattern[str], words: str, max_length: int) -> str:
    if text and not allowed.fullmatch(text):
        raise NamingError(f"The {part} {text!r} may hold {words} only.")
    if len(text) > max_length:
        raise NamingError(f"The {part} is {len(text)} characters long; {max_length} are allowed.")
    if part != "application" and _ENDS_AS_PUSH.search(text):
        raise NamingError(f"The {part} {text!r} may not end like a push number (v and three digits).")
    return text


def _is_well_formed(app: str, stack: str, detail: str) -> bool:
    return bool(
        _PLAIN.fullmatch(app)
        and (not stack or _PLAIN.fullmatch(stack))
        and (not detail or _DETAIL.fullmatch(detail))
        # a second push number below the first would make a cluster that parses as a group of another one
        and not (_ENDS_AS_PUSH.search(detail) if detail else _ENDS_AS_PUSH.search(stack))
    )
