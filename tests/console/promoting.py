"""Promotions in rows, as services and steps would have left them: for pages and documents."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.images.models import Promotion
from apps.images.promotion.plan import granting
from apps.inventory.models import Environment
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import ENDED, RunState, StepState

REGION = "us-east-1"
EVIDENCE: dict[str, Any] = {
    "build": {
        "id": 7,
        "says": "api 4.2.0 (build 7)",
        "commit": "0123abc",
        "number": "7",
        "url": "https://ci.example/7",
        "gates": [
            {"name": "unit", "outcome": "passed", "url": "https://ci.example/7/unit", "says": "12 passed"},
            {"name": "regression", "outcome": "failed", "url": "", "says": ""},
        ],
    },
    "bake": {"id": 3, "by": "maria", "base_image": "ami-0ba5e", "ended_at": "2026-11-27T10:00:00+00:00"},
    "manifest": {
        "packages": 212,
        "files": 31,
        "lost": 0,
        "sha256": "0" * 64,
        "recorded_at": "2026-11-27T10:00:00+00:00",
    },
    "serves": [
        {
            "group": "api-test-v012",
            "region": REGION,
            "does": "serves",
            "instances": 2,
            "since": "2026-11-27T11:00:00+00:00",
            "read_at": "2026-11-28T11:00:00+00:00",
        }
    ],
}


def promotion(
    source: Environment, target: Environment, image: str = "ami-00000000000000001", state: str = RunState.SUCCEEDED
) -> Promotion:
    """One of an AMI with one snapshot, in a state of its run."""
    images = [{"region": REGION, "image_id": image, "snapshots": ["snap-0123456789abcdef0"]}]
    ended, now = state in ENDED, timezone.now()
    run = Run.objects.create(
        kind="promotion",
        subject=f"api 4.2.0 to {target.name}",
        actor="maria",
        state=state,
        position=1,
        says="" if ended else "The launch permission is being changed.",
        due_at=None,
        started_at=now,
        ended_at=now if ended else None,
    )
    for position, planned in enumerate(granting(images, source.name, target.name)):
        here = position == 1 and not ended
        step = Step.objects.create(
            run=run,
            position=position,
            kind=planned.kind,
            title=planned.title,
            params=dict(planned.params),
            changes=list(planned.changes),
            state=StepState.DONE if ended or not position else StepState.RUNNING if here else StepState.PENDING,
            started_at=now if ended or position < 2 else None,
            ended_at=now if ended or not position else None,
        )
        Attempt.objects.create(step=step, phase="forward", worker="w1", looks=1, says="")
    return Promotion.objects.create(
        image_id=image,
        images=images,
        application="api",
        version="4.2.0",
        source=source,
        target=target,
        run=run,
        tags={"version": "4.2.0"},
        evidence=EVIDENCE,
        actor="maria",
        reason="it served for a week",
    )
