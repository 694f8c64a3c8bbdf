"""How deployments, and what undoes them, are asked for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.base import Choice, Flag, StrictSerializer, Text
from apps.deployments import operations, strategies
from apps.workflows.states import Decision, OnFailure


class Options(serializers.DictField):
    """A strategy's options. Their names, types and ranges are checked by the strategy that declares them."""


class StrategySlug(Text):
    """The slug of a registered strategy."""


class Codes(serializers.ListField):
    """Codes of findings that refuse, and shall not."""

    def __init__(self, **kwargs: Any) -> None:
        words = "Codes of overridable findings that shall not stop it; needs a reason, and is recorded with it."
        super().__init__(child=Text(max_length=64), default=list, max_length=20, help_text=words, **kwargs)


class Queue(Flag):
    """Whether to wait for one's turn."""

    def __init__(self, **kwargs: Any) -> None:
        words = "Where the cluster is busy, wait for its turn; the plan is made then. Otherwise that is 409."
        super().__init__(default=False, help_text=words, **kwargs)


class DeploymentInput(StrictSerializer):
    """A push to be made."""

    environment = Text(max_length=64)
    region = Text(max_length=32)
    cluster = Text(max_length=255)
    image = Text(max_length=64, help_text="Id of an AMI that this account may launch in this region.")
    strategy = StrategySlug(max_length=64, default="red-black")
    options = Options(default=dict)
    reason = Text(max_length=1000, allow_blank=True, default="")
    overrides = Codes()
    queue = Queue()
    on_failure = Choice(
        OnFailure.choices, default=OnFailure.UNDO, help_text="What a failed step does: undo everything, or ask first."
    )
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class ChangeOptions(serializers.DictField):
    """An operation's options. Their names, types and ranges are checked by the operation that declares them."""


class OperationSlug(Text):
    """The slug of a registered operation."""


class ChangeInput(StrictSerializer):
    """A change of one group by hand."""

    operation = OperationSlug(max_length=64)
    options = ChangeOptions(default=dict)
    reason = Text(max_length=1000, allow_blank=True, default="")
    overrides = Codes()
    queue = Queue()
    on_failure = Choice(
        OnFailure.choices, default=OnFailure.UNDO, help_text="What a failed step does: undo everything, or ask first."
    )
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class UndoInput(StrictSerializer):
    """Cancels."""

    reason = Text(max_length=1000, allow_blank=True, default="")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class RollbackInput(UndoInput):
    """Rolls back."""

    overrides = Codes()
    queue = Queue()


class DecideInput(UndoInput):
    """Carries out one of a deployment's choices."""

    choice = Choice(Decision.choices, help_text="One of those that `choices/` calls possible.")


class OverrideInput(StrictSerializer):
    """Overrides the traffic guard for a deployment under way."""

    reason = Text(max_length=1000)
    overrides = Codes()


class ResumeInput(StrictSerializer):
    """Goes on with what asked for a person."""

    reason = Text(max_length=1000, allow_blank=True, default="")


class OptionsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the strategies' option declarations, never listed by hand."""

    target_class = Options

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        known = [{"title": slug, **strategy.schema} for slug, strategy in strategies.all().items()]
        return known[0] if len(known) == 1 else {"anyOf": known}


class ChangeOptionsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the operations' option declarations."""

    target_class = ChangeOptions

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"anyOf": [{"title": slug, **operation.schema} for slug, operation in operations.all().items()]}


class OperationSlugSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = OperationSlug

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(operations.all())}


class StrategySlugSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = StrategySlug

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(strategies.all())}
