"""Brings rows to what a read said, writing only what changed, and never over a newer read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.inventory.models import Environment, Synced

Fields = Mapping[str, Any]  # column to value, as the model has them
BATCH = 500
OF_EVERY_ROW = ("read_at", "digest", "gone_at")


@dataclass(frozen=True)
class Read:
    """One read of one kind: what it found, by key, and which rows it would have found if they still existed.

    `covers` selects those rows (all of the region, unless given); keys in `keep` are never marked gone by this read.
    `touch` writes its time to unchanged rows as well, so that an older read that ends later cannot change them.
    """

    environment: Environment
    region: str
    began: datetime
    found: Mapping[str, Fields]
    covers: Q = field(default_factory=Q)
    keep: Collection[str] = ()
    touch: bool = False


def reconcile(model: type[Synced], read: Read) -> int:
    """The number of rows written. Call within `locks.writing`."""
    key = model.KEY
    rows = model.objects.filter(environment=read.environment, region=read.region)
    rows = rows.filter(read.covers | Q(**{f"{key}__in": list(read.found)})) if read.covers else rows
    known = {row[0]: row[1:] for row in rows.values_list(key, "pk", "digest", "read_at", "gone_at")}
    changed: list[Synced] = []
    unchanged: list[int] = []
    for name, fields in read.found.items():
        pk, digest, read_at, gone_at = known.get(name, (None, "", None, None))
        if read_at is not None and read_at > read.began:
            continue
        new = digest_of(fields)
        if new == digest and gone_at is None:
            unchanged.append(pk)
        else:
            changed.append(_row(model, read, name, fields, new))
    _write(model, read, changed)
    gone = [
        pk
        for name, (pk, _, read_at, gone_at) in known.items()
        if gone_at is None and name not in read.found and name not in read.keep and read_at <= read.began
    ]
    _mark_gone(model, read, gone)
    if read.touch and unchanged:
        model.objects.filter(pk__in=unchanged).update(read_at=read.began)
    return len(changed) + len(gone)


def digest_of(fields: Fields) -> str:
    """32 characters that differ when any field differs."""
    text = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _row(model: type[Synced], read: Read, name: str, fields: Fields, digest: str) -> Synced:
    return model(
        environment=read.environment,
        region=read.region,
        read_at=read.began,
        digest=digest,
        gone_at=None,
        **{model.KEY: name},
        **fields,
    )


def _write(model: type[Synced], read: Read, rows: list[Synced]) -> None:
    if not rows:
        return
    example = next(iter(read.found.values()))
    model.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["environment", "region", model.KEY],
        update_fields=[*example, *OF_EVERY_ROW],
    )


def _mark_gone(model: type[Synced], read: Read, pks: list[int]) -> None:
    if pks:
        model.objects.filter(pk__in=pks).update(gone_at=read.began, read_at=read.began)
