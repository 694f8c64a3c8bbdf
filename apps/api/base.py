"""What every view of the API does alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django_filters import BooleanFilter, Filter, FilterSet
from rest_framework import viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.api import conditional, idempotency
from apps.api.pagination import ORDERING
from apps.api.parsers import StrictJSONParser
from apps.api.problems import BodyTooLarge, NoLength
from apps.api.serializers.base import StrictSerializer

FIELDS = "fields"


class Negotiation(DefaultContentNegotiation):
    """By the Accept header alone: `?format=` is a parameter like any other, and unknown."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str | None) -> list[BaseRenderer]:  # noqa: A002  # DRF names it so
        return list(renderers)


class ApiView(APIView):
    """Refuses giant bodies and unknown parameters, honours Idempotency-Key, answers conditional GETs."""

    parser_classes = [StrictJSONParser]
    content_negotiation_class = Negotiation
    http_method_names = ["get", "head", "post", "patch", "delete"]
    only_reads: bool = False  # a POST that changes nothing but what is known of AWS: repeated, it is carried out again
    secret_fields: Sequence[str] = ()  # of a POST's answer; never stored
    digest: str = ""  # of what a PATCH can change of the answer, where it can change anything

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._refuse_giant_body(request)
        super().initial(request, *args, **kwargs)
        if any("\0" in str(value) for value in kwargs.values()):
            raise NotFound
        if request.method in self.allowed_methods:  # else 405, whatever else is wrong
            self._refuse_bad_parameters(request)
        if request.method == "POST" and idempotency.HEADER in request.headers and not self.only_reads:
            self.post: Callable[..., Any] = partial(self._post_once, self._handler())

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        conditional.mark(request, response, self.digest)
        return response

    @property
    def acting_user(self) -> User:
        """Whom this request acts for; the permission check has seen to it that there is somebody."""
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101  # see above
        return user

    def known_parameters(self) -> set[str]:
        """Names that may stand in the query string."""
        return set()

    def _handler(self) -> Callable[..., Any]:
        return getattr(self, "post", self.http_method_not_allowed)

    def _post_once(self, handler: Callable[..., Any], request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return idempotency.once(
            request, self.acting_user, partial(handler, request, *args, **kwargs), self.secret_fields
        )

    def _refuse_giant_body(self, request: Request) -> None:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise NoLength("Send the body with a Content-Length, not in chunks.")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise BodyTooLarge(f"The body is larger than {limit} bytes, which no request here needs.")

    def _refuse_bad_parameters(self, request: Request) -> None:
        errors = {name: [wrong] for name in request.query_params if (wrong := self._wrong_with(request, name))}
        if errors:
            raise ValidationError(errors)

    def _wrong_with(self, request: Request, name: str) -> str:
        known = self.known_parameters()
        values = request.query_params.getlist(name)
        if name not in known:
            return f"Unknown parameter. Known here: {', '.join(sorted(known))}." if known else "Unknown parameter."
        if len(values) > 1:
            return "Given more than once."
        return "A NUL is not allowed." if "\0" in values[0] else self.wrong_value(name, values[0])

    def wrong_value(self, name: str, value: str) -> str:
        """What is wrong with a known parameter's value, for views that know more than its filter checks."""
        return ""


class ApiViewSet(ApiView, viewsets.GenericViewSet[Any]):
    """A set of views on one noun. Lists know filters, orders and the parameters of paging; `fields` chooses fields."""

    detail_class: type[BaseSerializer[Any]] | None = None  # of one thing, where it is not that of the list
    change_class: type[StrictSerializer] | None = None  # what a PATCH takes

    def read_body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """The request's body as this serializer reads it. Raises ValidationError naming every field that is wrong."""
        given = serializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def known_parameters(self) -> set[str]:
        chosen = {FIELDS} if self.selectable() else set()
        if self.action != "list":
            return chosen
        known = chosen | set(self._filters()) | set(getattr(self.paginator, "parameters", ()))
        return known | {ORDERING} if self.orders() else known

    def orders(self) -> dict[str, tuple[str, ...]]:
        """What `ordering` may name: as the pages sort, by id within. Each gives fields that are unique together."""
        sorts: Mapping[str, str | Sequence[str]] = getattr(getattr(self, "filterset_class", None), "SORTS", {})
        columns = {name: (each,) if isinstance(each, str) else tuple(each) for name, each in sorts.items()}
        return {
            f"{minus}{name}": tuple(dict.fromkeys(f"{minus}{field}" for field in (*fields, "id")))
            for name, fields in columns.items()
            for minus in ("", "-")
        }

    def digest_of(self, answer: Mapping[str, Any]) -> str:
        """Of what a PATCH can change of an answer; empty where it can change nothing."""
        return conditional.settings_of(answer, self.change_class().fields) if self.change_class else ""

    def selectable(self) -> tuple[str, ...]:
        """The fields of which `fields` may choose some; none where it is unknown."""
        if self.action not in {"list", "retrieve"}:
            return ()
        one = self.detail_class if self.action == "retrieve" else None
        serializer = (one or self.get_serializer_class())()
        return tuple(serializer.fields) if isinstance(serializer, Serializer) else ()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        shown = response.status_code == HTTPStatus.OK
        if self.action == "retrieve" and shown:
            self.digest = self.digest_of(response.data)
        chosen = self.request.query_params.get(FIELDS)  # refused already where no field can be chosen
        if chosen and shown:
            response.data = _only(response.data, chosen.split(","), paged=self.action == "list")
        return super().finalize_response(request, response, *args, **kwargs)

    def wrong_value(self, name: str, value: str) -> str:
        if not value:
            return "Empty. Leave it out to see all."
        if name == FIELDS:
            unknown = [each for each in value.split(",") if each not in self.selectable()]
            return f"No field {', '.join(unknown)}. There are {', '.join(self.selectable())}." if unknown else ""
        if name == ORDERING and value not in self.orders():
            return f"No such order. There are {', '.join(self.orders())}."
        # the filter itself takes any other word for "not asked", and would answer everything
        if isinstance(self._filters().get(name), BooleanFilter) and value not in {"true", "false"}:
            return "Use true or false."
        return ""

    def _filters(self) -> Mapping[str, Filter]:
        filters: type[FilterSet] | None = getattr(self, "filterset_class", None)
        return filters.base_filters if filters else {}


def _only(data: Any, names: Sequence[str], *, paged: bool = False) -> Any:
    """The answer with these fields alone: of each result of a list, or of the one thing."""
    if paged:
        return {**data, "results": _only(data["results"], names)}
    if isinstance(data, list):
        return [_only(each, names) for each in data]
    return {name: value for name, value in data.items() if name in names}
