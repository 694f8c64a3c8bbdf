"""Applications: who answers for what."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiViewSet
from apps.api.conditional import unchanged
from apps.api.problems import NotPossibleNow
from apps.api.serializers.applications import ApplicationChange, ApplicationInput, ApplicationSerializer
from apps.inventory import services
from apps.inventory.filters import ApplicationFilter
from apps.inventory.models import Application
from apps.inventory.selectors.lists import applications


class Applications(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Applications, registered or found by their groups' names."""

    required_role = Role.ADMINISTRATOR
    queryset = applications()
    ordering = ("name",)
    serializer_class = ApplicationSerializer
    change_class = ApplicationChange
    lookup_field = "name"
    filterset_class = ApplicationFilter

    @extend_schema(request=ApplicationInput, responses={201: ApplicationSerializer})
    def create(self, request: Request) -> Response:
        """Registers an application, or claims one that was only found."""
        given = self.read_body(ApplicationInput)
        row = services.create_application(actor=self.acting_user.username, **given)
        data = self._shown(row.name)
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=ApplicationChange, responses=ApplicationSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Changes the given fields."""
        given = self.read_body(ApplicationChange)
        try:
            rows = Application.objects.filter(name=name)
            with unchanged(request, rows, lambda: self.digest_of(self._shown(name))):
                services.update_application(name, actor=self.acting_user.username, **given)
        except Application.DoesNotExist as error:
            raise Http404(f"There is no application {name}.") from error
        return Response(self._shown(name))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:
        """Forgets an application that runs nowhere."""
        try:
            services.delete_application(name, actor=self.acting_user.username)
        except Application.DoesNotExist as error:
            raise Http404(f"There is no application {name}.") from error
        except ValidationError as error:
            raise NotPossibleNow(" ".join(error.messages)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, name: str) -> dict[str, Any]:
        return dict(self.get_serializer(self.get_queryset().get(name=name)).data)
