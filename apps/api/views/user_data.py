"""User data templates of applications: what everybody may know of them, and the texts, for operators and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiView, ApiViewSet
from apps.api.conditional import unchanged
from apps.api.serializers.user_data import (
    ChangedUserDataSerializer,
    ReadUserDataInput,
    RenderedSerializer,
    RenderInput,
    UserDataChange,
    UserDataSerializer,
    UserDataTextSerializer,
    UserDataVersionSerializer,
)
from apps.api.views.deployments import bounded
from apps.deployments import services as deployments
from apps.deployments.models import Deployment
from apps.inventory import services
from apps.inventory.models import Application, UserData
from apps.inventory.selectors import user_data as selectors
from apps.inventory.services.user_data_templates import digest
from apps.inventory.user_data import Template, Unrenderable
from apps.inventory.user_data.leaks import suspects

NONE = "There is no such version of its user data."


class UserDataTemplates(ApiViewSet):
    """What instances of an application are told when they start."""

    tag = "applications"
    required_role = Role.ADMINISTRATOR
    serializer_class = UserDataSerializer
    queryset = UserData.objects.all()

    @extend_schema(operation_id="applications_user_data", responses=UserDataSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        """The version that holds, without its text; 404 while nobody has written one."""
        application = get_object_or_404(Application, name=name)
        shown = self._shown(application)
        if not shown:
            raise Http404(f"{name} has no user data template.")
        return Response(shown)

    @extend_schema(operation_id="applications_user_data_change", request=UserDataChange, responses=UserDataSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Writes the next version: what is given is changed, the rest taken over. Pushes from then on use it."""
        application = get_object_or_404(Application, name=name)
        given = self.read_body(UserDataChange)
        reason = given.pop("reason")
        rows = Application.objects.filter(pk=application.pk)
        with unchanged(request, rows, lambda: self.digest_of(self._shown(application))):
            services.set_user_data(name, given, actor=self.acting_user.username, reason=reason)
        return Response(self._shown(application))

    def digest_of(self, answer: Any) -> str:
        """A version never changes: its number says it all."""
        return f"version-{answer['version'] if answer else 0}"

    def _shown(self, application: Application) -> dict[str, Any]:
        row = selectors.newest(application.name)
        if row is None:
            return {}
        template = selectors.as_template(row)
        row.warnings = suspects(template)  # type: ignore[attr-defined]  # for the serializer
        row.places = list(_places(template, application)) if row.text else []  # type: ignore[attr-defined]
        return dict(self.get_serializer(row).data)


class UserDataVersions(mixins.ListModelMixin, ApiViewSet):
    """Every version that was written, newest first, without the texts."""

    tag = "applications"
    serializer_class = UserDataVersionSerializer
    queryset = UserData.objects.select_related("application")
    ordering = ("-number",)

    def get_queryset(self) -> QuerySet[UserData]:
        rows: QuerySet[UserData] = super().get_queryset()
        return rows.filter(application__name=self.kwargs["name"]) if "name" in self.kwargs else rows

    @extend_schema(operation_id="applications_user_data_versions")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every version, newest first, without the texts."""
        get_object_or_404(Application, name=kwargs["name"])
        return super().list(request, *args, **kwargs)


class UserDataTexts(ApiViewSet):
    """Reading the texts: for operators, each look recorded."""

    tag = "applications"
    serializer_class = UserDataTextSerializer
    queryset = UserData.objects.all()
    secret_fields = ("text", "variables")

    @extend_schema(
        operation_id="applications_user_data_read", request=ReadUserDataInput, responses=UserDataTextSerializer
    )
    def read(self, request: Request, name: str) -> Response:
        """A version as it was written, with its variables."""
        application = get_object_or_404(Application, name=name)
        number = self.read_body(ReadUserDataInput)["version"]
        try:
            row = services.read_user_data(application, number, actor=self.acting_user.username)
        except UserData.DoesNotExist as error:
            raise NotFound(NONE) from error
        return Response(UserDataTextSerializer(row).data)

    @extend_schema(operation_id="applications_user_data_render", request=RenderInput, responses=RenderedSerializer)
    def render(self, request: Request, name: str) -> Response:
        """The user data that a group of one of its clusters would get."""
        application = get_object_or_404(Application, name=name)
        given = self.read_body(RenderInput)
        spot = selectors.spot(application, given["environment"], given["region"], given["cluster"])
        if spot is None:
            raise ValidationError({"cluster": [f"{name} has no such cluster in that environment and region."]})
        try:
            made = services.render_user_data(
                application,
                spot,
                actor=self.acting_user.username,
                number=given["version"],
                image=given["image"],
            )
        except UserData.DoesNotExist as error:
            raise NotFound(NONE) from error
        except Unrenderable as error:
            raise ValidationError({"version": list(error.problems)}) from error
        return Response(RenderedSerializer(made).data)


class DeploymentUserData(ApiView):
    """What a deployment changed of the user data: for operators, each look recorded."""

    tag = "deployments"
    secret_fields = ("before", "after")

    @extend_schema(operation_id="deployments_user_data", request=None, responses=ChangedUserDataSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """What a deployment changed of the user data; 404 where it left it as it was."""
        try:
            texts = deployments.user_data_of(bounded(pk), actor=self.acting_user.username)
        except Deployment.DoesNotExist as error:
            raise NotFound("There is no such deployment.") from error
        if texts is None:
            raise NotFound("It left the user data as it was.")
        return Response(ChangedUserDataSerializer(texts).data)


def _places(template: Template, application: Application) -> Iterator[dict[str, Any]]:
    for spot in selectors.spots(application):
        place = {"environment": spot.environment, "region": spot.region, "cluster": spot.cluster}
        try:
            text = template.render(spot.identity)
        except Unrenderable as error:
            yield {**place, "bytes": None, "digest": "", "problem": str(error)}
        else:
            yield {**place, "bytes": len(text.encode()), "digest": digest(text), "problem": ""}
