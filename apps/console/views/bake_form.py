"""Baking: the form, its live preview, and the start of exactly what was previewed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.forms.bakes import BakeForm, of_build
from apps.console.views.looked import Looked, cloud_words
from apps.images import services
from apps.images.errors import Invalid, Refused
from apps.images.models import Bake, Build
from apps.images.services import BakePreview

NAMED = ("application", "version", "package")
SHOWN = ("application", "version", "package", "rebake", "reason")  # fields that show their errors beside them


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def bake(request: HttpRequest) -> HttpResponse:
    """The form; sent, it starts the bake that was shown. What was typed is kept when something stands against it."""
    form, looked = _form(request), Looked[BakePreview]()
    if request.method == "POST":
        looked = _look(form)
        if "preview" not in request.POST:
            made = _start(form, looked, user_of(request).username, request.POST.get("previewed", ""))
            if made is not None:
                if made.joined:
                    messages.success(request, _joined(made))
                return redirect("console:bake", made.pk)
    return render(request, "console/bake_form.html", _context(form, looked), status=looked.status)


@needs(Role.OPERATOR)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The preview of what the form says now; it, the errors and the button are brought up to date on the page."""
    form = _form(request)
    context = _context(form, _look(form))
    for name in ("application", "version"):
        if not str(form.data.get(name, "")).strip():
            form.errors.pop(name, None)  # the preview asks for it; an untouched form has no error yet
    return render(request, "console/bake_preview_live.html", context)


def _form(request: HttpRequest) -> BakeForm:
    initial = {name: request.GET.get(name, "") for name in NAMED}
    number = request.GET.get("build", "")
    if number:
        build = Build.objects.select_related("application").filter(pk=number).first() if number.isdecimal() else None
        if build is None:
            raise Http404(f"There is no build {number}.")
        initial = of_build(build)
    return BakeForm(posted(request), initial=initial)


def _look(form: BakeForm) -> Looked[BakePreview]:
    if not form.is_valid():
        return Looked(status=422)
    try:
        asked = form.request()
        shown = services.preview_bake(asked)
        existing = shown.existing.pk if shown.existing else 0
        return Looked(shown, print=f"{shown.key}-{existing}-{asked.rebake:d}")
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(problem=" ".join(text for texts in error.errors.values() for text in texts), status=422)
    except CloudError as error:
        return Looked(problem=cloud_words(error), status=503)


def _start(form: BakeForm, looked: Looked[BakePreview], actor: str, seen: str) -> Bake | None:
    """Starts the bake if `seen` is the fingerprint of what it would do now; else that is shown, and None answered."""
    if looked.preview is None:
        return None
    if not looked.seen(seen) or looked.preview.findings:
        looked.status = 422
        return None
    try:
        return services.bake(form.request(), actor=actor)
    except Invalid as error:
        form.take_errors(error.errors)
        looked.status = 422
    except (Refused, CloudError) as error:
        looked.preview, looked.problem = None, str(error)
        looked.status = 503 if isinstance(error, CloudError) else 422
    return None


def _joined(made: Bake) -> str:
    if made.run.ended:
        return f"This image is there already: bake {made.pk} by {made.actor} made it."
    return f"This image is being made already: bake {made.pk} by {made.actor}."


def _context(form: BakeForm, looked: Looked[BakePreview]) -> dict[str, Any]:
    return {
        "form": form,
        "preview": looked.preview,
        "problem": looked.problem,
        "hint": form.what_is_missing(),
        "print": looked.print,
        "changed": looked.says,
        "shown": SHOWN,
        "named": bool(form["application"].value() and form["version"].value()),
    }
