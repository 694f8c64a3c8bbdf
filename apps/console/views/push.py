"""Pushing: the form, its live preview, and rolling back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, user_of
from apps.console.build.history import place_of
from apps.console.build.images import choices_for, differences
from apps.console.build.preview import findings_of, leaves_no_way_back
from apps.console.forms.push import PushForm
from apps.console.views.clusters import find
from apps.deployments import services, strategies
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.requests import Preview
from apps.inventory.models import Cluster


@dataclass
class Looked:
    """What looking at a push brought: a preview, or the problem that stands in its way."""

    preview: Preview | None = None
    problem: str = ""
    status: int = 200
    deployment: int | None = None


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def push(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The form; sent, it starts the push. What was typed is kept when something stands against it."""
    cluster = find(environment, region, name)
    form = _form(request, cluster)
    looked = Looked()
    if request.method == "POST":
        if "preview" in request.POST or not form.is_valid():
            looked = _look(form)
            looked.status = 200 if "preview" in request.POST else 422
        else:
            looked = _push(form, user_of(request).username)
            if looked.deployment and looked.status == 200:
                return redirect("console:deployment", looked.deployment)
    return render(request, "console/push.html", _context(cluster, form, looked), status=looked.status)


@needs(Role.OPERATOR)
@require_POST
def preview(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The preview of what the form says now; it and the button are brought up to date on the page."""
    cluster = find(environment, region, name)
    form = _form(request, cluster)
    return render(request, "console/preview_live.html", _context(cluster, form, _look(form)))


def _form(request: HttpRequest, cluster: Cluster) -> PushForm:
    return PushForm(
        request.POST if request.method == "POST" else None,
        place=place_of(cluster),
        strategies=strategies.all(),
        images=choices_for(cluster),
        image=request.GET.get("image", ""),
    )


def _look(form: PushForm) -> Looked:
    if not form.ready_for_preview():
        return Looked()
    try:
        return Looked(services.preview_push(form.request()))
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(problem=" ".join(text for texts in error.errors.values() for text in texts))
    except CloudError as error:
        return Looked(problem=_cloud_words(error))


def _push(form: PushForm, actor: str) -> Looked:
    try:
        if not form.all_defaults():  # by default a way back is left
            preview = services.preview_push(form.request())
            if leaves_no_way_back(preview) and not form.confirmed():
                return Looked(preview, status=422)
        return Looked(deployment=services.push(form.request(), actor=actor).pk)
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(status=422)
    except Refused as error:
        refused = Preview("The push is refused", (), error.findings)
        return Looked(refused, status=422)
    except Busy as error:
        return Looked(problem=f"{error} Nothing was changed.", status=409, deployment=error.deployment)
    except CloudError as error:
        return Looked(problem=_cloud_words(error), status=503)


def _cloud_words(error: CloudError) -> str:
    return f"AWS did not let us look ({error}). Nothing was changed. Try again in a moment."


def _context(cluster: Cluster, form: PushForm, looked: Looked) -> dict[str, Any]:
    shown = looked.preview
    differ = []
    if shown and shown.from_image and shown.to_image:
        differ = differences(cluster.environment, cluster.region, shown.from_image, shown.to_image)
    return {
        "form": form,
        "place": place_of(cluster),
        "preview": shown,
        "findings": findings_of(shown) if shown else [],
        "differences": differ,
        "problem": looked.problem,
        "confirm": bool(shown and leaves_no_way_back(shown)),
        "deployment": looked.deployment,
    }
