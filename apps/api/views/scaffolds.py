"""Scaffolding: what a cluster of an application needs on AWS, made and removed."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.refusals import told
from apps.api.serializers.scaffolds import RemovalInput, ScaffoldInput, ScaffoldPartSerializer
from apps.api.views.deployments import ACCEPTED, Deployments, previewed
from apps.deployments import selectors, services
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest
from apps.inventory.models import Application


class Scaffolds(Deployments):
    """What scaffolding made for an application; making it, and removing it, are deployments."""

    required_role = Role.ADMINISTRATOR
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="applications_scaffold_parts", responses=ScaffoldPartSerializer(many=True))
    @action(methods=["get"], detail=True)
    def parts(self, request: Request, name: str) -> Response:
        """All that was made and not removed, in every environment, oldest first."""
        _known(name)
        return Response(ScaffoldPartSerializer(selectors.scaffolded_of(name), many=True).data)

    @extend_schema(operation_id="applications_scaffold", request=ScaffoldInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def scaffold(self, request: Request, name: str) -> Response:
        """Makes what is missing. Answers 200 with the plan where nothing is, and with `dry_run`."""
        given = self.read_body(ScaffoldInput)
        dry_run = given.pop("dry_run")
        if not dry_run:
            _known(name)
        wanted = ScaffoldRequest(name, **given)
        with told():
            made = None if dry_run else services.scaffold(wanted, actor=self.acting_user.username)
            return self.accepted(made) if made else previewed(services.preview_scaffold(wanted))

    @extend_schema(operation_id="applications_scaffold_remove", request=RemovalInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def remove(self, request: Request, name: str) -> Response:
        """Removes what was made, once nothing serves by it. With `dry_run`, answers 200 with what would be done."""
        _known(name)
        given = self.read_body(RemovalInput)
        dry_run = given.pop("dry_run")
        wanted = RemovalRequest(name, **given)
        with told():
            if dry_run:
                return previewed(services.preview_removal(wanted))
            return self.accepted(services.remove_scaffold(wanted, actor=self.acting_user.username))


def _known(name: str) -> None:
    if not Application.objects.filter(name=name).exists():
        raise Http404(f"There is no application {name}.")
