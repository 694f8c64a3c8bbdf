"""Previews for the page: findings with the mark of their weight."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from apps.deployments.errors import Finding
from apps.deployments.requests import Preview, PushRequest

KINDS = {"refuse": "fail", "warn": "attend", "note": "rest"}


@dataclass(frozen=True)
class Found:
    """A finding as a notice."""

    kind: str
    text: str


def findings_of(preview: Preview) -> list[Found]:
    """The heaviest first."""
    order = list(KINDS)
    return [_found(each) for each in sorted(preview.findings, key=lambda each: order.index(each.level))]


def _found(finding: Finding) -> Found:
    return Found(KINDS[finding.level], finding.text)


def leaves_no_way_back(preview: Preview) -> bool:
    """Whether the plan deletes the group that serves now."""
    return any(step.irreversible and step.params.get("group") == preview.from_group for step in preview.steps)


def fingerprint(request: PushRequest, preview: Preview) -> str:
    """A short text that is the same only while what was asked, and what it would do to which groups, is the same."""
    asked = [request.environment, request.region, request.cluster, request.image, request.strategy]
    would = [preview.from_group, preview.to_group, preview.from_image, preview.from_size, preview.to_size]
    told = json.dumps([asked, dict(request.options), would], sort_keys=True, default=str)
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
