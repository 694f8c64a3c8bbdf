"""What instances are told when they start: everybody sees by which version, operators read it, and that is recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.build.user_data import compared, in_lines, user_data_page
from apps.console.forms.user_data import UserDataForm
from apps.console.pages.user_data import Compared
from apps.console.views.clusters import find as find_cluster
from apps.console.views.deployments import find as find_deployment
from apps.deployments import services as deployments
from apps.deployments.errors import Invalid
from apps.deployments.requests import PushRequest
from apps.inventory import services
from apps.inventory.models import Application, Environment, UserData
from apps.inventory.selectors import user_data as selectors
from apps.inventory.user_data import Unrenderable
from apps.inventory.user_data.leaks import suspects

LEFT = "It leaves the user data as it is."


@require_safe
def user_data(request: HttpRequest, name: str) -> HttpResponse:
    """Which version holds, where places differ, and every version; the text itself is read apart."""
    application, user = get_object_or_404(Application, name=name), user_of(request)
    context = {
        "page": user_data_page(application),
        "reading": missing_role(user, Role.OPERATOR),
        "editing": missing_role(user, Role.ADMINISTRATOR),
    }
    return render(request, "console/user_data.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Writes the next version. What stands is read, and so recorded, only once that is asked for."""
    application = get_object_or_404(Application, name=name)
    stands, actor = selectors.newest(name), user_of(request).username
    if stands and (request.method != "POST" or "open" in request.POST):
        if request.method != "POST":
            return _asked_first(request, f"Edit the user data of {name}", "Read and edit it", name, value="open")
        stands = services.read_user_data(application, None, actor=actor)
        return _form(request, application, _new_form(None, stands))
    form = _new_form(posted(request), stands, preview="preview" in request.POST)
    shown: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                shown = _previewed(request, application, form)
            else:
                return _saved(request, application, form)
        except ValidationError as error:
            form.take_errors(error)
    return _form(request, application, form, shown)


@needs(Role.OPERATOR)
@require_POST  # a link that a browser follows by itself must not record a look that nobody took
def read(request: HttpRequest, name: str) -> HttpResponse:
    """One version, two versions beside each other, or what two places get; that it was read is recorded."""
    application, actor, given = get_object_or_404(Application, name=name), user_of(request).username, request.POST
    try:
        if "places" in given:
            shown = _places(application, given.get("one", ""), given.get("other", ""), actor)
        else:
            shown = _versions(application, given.get("before", ""), given.get("after", ""), actor)
    except UserData.DoesNotExist as error:
        raise Http404(f"There is no such version of the user data of {name}.") from error
    except Unrenderable as error:
        return _texts(request, None, str(error), reverse("console:user-data", args=[name]))
    return _texts(request, shown, "", reverse("console:user-data", args=[name]))


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def of_push(request: HttpRequest, environment: str, region: str, name: str) -> HttpResponse:
    """What a push of `image` by `strategy` would change; a GET only asks whether to read it."""
    cluster = find_cluster(environment, region, name)
    image, strategy = request.GET.get("image", ""), request.GET.get("strategy", "red-black")
    title = f"User data of {name} by a push of {image}"
    if request.method != "POST":
        return _asked_first(request, title, "Read what changes", cluster.application.name)
    back = reverse("console:push", args=[environment, region, name])
    asked = PushRequest(environment, region, name, image, strategy)
    try:
        texts = deployments.user_data_of_push(asked, actor=user_of(request).username)
    except Invalid as error:
        return _texts(request, None, " ".join(text for each in error.errors.values() for text in each), back, 422)
    except CloudError as error:
        return _texts(request, None, f"AWS did not let us look ({error}).", back, 503)
    return _before_and_after(request, title, texts, back)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def of_deployment(request: HttpRequest, number: int) -> HttpResponse:
    """What a deployment changed; a GET only asks whether to read it."""
    found = find_deployment(number)
    title = f"User data of {found.run.name}"
    if request.method != "POST":
        return _asked_first(request, title, "Read what changed", found.cluster.application.name)
    texts = deployments.user_data_of(number, actor=user_of(request).username)
    return _before_and_after(request, title, texts, reverse("console:deployment", args=[number]))


def _new_form(data: Any, row: UserData | None, *, preview: bool = False) -> UserDataForm:
    names = tuple(Environment.objects.order_by("production", "name").values_list("name", flat=True))
    return UserDataForm(data, environments=names, row=row if data is None else None, preview=preview)


def _previewed(request: HttpRequest, application: Application, form: UserDataForm) -> list[tuple[str, str]]:
    """What comes of the form at each place: what it is called, and the text. Raises ValidationError."""
    template, rendered = services.preview_user_data(application, form.settings())
    for sentence in suspects(template):
        messages.warning(request, sentence)
    return [
        (f"{each.identity.group}, {each.identity.environment} {each.identity.region}", each.text) for each in rendered
    ]


def _saved(request: HttpRequest, application: Application, form: UserDataForm) -> HttpResponse:
    """Raises ValidationError."""
    made = services.set_user_data(
        application.name,
        form.settings(),
        actor=user_of(request).username,
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["seen"],
    )
    messages.success(request, f"Version {made.number} of the user data is saved; pushes from now on use it.")
    return redirect("console:user-data", application.name)


def _form(
    request: HttpRequest, application: Application, form: UserDataForm, shown: list[tuple[str, str]] | None = None
) -> HttpResponse:
    context = {"form": form, "application": application.name, "shown": shown}
    return _secret(render(request, "console/user_data_form.html", context, status=422 if form.errors else 200))


def _asked_first(request: HttpRequest, title: str, button: str, application: str, value: str = "read") -> HttpResponse:
    context = {"title": title, "button": button, "application": application, "value": value}
    return render(request, "console/user_data_ask.html", context)


def _versions(application: Application, before: str, after: str, actor: str) -> Compared:
    new = services.read_user_data(application, _number(after), actor=actor)
    old = services.read_user_data(application, _number(before), actor=actor) if before and before != after else new
    title = f"User data of {application.name}"
    return compared(title, (f"Version {old.number}", in_lines(old)), (f"Version {new.number}", in_lines(new)))


def _places(application: Application, one: str, other: str, actor: str) -> Compared:
    found = {each.key: each for each in selectors.spots(application)}
    if one not in found or other not in found:
        raise Http404(f"{application.name} is not at {one if one not in found else other}.")
    texts = [
        services.render_user_data(application, found[key], actor=actor).text for key in dict.fromkeys((one, other))
    ]
    return compared(f"User data of {application.name}", (one, texts[0]), (other, texts[-1]))


def _before_and_after(request: HttpRequest, title: str, texts: deployments.Texts | None, back: str) -> HttpResponse:
    if texts is None:
        return _texts(request, None, LEFT, back)
    after = (f"After, by version {texts.number} of the template", texts.after)
    return _texts(request, compared(title, ("Before", texts.before), after), texts.problem, back)


def _texts(request: HttpRequest, shown: Compared | None, problem: str, back: str, status: int = 200) -> HttpResponse:
    context = {"shown": shown, "problem": problem, "back": back}
    return _secret(render(request, "console/user_data_texts.html", context, status=status))


def _secret(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"  # it may hold secrets
    return response


def _number(text: str) -> int:
    """Raises DoesNotExist for what is no number of a version."""
    if not text.isdecimal() or len(text) > 9:
        raise UserData.DoesNotExist
    return int(text)
