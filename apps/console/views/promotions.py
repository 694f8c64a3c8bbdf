"""Promotions: the form with its preview, the page of one, and taking one back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import needs, posted, user_of
from apps.console.build.promotions import evidence_of, promotion_page, targets
from apps.console.forms.errors import status_of
from apps.console.forms.promotions import PromoteForm, RevokeForm
from apps.console.live import live_part, page_with_live_part
from apps.console.views.looked import Looked, cloud_words, fingerprint
from apps.images import services
from apps.images.errors import Invalid, Refused
from apps.images.models import Promotion
from apps.images.selectors.promotions import promotion as read
from apps.images.services import PromotionPreview, RevocationPreview


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
    except (Refused, CloudError) as error:
        looked.preview, looked.problem = None, str(error)
        looked.status = 503 if isinstance(error, CloudError) else 422
    return None


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
    shown, why_not = _taking_back(number)
    form = RevokeForm(posted(request), used=bool(shown and shown.used_by))
    if request.method == "POST" and shown is not None and form.is_valid():
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
        "preview": shown,
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


def find(number: int) -> Promotion:
    """The promotion with its steps. Raises Http404 that names it."""
    try:
        return read(number)
    except Promotion.DoesNotExist as error:
        raise Http404(f"There is no promotion {number}.") from error
