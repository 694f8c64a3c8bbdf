"""Pushing: the form, its live preview, and the start of exactly what was previewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, user_of
from apps.console.build.history import place_of
from apps.console.build.image_diff import diff_page
from apps.console.build.images import choices_for
from apps.console.build.preview import confirm_push, findings_of
from apps.console.forms.push import PushForm
from apps.console.views.clusters import find
from apps.console.views.looked import Looked, cloud_words, fingerprint
from apps.deployments import services, strategies
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.requests import Preview, PushRequest
from apps.deployments.services.start import refuse_if_busy
from apps.images.selectors.diff import image_diff
from apps.inventory.models import Cluster

WITHOUT_PLACE = ("confirmation", "strategy", "overrides")  # fields that show no errors of their own on the page


@dataclass
class LookedAtPush(Looked[Preview]):
    """What looking at a push brought; `busy` is what is going on in its cluster."""

    busy: Busy | None = None


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def push(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The form; sent, it starts the push that was shown. What was typed is kept when something stands against it."""
    cluster = find(environment, region, name)
    form = _form(request, cluster)
    looked = LookedAtPush()
    if request.method == "POST":
        if "preview" in request.POST or not form.is_valid():
            looked = _look(form)
            looked.status = 200 if "preview" in request.POST else 422
        else:
            seen = request.POST.get("previewed") or request.POST.get("queue", "")
            looked = _push(cluster, form, user_of(request).username, seen, queue="queue" in request.POST)
            if looked.deployment and looked.status == 200:
                return redirect("console:deployment", looked.deployment)
    return render(request, "console/push.html", _context(cluster, form, looked), status=looked.status)


@needs(Role.OPERATOR)
@require_POST
def preview(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """The preview of what the form says now; it, the errors and the button are brought up to date on the page."""
    cluster = find(environment, region, name)
    form = _form(request, cluster)
    context = _context(cluster, form, _look(form))
    if form.nothing_chosen():
        form.errors.pop("image", None)  # the preview asks for it; an untouched form has no error yet
    return render(request, "console/preview_live.html", context)


def _form(request: HttpRequest, cluster: Cluster) -> PushForm:
    return PushForm(
        request.POST if request.method == "POST" else None,
        place=place_of(cluster),
        strategies=strategies.all(),
        images=choices_for(cluster),
        image=request.GET.get("image", ""),
    )


def _look(form: PushForm) -> LookedAtPush:
    if not form.ready_for_preview():
        return LookedAtPush()
    try:
        asked = form.request()
        shown = services.preview_push(asked)
        return LookedAtPush(shown, print=_fingerprint(asked, shown))
    except Invalid as error:
        form.take_errors(error.errors)
        return LookedAtPush(problem=" ".join(text for texts in error.errors.values() for text in texts))
    except CloudError as error:
        return LookedAtPush(problem=cloud_words(error))


def _push(cluster: Cluster, form: PushForm, actor: str, seen: str, *, queue: bool) -> LookedAtPush:
    """Starts the push if `seen` is the fingerprint of what it would do now; else shows that.

    With `queue` it waits for its turn where the cluster is busy; what it will do is planned anew then.
    """
    looked = _look(form)
    if looked.preview is None:
        looked.status = 503 if form.is_valid() else 422
        return looked
    try:
        if not queue:
            refuse_if_busy(cluster)
        if not _may_start(looked, looked.preview, form, seen):
            looked.status = 422
            return looked
        return LookedAtPush(deployment=services.push(form.request(queue=queue), actor=actor).pk)
    except Invalid as error:
        form.take_errors(error.errors)
        looked.status = 422
        return looked
    except Refused as error:
        refused = Preview("The push is refused", (), error.findings)
        return LookedAtPush(refused, status=422)
    except Busy as error:
        return LookedAtPush(looked.preview, status=409, busy=error)
    except CloudError as error:
        return LookedAtPush(problem=cloud_words(error), status=503)


def _may_start(looked: LookedAtPush, preview: Preview, form: PushForm, seen: str) -> bool:
    """Whether what was shown is what it does now, nothing stands against it, and its name was typed if asked for."""
    if not looked.seen(seen) or (preview.refusals and not preview.may_wait):
        return False
    return form.confirmed(confirm_push(preview))


def _fingerprint(asked: PushRequest, preview: Preview) -> str:
    """The same only while what was asked, what it would do to which groups, what it warns of and what it overrides is
    the same.
    """
    of = [asked.environment, asked.region, asked.cluster, asked.image, asked.strategy, dict(asked.options)]
    would = [preview.from_group, preview.to_group, preview.from_image, preview.from_size, preview.to_size]
    would += [preview.user_data.number] if preview.user_data else []
    warned = sorted(finding.code for finding in preview.findings if finding.level in {"overridden", "warn"})
    return fingerprint(of, would, warned)


def _busy(cluster: Cluster) -> Busy | None:
    try:
        refuse_if_busy(cluster)
    except Busy as error:
        return error
    return None


def _user_data(cluster: Cluster, form: PushForm, shown: Preview) -> str:
    """Where what changes of the user data is read: in a tab of its own, so that the form keeps what was typed."""
    page = reverse("console:push-user-data", args=[cluster.environment.name, cluster.region, cluster.name])
    return f"{page}?{urlencode({'image': shown.to_image, 'strategy': form.request().strategy})}"


def _context(cluster: Cluster, form: PushForm, looked: LookedAtPush) -> dict[str, Any]:
    shown, busy = looked.preview, looked.busy or _busy(cluster)
    differ = None
    if shown and shown.from_image and shown.to_image and shown.from_image != shown.to_image:
        differ = diff_page(image_diff(shown.from_image, shown.to_image))
    return {
        "form": form,
        "place": place_of(cluster),
        "preview": shown,
        "findings": findings_of(shown) if shown else [],
        "diff": differ,
        "user_data_href": _user_data(cluster, form, shown) if shown and shown.user_data else "",
        "problem": looked.problem,
        "hint": form.what_is_missing(),
        "confirm": bool(shown and confirm_push(shown)),
        "busy": busy,
        "may_queue": bool(busy and shown and (shown.may_wait or not shown.refusals)),
        "refused": looked.busy is not None,
        "print": looked.print,
        "without_place": WITHOUT_PLACE,
        "changed": looked.says,
    }
