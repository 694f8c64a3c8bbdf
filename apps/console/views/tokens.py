"""API tokens: make one, see it once, revoke it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts import services
from apps.accounts.selectors import tokens_visible_to
from apps.console.access import posted, user_of
from apps.console.forms.tokens import TokenForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form; a token just made is shown in this answer and in no other."""
    user = user_of(request)
    form = TokenForm(posted(request))
    text = ""
    if request.method == "POST" and form.is_valid():
        _, text = services.create_token(
            user, form.cleaned_data["name"], actor=user.username, expires_at=form.expires_at()
        )
        form = TokenForm()
    context = {"tokens": tokens_visible_to(user), "form": form, "text": text}
    return render(request, "console/tokens.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """Asks, then ends a token at once: one's own; an administrator may end anybody's."""
    user = user_of(request)
    found = get_object_or_404(tokens_visible_to(user), pk=token)
    if request.method != "POST":
        return render(request, "console/token_revoke.html", {"token": found})
    services.revoke(found, actor=user.username)
    messages.success(request, f"The token “{found.name}” opens nothing any more.")
    return redirect("console:tokens")
