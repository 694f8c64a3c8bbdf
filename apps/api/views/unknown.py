"""What is not there, said as a problem and not as a page."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.api.base import ApiView


class UnknownUrl(ApiView):
    """Any method on a URL that the API does not have. Open: there is nothing behind it."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        hint = "" if request.path.endswith("/") else " Every URL here ends with a slash; yours does not."
        raise NotFound(f"There is nothing at {request.path}.{hint} GET /api/v1/ lists what there is.")
