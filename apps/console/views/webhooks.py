"""Webhooks of an application: make one, see its secret once, revoke it; for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.forms.errors import take
from apps.console.forms.webhooks import WebhookForm
from apps.images.errors import Invalid
from apps.images.models import Webhook
from apps.images.selectors import builds as selectors
from apps.images.services import webhooks as services
from apps.images.webhooks.base import all_formats
from apps.inventory.models import Application


@never_cache
@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest, name: str) -> HttpResponse:
    """The list and the form; the secret of one just made is shown in this answer and in no other."""
    application = get_object_or_404(Application, name=name)
    form = WebhookForm(posted(request))
    made: Webhook | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made, _ = services.create_webhook(name, form.cleaned_data["format"], actor=user_of(request).username)
        except Invalid as error:
            take(form, error.errors)
        else:
            form = WebhookForm()
    context = {
        "application": application.name,
        "hooks": [(each, _address(request, each)) for each in selectors.webhooks().filter(application=application)],
        "formats": all_formats().values(),
        "form": form,
        "made": made,
        "address": _address(request, made) if made else "",
    }
    return render(request, "console/webhooks.html", context, status=422 if form.errors else 200)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Asks, then ends a webhook at once."""
    row = get_object_or_404(selectors.webhooks(), pk=number)
    back = reverse("console:webhooks", args=[row.application.name])
    if request.method != "POST":
        return render(request, "console/webhook_revoke.html", {"hook": row, "back": back})
    services.revoke_webhook(number, actor=user_of(request).username)
    messages.success(request, f"Nothing that comes to webhook {number} is taken any more.")
    return redirect(back)


def _address(request: HttpRequest, row: Webhook) -> str:
    """Where a build server delivers."""
    return request.build_absolute_uri(reverse("api:hook", args=[row.pk]))
