"""AMIs: what is in them, where they are used and who may launch them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.serializers.image_diff import Against, CommitsSerializer, ImageDiffSerializer
from apps.api.serializers.images import ImageSerializer
from apps.api.serializers.janitor import WhereUsedSerializer
from apps.api.views.placed import Placed
from apps.images.selectors.diff import ImageDiff, image_diff
from apps.images.selectors.janitor import where_used
from apps.images.services.compare import commits_of
from apps.inventory.filters import ImageFilter
from apps.inventory.models import Image
from apps.inventory.selectors import image_use, lists


class Images(Placed):
    """AMIs, newest first: what their tags say of the software inside, who uses them, and which environments may."""

    queryset = lists.images()
    ordering = ("-created_at", "image_id", "id")
    key = "image_id"
    serializer_class = ImageSerializer
    filterset_class = ImageFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        """Three queries more for all images of the page."""
        return _used(super().paginate_queryset(queryset) or ())

    def get_object(self) -> Any:
        """With the same."""
        return _used([super().get_object()])[0]

    def known_parameters(self) -> set[str]:
        return set(Against().fields) if self.action in {"diff", "commits"} else super().known_parameters()

    @extend_schema(operation_id="images_diff", parameters=[Against], responses=ImageDiffSerializer)
    @action(methods=["get"], detail=True)
    def diff(self, request: Request, environment: str, region: str, name: str) -> Response:
        """What differs from another AMI: attributes, base image, packages, configuration files."""
        return Response(ImageDiffSerializer(self._compared(request)).data)

    @extend_schema(operation_id="images_diff_commits", parameters=[Against], responses=CommitsSerializer)
    @action(methods=["get"], detail=True)
    def commits(self, request: Request, environment: str, region: str, name: str) -> Response:
        """The commits between another AMI and this one, with the tickets that they name.

        They are read from the repository that the application's recipe names, which may take some seconds.
        """
        return Response(CommitsSerializer(commits_of(self._compared(request))).data)

    @extend_schema(operation_id="images_use", responses=WhereUsedSerializer)
    @action(methods=["get"], detail=True)
    def use(self, request: Request, environment: str, region: str, name: str) -> Response:
        """What uses it, in every environment; when it was last used, and whether the janitor has marked it."""
        used = where_used(super().get_object())
        return Response(WhereUsedSerializer(used, context=self.get_serializer_context()).data)

    def _compared(self, request: Request) -> ImageDiff:
        """Raises NotFound for an AMI that is not there, ValidationError for one to compare with that nobody knows."""
        asked = Against(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        against = asked.validated_data["against"]
        found = image_diff(against, super().get_object().image_id)
        if not found.before.known:
            raise ValidationError({"against": [f"There is no AMI {against}."]})
        return found


def _used(rows: Sequence[Image]) -> Sequence[Any]:
    """Tells each its uses, and its rows in all environments."""
    ids = {row.image_id for row in rows}
    uses, known = image_use.uses(ids), image_use.known_in(ids)
    found: Sequence[Any] = rows
    for row in found:
        row.uses, row.known_in = uses[row.image_id], known[row.image_id]
    return found
