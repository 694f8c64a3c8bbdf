"""The settings of a cluster: everybody reads them, an operator changes them with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console import words
from apps.console.access import missing_role, posted, user_of
from apps.console.build.history import place_of
from apps.console.forms.errors import take
from apps.console.forms.policy import PolicyForm
from apps.console.views.clusters import find
from apps.deployments import services
from apps.deployments.errors import Invalid
from apps.deployments.models import ClusterPolicy
from apps.workflows.options import OptionSpec


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """Shows the settings, and changes them."""
    cluster, user = find(environment, region, name), user_of(request)
    blocked = missing_role(user, Role.OPERATOR)
    if blocked and request.method == "POST":
        raise PermissionDenied(blocked)
    row = services.policy_of(cluster)
    form = PolicyForm(posted(request), row)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_policy(cluster, actor=user.username, reason=form.cleaned_data["reason"], **form.settings())
        except Invalid as error:
            take(form, error.errors)
        else:
            messages.success(request, f"The settings of {name} are saved.")
            return redirect("console:policy", environment, region, name)
    context = {"place": place_of(cluster), "policy": row, "form": form, "blocked": blocked, "facts": _facts(row)}
    return render(request, "console/policy.html", context, status=422 if form.errors else 200)


def _facts(row: ClusterPolicy) -> list[tuple[str, str, str]]:
    """Each setting with its value in words, and what it means."""
    return [(spec.label, _value(spec, getattr(row, spec.name)), spec.help) for spec in services.policy_fields()]


def _value(spec: OptionSpec, value: object) -> str:
    if spec.choices:
        return dict(spec.choices).get(str(value), str(value))
    return "as the environment asks for" if value is None else f"{words.plain(value)} {spec.unit}".strip()
