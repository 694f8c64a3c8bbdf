"""The quick check of a build's package: how the last one ended, and having it done."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console.access import missing_role, posted, user_of
from apps.console.build.package_check import check_page
from apps.console.forms.errors import status_of, take
from apps.console.forms.reason import ReasonForm
from apps.console.live import etag_of, live_part
from apps.images import services
from apps.images.errors import Invalid, Refused
from apps.images.models import Build
from apps.images.selectors import builds


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, number: int) -> HttpResponse:
    """The newest check; sent by an operator, it starts another."""
    row, form = find(number), ReasonForm(posted(request))
    blocked = missing_role(user_of(request), Role.OPERATOR)
    if request.method == "POST" and not blocked and form.is_valid():
        try:
            services.check_package(number, actor=user_of(request).username, reason=form.cleaned_data["reason"])
        except Invalid as error:
            take(form, error.errors)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect("console:build-check", number)
    page = check_page(row)
    status = 403 if request.method == "POST" and blocked else status_of(form)
    context = {"page": page, "etag": etag_of(page), "form": form, "blocked": blocked}
    response = render(request, "console/package_check.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """The same, for polling; the last answer says that there will be no more news."""
    page = check_page(find(number))
    return live_part(request, "console/package_check_live.html", page, ended=not page.live)


def find(number: int) -> Build:
    """Raises Http404 that names it."""
    try:
        return builds.build(number)
    except Build.DoesNotExist as error:
        raise Http404(f"There is no build {number}.") from error
