"""Recipes of applications, and the ways to install a package that they may name."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiView, ApiViewSet
from apps.api.conditional import unchanged
from apps.api.refusals import told
from apps.api.serializers.recipes import ProvisionerSerializer, RecipeChange, RecipeSerializer
from apps.images import provisioners, selectors, services
from apps.images.models import Recipe
from apps.inventory.models import Application


class Recipes(ApiViewSet):
    """How an application's package becomes an AMI."""

    tag = "applications"
    required_role = Role.ADMINISTRATOR
    serializer_class = RecipeSerializer
    change_class = RecipeChange
    queryset = Recipe.objects.all()

    @extend_schema(operation_id="applications_recipe", responses=RecipeSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        """The recipe of an application; 404 while it has none."""
        shown = self._shown(name)
        if not shown:
            raise Http404(f"{name} has no recipe, or is not known.")
        return Response(shown)

    @extend_schema(operation_id="applications_recipe_change", request=RecipeChange, responses=RecipeSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Changes the given settings of the recipe, or gives an application its first one."""
        rows = Application.objects.filter(name=name)
        if not rows.exists():
            raise Http404(f"There is no application {name}.")
        given = self.read_body(RecipeChange)
        reason = given.pop("reason", "")
        with told(), unchanged(request, rows, lambda: self.digest_of(self._shown(name))):
            services.set_recipe(name, given, actor=self.acting_user.username, reason=reason)
        return Response(self._shown(name))

    def _shown(self, name: str) -> dict[str, Any]:
        row = selectors.recipe_of(name)
        return dict(self.get_serializer(row).data) if row else {}


class Provisioners(ApiView):
    """The ways to install a package that a recipe may name."""

    tag = "bakes"

    @extend_schema(operation_id="provisioners_list", responses=ProvisionerSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([ProvisionerSerializer(each).data for each in provisioners.all().values()])
