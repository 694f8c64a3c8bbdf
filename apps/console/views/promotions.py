"""Promotions: the list, the form with its preview, the page of one, stopping it, and taking one back."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.build.promotions import evidence_of, promotion_line, promotion_page, targets
from apps.console.filters import PromotionListFilter, shown
from apps.console.forms.errors import status_of
from apps.console.forms.promotions import PromoteForm, RevokeForm
from apps.console.lists import listing
from apps.console.live import live_part, page_with_live_part
from apps.console.views import deciding
from apps.console.views.deciding import Asked
from apps.console.views.looked import Looked, cloud_words, fingerprint
from apps.images import services
from apps.images.errors import Invalid, Refused
from apps.images.models import Promotion
from apps.images.promotion.progress import Standing, standing_is
from apps.images.selectors import promotions as selectors
from apps.images.services import PromotionPreview, RevocationPreview
from apps.images.services.promotions import BACKWARDS

SAID = Case(*(When(standing_is(each), then=Value(str(each.label).lower())) for each in Standing))
SORTS = {
    **PromotionListFilter.SORTS,
    "what": ("application", "version", "image_id"),
    "from": "source__name",
    "to": "target__name",
    "standing": "said",
    "by": "actor",
}
FILTERS = ("environment", "application", "image", "standing", "actor")  # those that are not folded away


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def promote(request: HttpRequest, name: str) -> HttpResponse:
    """Asks whom it is promoted to and shows what that would do; sent again, it starts what was shown."""
    known = targets(name)
    form, looked = PromoteForm(posted(request), targets=known, to=request.GET.get("to", "")), Looked[PromotionPreview]()
    if request.method == "POST":
        looked = _look(form, name)
        if "previewed" in request.POST:
            made = _start(form, looked, name, user_of(request).username, request.POST["previewed"])
            if made is not None:
                if made.joined:
                    messages.success(request, f"That is promotion {made.pk} by {made.actor} already.")
                return redirect("console:promotion", made.pk)
    context = {
        "form": form,
        "image": name,
        "targets": known,
        "preview": looked.preview,
        "evidence": evidence_of(looked.preview.evidence) if looked.preview else None,
        "problem": looked.problem,
        "print": looked.print,
        "changed": looked.says,
        "back": reverse("console:image", args=[name]),
    }
    return render(request, "console/promote.html", context, status=looked.status)


def _look(form: PromoteForm, image: str) -> Looked[PromotionPreview]:
    if not form.is_valid():
        return Looked(status=422)
    try:
        shown = services.preview_promotion(form.request(image))
        form.ask_why(any(finding.code == BACKWARDS for finding in shown.findings))
        return Looked(shown, print=fingerprint(shown.sentence, repr(shown.images), repr(shown.findings)))
    except Invalid as error:
        form.take_errors(error.errors)
        return Looked(status=422)
    except Refused as error:
        return Looked(problem=str(error), status=422)
    except CloudError as error:
        return Looked(problem=cloud_words(error), status=503)


def _start(form: PromoteForm, looked: Looked[PromotionPreview], image: str, actor: str, seen: str) -> Promotion | None:
    """Starts it if `seen` is the fingerprint of what it would do now; else that is shown, and None answered."""
    if looked.preview is None:
        return None
    if not looked.seen(seen) or not looked.preview.possible:
        looked.status = 422
        return None
    try:
        return services.promote(form.request(image), actor=actor)
    except Invalid as error:
        form.take_errors(error.errors)
        looked.status = 422
    except (Refused, CloudError) as error:
        looked.preview, looked.problem = None, str(error)
        looked.status = 503 if isinstance(error, CloudError) else 422
    return None


@require_safe
def promotions(request: HttpRequest) -> HttpResponse:
    """All promotions, newest first, filtered by the URL."""
    found = PromotionListFilter(request.GET, queryset=selectors.promotions())
    drawn = shown(found, FILTERS)
    page = listing(request, found.qs.annotate(said=SAID), SORTS, "-id")
    context = {"listing": page, "lines": [promotion_line(row) for row in page.rows], "filter": drawn}
    return render(request, "console/promotions.html", context)


@require_safe
def promotion(request: HttpRequest, number: int) -> HttpResponse:
    """One promotion: how it stands, upon what it was decided, and its steps."""
    return page_with_live_part(request, "console/promotion.html", promotion_page(find(number), user_of(request)))


@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """The same, for polling; the last answer says that there will be no more news."""
    page = promotion_page(find(number), user_of(request))
    return live_part(request, "console/promotion_live.html", page, ended=not page.live)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Shows who uses it and what is taken back, asks why, then takes it back."""
    row = find(number)
    preview, why_not = _taking_back(number)
    form = RevokeForm(posted(request), used=bool(preview and preview.used_by))
    if request.method == "POST" and preview is not None and form.is_valid():
        try:
            services.revoke(
                number,
                actor=user_of(request).username,
                reason=form.cleaned_data["reason"],
                although_used=form.cleaned_data.get("although_used", False),
            )
        except (Refused, CloudError) as error:
            form.add_error(None, str(error))
        else:
            return redirect("console:promotion", number)
    context = {
        "row": row,
        "preview": preview,
        "why_not": why_not,
        "form": form,
        "back": reverse("console:promotion", args=[number]),
    }
    return render(request, "console/promotion_revoke.html", context, status=status_of(form))


def _taking_back(number: int) -> tuple[RevocationPreview | None, str]:
    """What it would do, or why it cannot be done."""
    try:
        return services.preview_revocation(number), ""
    except Refused as error:
        return None, str(error)
    except CloudError as error:
        return None, f"AWS did not let us look whether it is used ({error}). Nothing was changed."


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Shows what is put back, asks why, then stops what goes on of a promotion."""
    return deciding.cancel(request, lambda: _asked(number), services.cancel_promotion)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Shows which step is tried again, asks why, then has a promotion go on that needs a person."""
    return deciding.retry(request, lambda: _asked(number), services.resume_promotion)


def _asked(number: int) -> Asked:
    row = find(number)
    taken = row.revocation is not None
    left = "stands as before" if taken else "may not launch it"
    what = f"{'taking back ' if taken else ''}the promotion of {row.what} to {row.target.name}"
    cleans = f"Then {'it' if taken else row.target.name} {left}."
    return Asked("promotion", ("Promotions", reverse("console:promotions")), number, what, row.now, cleans)


def find(number: int) -> Promotion:
    """The promotion with its steps. Raises Http404 that names it."""
    try:
        return selectors.promotion(number)
    except Promotion.DoesNotExist as error:
        raise Http404(f"There is no promotion {number}.") from error
