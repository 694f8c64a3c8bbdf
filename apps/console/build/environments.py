"""The page of environments from rows: a line a region, and each failure once, wherever it was met."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from apps.console.pages.common import State
from apps.console.pages.environments import EnvironmentLine, EnvironmentsPage, Failure, KindLine, RegionLine
from apps.inventory.models import Environment, SyncState

Reads = Mapping[str, SyncState]  # of one region, by kind

# What is another word from call to call and from region to region, though it failed by the same.
_VARIES = re.compile(r"\b(?:[a-z0-9-]+:)?(?:Describe|Get|List)[A-Z]\w*|\b[a-z]{2}(?:-[a-z]+)+-\d\b|https?://\S+")

# What is said of a failure by the first of these that is found in it, in this order.
MENDS = (
    (
        ("AssumeRole",),
        (
            "The role cannot be assumed: its trust policy must name the console's own credentials, and the external id "
            "where one is set. docs/how-to/connect-an-account.md has it."
        ),
    ),
    (
        ("not authorized", "AccessDenied", "UnauthorizedOperation", "explicit deny"),
        "The role lacks a permission to read: give it those of docs/reference/iam.md.",
    ),
    (
        ("no usable credentials", "security token", "InvalidClientTokenId", "signature", "expired"),
        "The console's own credentials are missing or no longer valid: renew them where it runs.",
    ),
    (
        ("no answer", "could not be read"),
        "AWS cannot be reached from where the console runs: look at its network, proxy and AWS_ENDPOINT_URL.",
    ),
    (
        ("Rate exceeded", "Throttl", "RequestLimitExceeded"),
        "AWS asks to slow down. If it lasts, something else in that account makes many calls.",
    ),
)
AGAIN = "It is tried again by itself, every round."


def environments_page(rows: Iterable[Environment], states: Iterable[SyncState]) -> EnvironmentsPage:
    """`states` are the last reads of all of them."""
    rows = list(rows)
    reads: dict[tuple[int, str], dict[str, SyncState]] = defaultdict(dict)
    for state in states:
        reads[state.environment_id, state.region][state.kind] = state
    shown = [state for row in rows for region in row.regions for _, state in sorted(reads[row.pk, region].items())]
    return EnvironmentsPage(tuple(_environment(row, reads) for row in rows), tuple(_failures(shown)))


def _environment(row: Environment, reads: Mapping[tuple[int, str], Reads]) -> EnvironmentLine:
    return EnvironmentLine(
        name=row.name,
        production=row.production,
        description=row.description,
        account=row.account_id,
        role=row.role_arn,
        images_from=row.images_from,
        regions=tuple(_region(region, reads[row.pk, region]) for region in row.regions),
    )


def _region(name: str, reads: Reads) -> RegionLine:
    kinds = tuple(_kind(kind, reads.get(kind)) for kind in SyncState.Kind.values)
    times = [kind.read_at for kind in kinds if kind.read_at]
    oldest = min(times) if len(times) == len(kinds) else None
    return RegionLine(name, _state(kinds), oldest, kinds)


def _kind(name: str, read: SyncState | None) -> KindLine:
    return KindLine(name, read.succeeded_at if read else None, bool(read and read.error))


def _state(kinds: Sequence[KindLine]) -> State:
    failed = [kind.name for kind in kinds if kind.failed]
    if len(failed) == len(kinds):
        return State("fail", "not read")
    if failed:
        return State("fail", f"not read: {', '.join(failed)}")
    return State("serve", "read") if all(kind.read_at for kind in kinds) else State("move", "being read")


def _failures(states: Iterable[SyncState]) -> Iterable[Failure]:
    """Those alike together, in the order in which they come."""
    alike: dict[str, list[SyncState]] = defaultdict(list)
    for state in states:
        if state.error:
            alike[_VARIES.sub("", state.error)].append(state)
    for found in alike.values():
        kinds = list(dict.fromkeys(state.kind for state in found))
        of_all = len(kinds) == len(SyncState.Kind.values)
        says = f"{found[0].error.rstrip('.')}."
        yield Failure(says, _where(found), "everything" if of_all else ", ".join(kinds), mend(says))


def _where(states: Iterable[SyncState]) -> str:
    """As "prod in eu-west-1 and us-east-1; test in us-east-1"."""
    regions: dict[str, dict[str, None]] = defaultdict(dict)
    for state in states:
        regions[state.environment.name][state.region] = None
    return "; ".join(f"{name} in {' and '.join(known)}" for name, known in regions.items())


def mend(error: str) -> str:
    """What to do about a failed read, in a sentence or two."""
    return next((told for words, told in MENDS if any(word in error for word in words)), AGAIN)
