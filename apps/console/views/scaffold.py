"""Scaffolding a cluster of an application, and removing that: what it would do first, then exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.build.images import choices_beside
from apps.console.build.preview import findings_of
from apps.console.forms.scaffold import RemovalForm, ScaffoldForm
from apps.deployments import services
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.inventory.models import Application, Environment

CHANGED = "This is what it would do now; press again."
CLOUD = "AWS did not let us look ({error}). Nothing was changed. Try again in a moment."


@dataclass(frozen=True)
class Act:
    """What one of the two pages does."""

    title: str
    form: type[ScaffoldForm | RemovalForm]
    preview: Callable[[Any], Preview]
    start: Callable[..., Deployment | None]


@dataclass
class Looked:
    """What looking brought. `deployment` is the one that was started, `print` what was shown by now."""

    preview: Preview | None = None
    problem: str = ""
    status: int = 200
    deployment: int | None = None
    print: str = ""
    changed: bool = False


SCAFFOLD = Act("Scaffold a cluster", ScaffoldForm, services.preview_scaffold, services.scaffold)
REMOVE = Act("Remove a scaffold", RemovalForm, services.preview_removal, services.remove_scaffold)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def scaffold(request: HttpRequest, name: str) -> HttpResponse:
    """The form; sent, it shows what would be made, and sent again, makes it."""
    return _page(request, name, SCAFFOLD)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """The form; sent, it shows what would be removed, and sent again, removes it."""
    return _page(request, name, REMOVE)


def _page(request: HttpRequest, name: str, act: Act) -> HttpResponse:
    row = get_object_or_404(Application, name=name)
    form = act.form(posted(request), application=row.name, environments=Environment.objects.all())
    looked = _looked(request, form, act) if request.method == "POST" else Looked()
    if looked.deployment:
        return redirect("console:deployment", looked.deployment)
    shown = looked.preview
    context = {
        "application": row,
        "title": act.title,
        "removes": act is REMOVE,
        "form": form,
        "images": choices_beside("", row.name) if act is SCAFFOLD else (),
        "preview": shown,
        "problem": looked.problem,
        "findings": findings_of(shown) if shown else [],
        "nothing": bool(shown and not shown.steps),
        "blocked": bool(shown and any(finding.final for finding in shown.findings)),
        "confirm": bool(shown.confirm) if shown else bool(form["confirmation"].value()),
        "print": looked.print,
        "changed": CHANGED if looked.changed else "",
    }
    return render(request, "console/scaffold.html", context, status=looked.status)


def _looked(request: HttpRequest, form: ScaffoldForm | RemovalForm, act: Act) -> Looked:
    if not form.is_valid():
        return Looked(status=422)
    wanted = form.request()
    try:
        shown = act.preview(wanted)
        looked = Looked(shown, print=_fingerprint(wanted, shown))
        if "preview" in request.POST or not shown.steps:
            return looked
        looked.changed = request.POST.get("previewed", "") != looked.print
        if looked.changed or shown.refusals or not form.confirmed(shown.confirm):
            looked.status = 422
            return looked
        made = act.start(wanted, actor=user_of(request).username)
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(status=422)
    except (Refused, Busy) as error:
        form.add_error(None, f"{error} Nothing was changed.")
        return Looked(status=409)
    except CloudError as error:
        return Looked(problem=CLOUD.format(error=error), status=503)
    looked.deployment = made.pk if made else None
    return looked


def _fingerprint(wanted: Any, preview: Preview) -> str:
    told = [vars(wanted), preview.sentence, [[step.title, *step.changes] for step in preview.steps]]
    told.append(sorted(each.code for each in preview.findings if each.level in {"overridden", "warn"}))
    return hashlib.blake2b(json.dumps(told, sort_keys=True, default=_plain).encode(), digest_size=12).hexdigest()


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
