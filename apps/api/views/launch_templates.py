"""Launch templates, and what differs between two versions of one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.serializers.live import Compared, VersionsSerializer
from apps.api.serializers.placed import LaunchTemplateSerializer
from apps.api.views.placed import Placed
from apps.inventory.filters import LaunchTemplateFilter
from apps.inventory.selectors import lists
from apps.inventory.services.template_versions import versions_of


class LaunchTemplates(Placed):
    """Launch templates with the numbers of their default and latest version."""

    queryset = lists.launch_templates()
    ordering = ("name", "id")
    key = "template_id"
    serializer_class = LaunchTemplateSerializer
    filterset_class = LaunchTemplateFilter

    def known_parameters(self) -> set[str]:
        return set(Compared().fields) if self.action == "versions" else super().known_parameters()

    @extend_schema(operation_id="launch_templates_versions", parameters=[Compared], responses=VersionsSerializer)
    @action(methods=["get"], detail=True)
    def versions(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Its versions as AWS has them now, the groups that launch each, and what differs between two of them."""
        asked = Compared(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = versions_of(self.get_object(), **asked.validated_data)
        missing = {each: number for each, number in asked.validated_data.items() if not found.has(number)}
        if missing:
            raise ValidationError({each: [f"There is no version {number}."] for each, number in missing.items()})
        return Response(VersionsSerializer(found, context=self.get_serializer_context()).data)
