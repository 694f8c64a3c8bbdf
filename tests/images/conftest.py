"""A kitchen on the lite cloud; that what steps call is what they declare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.cloud.aws.observe import observe
from apps.cloud.values import CallRecord
from apps.images.steps.base import BakeStep
from apps.images.steps.promoting import PromotionStep
from apps.localcloud.launch import RunningCloud
from apps.workflows.context import Context
from tests.cloud_fixture import new_place
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud
from tests.images.kitchen import Kitchen, furnish
from tests.images.shop import Shop, open_shop

__all__ = ["aws", "cloud"]


@pytest.fixture
def kitchen(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Kitchen:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "service.py").write_text("")
    return furnish(new_place(aws), tmp_path / "base")


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a step calls on AWS, in any of these tests, is among the calls that its kind declares."""
    undeclared: set[tuple[str, str]] = set()

    def watch(kind: Any) -> None:
        real = kind._carry_out

        def watched(self: Any, context: Context, *args: Any) -> Any:
            def note(call: CallRecord) -> None:
                if call.action not in self.calls:
                    undeclared.add((self.slug, call.action))

            with observe(note):
                return real(self, context, *args)

        monkeypatch.setattr(kind, "_carry_out", watched)

    for kind in (BakeStep, PromotionStep):
        watch(kind)
    yield
    assert not undeclared, f"calls that no step kind declares: {sorted(undeclared)}"


@pytest.fixture
def granted(kitchen: Kitchen) -> Callable[..., None]:
    """Lets the console's role do all but one action from now on."""

    def grant(*, without: str) -> None:
        iam = kitchen.place.client("iam")
        iam.create_role(
            RoleName="console", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []})
        )
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        deny = {"Effect": "Deny", "Action": without, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
        iam.put_role_policy(RoleName="console", PolicyName="console", PolicyDocument=document)

    return grant


@pytest.fixture
def shop(kitchen: Kitchen, aws: RunningCloud) -> Shop:
    """Two accounts, one of which has an AMI that the other may be given."""
    return open_shop(kitchen, new_place(aws))
