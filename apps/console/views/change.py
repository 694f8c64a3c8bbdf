"""Changing one group by hand: what it would do first, then exactly that."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.build.history import place_of
from apps.console.build.operations import instances_of
from apps.console.build.preview import findings_of
from apps.console.forms.change import ChangeForm
from apps.console.views.groups import find
from apps.console.views.looked import Looked, cloud_words, fingerprint
from apps.deployments import operations, services
from apps.deployments.errors import BUSY, Busy, Invalid, Refused
from apps.deployments.requests import ChangeRequest, Preview
from apps.inventory.models import Group


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, environment: str, region: str, name: str, slug: str) -> HttpResponse:
    """The form of an operation; sent, it shows what that would do, and sent again, does it."""
    row, operation = find(environment, region, name), operations.all().get(slug)
    if operation is None or row.cluster is None:
        raise Http404(f"There is no operation {slug} on {name}.")
    initial = {f"option-{spec.name}": request.GET.get(spec.name, spec.default) for spec in operation.options}
    known = instances_of(row) if operation.of == "instance" else {}
    form = ChangeForm(posted(request), operation=operation, group=row.name, initial=initial, instances=known)
    looked = Looked[Preview]()
    if request.method == "POST":
        looked = _looked(row, form, request.POST.get("previewed", ""), user_of(request).username, request)
        if looked.deployment:
            return redirect("console:deployment", looked.deployment)
    elif not operation.options:
        looked = _look(ChangeRequest(environment, region, name, slug), form)
    return render(
        request,
        "console/change.html",
        _context(row, form, looked) | {"untold": _untold(row, form)},
        status=looked.status,
    )


def _untold(row: Group, form: ChangeForm) -> str:
    """Has the form say what its options are now; why not, where AWS does not tell."""
    if form.operation.tells_current:
        try:
            form.tell(services.current_options(row, form.operation, form.part))
        except CloudError as error:
            return f"AWS did not tell what is set now: {error}"
    return ""


def _looked(row: Group, form: ChangeForm, seen: str, actor: str, request: HttpRequest) -> Looked[Preview]:
    if not form.is_valid():
        return Looked(status=422)
    wanted = form.request(row.environment.name, row.region, queue="queue" in request.POST)
    looked = _look(wanted, form)
    if "preview" in request.POST or looked.preview is None:
        return looked
    final = [each for each in looked.preview.refusals if not (wanted.queue and each.code == BUSY)]
    unconfirmed = not form.confirmed(looked.preview.confirm)
    if not looked.seen(seen) or final or unconfirmed:
        looked.status = 422
        return looked
    return _start(wanted, form, looked, actor)


def _look(wanted: ChangeRequest, form: ChangeForm) -> Looked[Preview]:
    try:
        shown = services.preview_change(wanted)
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(status=422)
    except CloudError as error:
        return Looked(problem=cloud_words(error), status=503)
    return Looked(shown, print=_fingerprint(wanted, shown))


def _start(wanted: ChangeRequest, form: ChangeForm, looked: Looked[Preview], actor: str) -> Looked[Preview]:
    try:
        return Looked(deployment=services.change(wanted, actor=actor).pk)
    except Invalid as error:
        form.take_errors(error.errors)
        looked.status = 422
    except (Refused, Busy) as error:
        form.add_error(None, f"{error} Nothing was changed.")
        looked.status = 409
    except CloudError as error:
        return Looked(problem=cloud_words(error), status=503)
    return looked


def _fingerprint(wanted: ChangeRequest, preview: Preview) -> str:
    warned = sorted(each.code for each in preview.findings if each.level in {"overridden", "warn"})
    return fingerprint(wanted.operation, dict(wanted.options), preview.sentence, warned)


def _context(row: Group, form: ChangeForm, looked: Looked[Preview]) -> dict[str, object]:
    shown = looked.preview
    form.say_why(shown.confirm if shown else "")
    final = [finding for finding in shown.findings if finding.final] if shown else []
    assert row.cluster  # noqa: S101 -- looked at before
    return {
        "group": row,
        "place": place_of(row.cluster),
        "operation": form.operation,
        "form": form,
        "preview": shown,
        "problem": looked.problem,
        "findings": findings_of(shown) if shown else [],
        "blocked": bool(final),
        "danger": form.operation.danger >= operations.Danger.SOME or bool(shown and shown.confirm),
        "may_queue": bool(final) and all(finding.code == BUSY for finding in final),
        "confirm": bool(shown.confirm) if shown else bool(form["confirmation"].value()),
        "print": looked.print,
        "changed": looked.says,
    }
