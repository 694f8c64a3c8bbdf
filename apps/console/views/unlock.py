"""Break-glass: stopping what changes a cluster as it stands, and freeing the cluster."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.build.history import place_of
from apps.console.build.lock import lock_line
from apps.console.forms.confirmed import UnlockForm
from apps.console.views.clusters import find
from apps.deployments import selectors, services
from apps.deployments.errors import CannotCancel
from apps.deployments.models import Deployment
from apps.workflows.states import Decision


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """Says exactly what breaking the lock will do, asks for the cluster's name and a reason, then does it."""
    cluster = find(environment, region, name)
    form, status = UnlockForm(posted(request), cluster=name), 200
    if request.method == "POST" and form.is_valid():
        reason, force = form.cleaned_data["reason"], form.cleaned_data["force"]
        try:
            services.take_over(cluster, actor=user_of(request).username, reason=reason, force=force)
        except CannotCancel as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, f"The lock of {name} is broken.")
            return redirect("console:cluster", environment, region, name)
    record = selectors.record_of(cluster)
    context = {
        "place": place_of(cluster),
        "lock": lock_line(record),
        "steps": _steps(record.running),
        "form": form,
        "back": reverse("console:cluster", args=[environment, region, name]),
    }
    return render(request, "console/unlock.html", context, status=status if status != 200 or not form.errors else 422)


def _steps(running: Deployment | None) -> tuple[str, ...]:
    """What stays, what is given back and what is not done any more, as stopping here would have it."""
    if running is None:
        return ()
    return tuple(step.title for step in services.preview_choice(running.pk, Decision.STOP).steps)
