"""Rolling back: what it will do, then one button."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.build.history import back_to, place_of
from apps.console.build.preview import findings_of
from apps.console.forms.confirmed import RollbackForm
from apps.console.forms.errors import status_of, take
from apps.console.views.deployments import find
from apps.deployments import services
from apps.deployments.errors import BUSY, Busy, CannotCancel, Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def rollback(request: HttpRequest, number: int) -> HttpResponse:
    """Shows where the rollback goes, then goes there."""
    row = find(number)
    form = RollbackForm(posted(request), cluster=row.cluster.name)
    if request.method == "POST" and form.is_valid():
        started = _start(row, form, user_of(request).username, queue="queue" in request.POST)
        if started:
            return redirect("console:deployment", started)
    preview, problem = _preview(number, request.POST.getlist("overrides"))
    final = [finding for finding in preview.findings if finding.final] if preview else []
    context = {
        "title": f"Roll back to {back_to(row)}",
        "place": place_of(row.cluster),
        "form": form,
        "preview": preview,
        "problem": problem,
        "confirm": bool(form["overrides"].value()) or _may_be_overridden(preview),
        "blocked": bool(final),
        "may_queue": bool(final) and all(finding.code == BUSY for finding in final),
        "findings": findings_of(preview) if preview else [],
    }
    return render(request, "console/rollback.html", context, status=status_of(form))


def _start(row: Deployment, form: RollbackForm, actor: str, *, queue: bool) -> int | None:
    """The deployment that rolls back; None when something stands against it, which is put into the form.

    With `queue` it waits for its turn where the cluster is busy; what it will do is planned anew then.
    """
    try:
        return services.rollback(row.pk, actor=actor, queue=queue, **form.cleaned_data).pk
    except Invalid as error:
        take(form, error.errors)
    except (Refused, Busy, CannotCancel) as error:
        form.add_error(None, f"{error} Nothing was changed.")
    except CloudError as error:
        form.add_error(None, f"AWS did not let us look ({error}). Nothing was changed. Try again in a moment.")
    return None


def _preview(number: int, overrides: Collection[str]) -> tuple[Preview | None, str]:
    try:
        return services.preview_rollback(number, overrides), ""
    except CloudError as error:
        return None, f"AWS did not let us look ({error}). What rolling back would do is not known now."


def _may_be_overridden(preview: Preview | None) -> bool:
    return bool(preview and any(finding.overridable for finding in preview.findings))
