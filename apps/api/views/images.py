"""AMIs: what is in them, where they are used and who may launch them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.api.serializers.images import ImageSerializer
from apps.api.views.placed import Placed
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


def _used(rows: Sequence[Image]) -> Sequence[Any]:
    """Tells each its uses, and its rows in all environments."""
    ids = {row.image_id for row in rows}
    uses, known = image_use.uses(ids), image_use.known_in(ids)
    found: Sequence[Any] = rows
    for row in found:
        row.uses, row.known_in = uses[row.image_id], known[row.image_id]
    return found
