"""Lists: sorted and paged by the URL, in a stable order, with their count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
Sorts = Mapping[str, str | Sequence[str]]  # a column by its name in the URL: its field, or several in their order


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list. `first` and `last` are 1-based; addresses are query strings, empty where there is none."""

    rows: tuple[Row, ...]
    count: int
    first: int
    last: int
    sort: str  # the column in use; with a minus when descending
    previous: str
    next: str
    filtered: bool


def listing(request: HttpRequest, rows: QuerySet[Row], sorts: Sorts, default: str) -> Listing[Row]:
    """One page of `rows`. `sorts` maps the URL's column names to model fields; an unknown one is ignored."""
    sort = request.GET.get("sort", default)
    if sort.removeprefix("-") not in sorts:
        sort = default
    minus, fields = "-" if sort.startswith("-") else "", sorts[sort.removeprefix("-")]
    names = (fields,) if isinstance(fields, str) else fields
    return paged(request, rows.order_by(*(f"{minus}{name}" for name in names), f"{minus}pk"), sort)


def paged(request: HttpRequest, rows: QuerySet[Row], sort: str = "") -> Listing[Row]:
    """One page of rows that are in their order already."""
    paginator = Paginator(rows, PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    return Listing(
        rows=tuple(page.object_list),
        count=paginator.count,
        first=page.start_index(),
        last=page.end_index(),
        sort=sort,
        previous=with_query(request.GET, page=page.previous_page_number()) if page.has_previous() else "",
        next=with_query(request.GET, page=page.next_page_number()) if page.has_next() else "",
        filtered=any(value for name, value in request.GET.items() if name not in {"sort", "page"}),
    )


def with_query(query: QueryDict, **changes: object) -> str:
    """The query string with some parameters changed; empty values are left out."""
    copy = query.copy()
    for name, value in changes.items():
        copy[name] = str(value)
    for name in [name for name, value in copy.items() if not value]:
        del copy[name]
    return f"?{copy.urlencode()}"
