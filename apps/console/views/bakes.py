"""Bakes: the list, one as a line of steps, its log, stopping it and having it try again."""

from __future__ import annotations

from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce, Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console.access import missing_role, needs, user_of
from apps.console.build.bakes import bake_line, bake_page, what
from apps.console.build.states import RUN_STATES
from apps.console.filters import BakeListFilter, shown
from apps.console.lists import listing
from apps.console.live import live_part, page_with_live_part
from apps.console.pages.common import Action
from apps.console.views import deciding
from apps.console.views.deciding import Asked
from apps.images import selectors, services
from apps.images.models import Bake
from apps.images.selectors import detail

SAID = Case(*(When(run__state=value, then=Value(state.word)) for value, state in RUN_STATES.items()))
TOOK = Coalesce("run__ended_at", Now()) - Coalesce("run__started_at", "run__created_at")
SORTS = {
    **BakeListFilter.SORTS,
    "id": "pk",
    "what": ("package", "version"),
    "state": "said",
    "where": ("environment__name", "region"),
    "by": "actor",
    "took": "took",
}


@require_safe
def bakes(request: HttpRequest) -> HttpResponse:
    """All bakes, newest first, filtered by the URL."""
    found = BakeListFilter(request.GET, queryset=selectors.bakes().prefetch_related(None))
    drawn = shown(found, ("application", "version", "state", "actor"))
    page = listing(request, found.qs.annotate(said=SAID, took=TOOK), SORTS, "-id")
    blocked = missing_role(user_of(request), Role.OPERATOR)
    context = {
        "listing": page,
        "lines": [bake_line(row) for row in page.rows],
        "filter": drawn,
        "actions": (Action("Bake…", reverse("console:bake-new"), blocked=blocked),),
    }
    return render(request, "console/bakes.html", context)


@require_safe
def bake(request: HttpRequest, number: int) -> HttpResponse:
    """One bake."""
    return page_with_live_part(request, "console/bake.html", bake_page(find(number), user_of(request)))


@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """The same, for polling; the last answer says that there will be no more news."""
    page = bake_page(find(number), user_of(request))
    return live_part(request, "console/bake_live.html", page, ended=not page.live)


@require_safe
def log(request: HttpRequest, number: int) -> HttpResponse:
    """All that is kept of what the builder printed, as a file."""
    text = find(number).log
    headers = {"Content-Disposition": f'attachment; filename="bake-{number}.log"', "Cache-Control": "no-cache"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Shows what is cleaned up, asks why, then stops a bake."""
    return deciding.cancel(request, lambda: _asked(number), services.cancel_bake)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Shows which step is tried again, asks why, then has a bake go on that needs a person."""
    return deciding.retry(request, lambda: _asked(number), services.resume_bake)


def find(number: int) -> Bake:
    """The bake with its steps and images. Raises Http404 that names it."""
    try:
        return detail.bake(number)
    except Bake.DoesNotExist as error:
        raise Http404(f"There is no bake {number}.") from error


def _asked(number: int) -> Asked:
    row = find(number)
    cleans = "The builder is ended, and what it has made so far is deleted."
    bakes = ("Bakes", reverse("console:bakes"))
    return Asked("bake", bakes, number, f"the bake of {what(row)}", row.run, cleans)
