"""Deployments: asking for a push, following it, undoing it."""

from __future__ import annotations

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import ids
from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.asked import (
    DecideInput,
    DeploymentInput,
    OverrideInput,
    ResumeInput,
    RollbackInput,
    UndoInput,
)
from apps.api.serializers.deployments import ChoiceSerializer, DeploymentDetailSerializer, DeploymentSerializer
from apps.api.serializers.previews import PreviewSerializer
from apps.deployments import selectors, services
from apps.deployments.filters import DeploymentFilter
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview, PushRequest
from apps.events.selectors import of_run
from apps.workflows import selectors as workflows

ACCEPTED = {202: DeploymentDetailSerializer, 200: PreviewSerializer}
bounded = partial(ids.bounded, Deployment.DoesNotExist)


class Deployments(mixins.ListModelMixin, ApiViewSet):
    """Pushes, rollbacks and clean-ups, newest first."""

    queryset = selectors.deployments()
    serializer_class = DeploymentSerializer
    detail_class = DeploymentDetailSerializer
    filterset_class = DeploymentFilter
    lookup_value_converter = "int"

    @extend_schema(responses=DeploymentDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One deployment: its state, its steps, what it waits for, and what happened. Poll it with If-None-Match."""
        return Response(self.shown(pk))

    @extend_schema(request=DeploymentInput, responses=ACCEPTED)
    def create(self, request: Request) -> Response:
        """Pushes an image to a cluster. With `dry_run`, answers 200 with what would be done instead."""
        given = self.read_body(DeploymentInput)
        dry_run = given.pop("dry_run")
        wanted = PushRequest(**given)
        with told():
            if dry_run:
                return previewed(services.preview_push(wanted))
            return self.accepted(services.push(wanted, actor=self.acting_user.username))

    @extend_schema(request=UndoInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def cancel(self, request: Request, pk: int) -> Response:
        """Stops a running deployment and undoes what it did."""
        given = self.read_body(UndoInput)
        with told():
            if given["dry_run"]:
                return previewed(services.preview_cancel(bounded(pk)))
            return self.accepted(services.cancel(bounded(pk), actor=self.acting_user.username, reason=given["reason"]))

    @extend_schema(request=RollbackInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def rollback(self, request: Request, pk: int) -> Response:
        """Goes back to the group that served before: a running push is undone, an ended one rolled back anew."""
        return self.roll_back(pk)

    @extend_schema(request=ResumeInput, responses={202: DeploymentDetailSerializer})
    @action(methods=["post"], detail=True)
    def resume(self, request: Request, pk: int) -> Response:
        """Goes on with a deployment that needs a person."""
        given = self.read_body(ResumeInput)
        with told():
            return self.accepted(services.resume(bounded(pk), actor=self.acting_user.username, **given))

    @extend_schema(request=OverrideInput, responses={202: DeploymentDetailSerializer})
    @action(methods=["post"], detail=True)
    def override(self, request: Request, pk: int) -> Response:
        """Lets it go on against the traffic guard: the codes that hold it now, unless others are named."""
        given = self.read_body(OverrideInput)
        actor = self.acting_user.username
        with told():
            return self.accepted(
                services.override(bounded(pk), given["overrides"], actor=actor, reason=given["reason"])
            )

    @extend_schema(responses=ChoiceSerializer(many=True))
    @action(methods=["get"], detail=True, pagination_class=None, filter_backends=[])  # all of them, always
    def choices(self, request: Request, pk: int) -> Response:
        """What may be decided about it now, and where a choice is not possible, why; nothing once it has ended."""
        with told():
            row = selectors.detail(bounded(pk))
        return Response([ChoiceSerializer(choice).data for choice in workflows.choices(row.run)])

    @extend_schema(request=DecideInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def decide(self, request: Request, pk: int) -> Response:
        """Carries out one of its choices. With `dry_run`, answers 200 with what that would do instead."""
        given = self.read_body(DecideInput)
        with told():
            if given.pop("dry_run"):
                return previewed(services.preview_choice(bounded(pk), given["choice"]))
            return self.accepted(services.decide(bounded(pk), actor=self.acting_user.username, **given))

    def roll_back(self, pk: int) -> Response:
        """Previews or does what goes back to the group before."""
        given = self.read_body(RollbackInput)
        dry_run = given.pop("dry_run")
        with told():
            if dry_run:
                return previewed(services.preview_rollback(bounded(pk), given["overrides"], queue=given["queue"]))
            return self.accepted(services.rollback(bounded(pk), actor=self.acting_user.username, **given))

    def accepted(self, deployment: Deployment) -> Response:
        """202 with the deployment itself, and where to follow it."""
        data = self.shown(deployment.pk)
        return Response(data, status.HTTP_202_ACCEPTED, headers={"Location": data["url"]})

    def shown(self, pk: int) -> dict[str, Any]:
        """A deployment in full: 5 queries, however many steps and events."""
        with told():
            row = selectors.detail(bounded(pk))
        context = {**self.get_serializer_context(), "events": of_run(row.run_id)}
        return dict(DeploymentDetailSerializer(row, context=context).data)


def previewed(preview: Preview) -> Response:
    return Response(PreviewSerializer(preview).data)
