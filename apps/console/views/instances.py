"""One instance, and what it printed and was started with."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, user_of
from apps.console.build.instance import instance_page
from apps.console.live import gone_part, live_part, page_with_live_part
from apps.inventory import services
from apps.inventory.models import Instance
from apps.inventory.selectors import lists


def find(environment: str, region: str, name: str, *, gone: bool = False) -> Instance:
    """The instance; where that will do, one that is `gone` lately. Raises Http404 that names it."""
    rows = lists.instances_lately() if gone else lists.instances()
    found = rows.filter(environment__name=environment, region=region, instance_id=name)
    row: Instance | None = found.select_related("group__cluster__environment").first()
    if row is None:
        raise Http404(f"There is no instance {name} in {environment} {region}; it may be gone.")
    return row


@require_safe
def instance(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """How it is, by whom, and what it is made of."""
    page = instance_page(find(environment, region, name, gone=True), user_of(request))
    return page_with_live_part(request, "console/instance.html", page)


@require_safe
def live(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The same, for polling; the last answer is of an instance that is gone."""
    try:
        page = instance_page(find(environment, region, name, gone=True), user_of(request))
    except Http404 as gone:
        return gone_part(request, str(gone))
    return live_part(request, "console/instance_live.html", page, ended=page.gone)


@needs(Role.OPERATOR)
@require_POST  # a link that a browser follows by itself must not record a look that nobody took
def console_output(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """What it printed; that it was read is recorded."""
    return _inside(request, find(environment, region, name), "Console output", services.console_output)


@needs(Role.OPERATOR)
@require_POST
def user_data(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """What it was started with; that it was read is recorded."""
    return _inside(request, find(environment, region, name), "User data", services.user_data)


def _inside(request: HttpRequest, row: Instance, title: str, read: Callable[..., str]) -> HttpResponse:
    text, problem = "", ""
    try:
        text = read(row, actor=user_of(request).username)
    except CloudError as error:
        problem = f"It could not be read: {error}"
    context = {"instance": row, "title": title, "text": text, "problem": problem}
    response = render(request, "console/inside.html", context, status=502 if problem else 200)
    response.headers["Cache-Control"] = "no-store"  # it may hold secrets
    return response
