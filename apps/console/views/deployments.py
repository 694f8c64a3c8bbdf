"""Deployments: the list, one as a line of steps, cancelling and letting go on."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.build.deployment import deployment_page
from apps.console.build.history import history_line, place_of, what
from apps.console.build.preview import findings_of
from apps.console.filters import DeploymentListFilter, shown
from apps.console.forms.reason import ReasonForm
from apps.console.lists import listing
from apps.console.live import live_part, page_with_live_part
from apps.deployments import selectors, services
from apps.deployments.errors import CannotCancel
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview

SORTS = {"id": "pk"}


@require_safe
def deployments(request: HttpRequest) -> HttpResponse:
    """All deployments, newest first, filtered by the URL."""
    found = DeploymentListFilter(request.GET, queryset=selectors.deployments())
    drawn = shown(found, ("application", "environment", "cluster", "state", "actor"))
    page = listing(request, found.qs, SORTS, "-id")
    context = {"listing": page, "lines": [history_line(row) for row in page.rows], "filter": drawn}
    return render(request, "console/deployments.html", context)


@require_safe
def deployment(request: HttpRequest, number: int) -> HttpResponse:
    """One deployment."""
    return page_with_live_part(request, "console/deployment.html", deployment_page(find(number), user_of(request)))


@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """The same, for polling; the last answer says that there will be no more news."""
    page = deployment_page(find(number), user_of(request))
    return live_part(request, "console/deployment_live.html", page, ended=not page.live)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Shows what the undo will do, then asks, then cancels."""
    row, form = find(number), ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid() and _done(request, services.cancel, number, form):
        return redirect("console:deployment", number)
    preview = services.preview_cancel(number)
    return _ask(request, "console/cancel.html", row, form, preview)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, number: int) -> HttpResponse:
    """Lets a deployment that asked for a person go on."""
    row, form = find(number), ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid() and _done(request, services.resume, number, form):
        return redirect("console:deployment", number)
    return _ask(request, "console/resume.html", row, form, None)


def find(number: int) -> Deployment:
    """The deployment with its steps. Raises Http404 that names it."""
    try:
        return selectors.detail(number)
    except Deployment.DoesNotExist as error:
        raise Http404(f"There is no deployment {number}.") from error


def _done(request: HttpRequest, act: Callable[..., Deployment], number: int, form: ReasonForm) -> bool:
    """Whether it was done; what stood against it is put into the form."""
    try:
        act(number, actor=user_of(request).username, reason=form.cleaned_data["reason"])
    except CannotCancel as error:
        form.add_error(None, str(error))
        return False
    return True


def _ask(
    request: HttpRequest, template: str, row: Deployment, form: ReasonForm, preview: Preview | None
) -> HttpResponse:
    context = {
        "deployment": row.pk,
        "what": f"the {what(row)[:1].lower()}{what(row)[1:]}",
        "says": row.run.says,
        "place": place_of(row.cluster),
        "form": form,
        "preview": preview,
        "findings": findings_of(preview) if preview else [],
        "back": reverse("console:deployment", args=[row.pk]),
    }
    return render(request, template, context, status=409 if form.errors else 200)
