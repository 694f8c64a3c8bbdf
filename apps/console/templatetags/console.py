"""Tags and filters of the console's templates."""

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.forms import BooleanField, BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.console import marking, words
from apps.console.lists import with_query
from apps.console.pages.common import Action
from apps.workflows import counting

register = template.Library()


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The theme chosen on this browser: auto, light or dark."""
    request: HttpRequest | None = context.get("request")
    chosen = request.COOKIES.get("theme", "auto") if request else "auto"
    return chosen if chosen in {"auto", "light", "dark"} else "auto"


@register.filter
def ago(moment: datetime | None) -> str | SafeString:
    """A moment as "3 min ago", exact in its title; ticks on in the browser."""
    if not moment:  # also the empty text that a template makes of a missing one
        return "never"
    text = words.ago((timezone.now() - moment).total_seconds())
    return marking.time_element(moment, text, tick="ago")


@register.filter
def since(moment: datetime | None) -> str | SafeString:
    """How long something has lasted since `moment`, as "3 min 20 s"; ticks on in the browser."""
    if not moment:
        return "–"
    return marking.time_element(moment, words.duration((timezone.now() - moment).total_seconds()), tick="since")


@register.filter
def age(moment: datetime | None) -> str | SafeString:
    """How old something is, in one coarse unit, as "3 days"; ticks on in the browser."""
    if not moment:
        return "–"
    return marking.time_element(moment, words.coarse((timezone.now() - moment).total_seconds()), tick="age")


@register.filter
def clock(moment: datetime | None) -> str | SafeString:
    """The time of day, with the date where it is not today."""
    if not moment:
        return "–"
    return marking.clock(moment)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as "3 min 20 s"."""
    return "–" if seconds is None else words.duration(seconds)


@register.filter
def instances(count: int) -> str:
    """A number of instances, as "1 instance"."""
    return counting.instances(count)


@register.filter
def exact(moment: datetime | None) -> str | SafeString:
    """A moment to the second with its zone, to be read and not only hovered."""
    return marking.time_element(moment, marking.exact(moment), clock="exact") if moment else "–"


@register.filter
def times(text: str) -> SafeString:
    """A sentence, the moments in it said as times of day."""
    return marking.with_times(text)


@register.filter
def copies(text: str, links: Iterable[tuple[str, str]] = ()) -> str:
    """A fact, the ids, names of groups and addresses in it with a button that copies each; `links` as pages hold them.

    A page's `links` are pairs of what leads somewhere, a whole fact or an id in it, and its address.
    """
    return marking.with_copies(text, dict(links))


@register.filter
def linked(text: str, links: Iterable[tuple[str, str]] = ()) -> str:
    """A text as a link, where `links` has an address for it."""
    return marking.linked(text, dict(links))


@register.simple_tag(takes_context=True)
def reasons(context: template.Context) -> list[Action]:
    """Of a page's actions, and those behind its menu, the ones that cannot be pressed: one for each reason."""
    offered: list[Action] = [*(context.get("actions") or ()), *(context.get("further") or ())]
    return list({action.blocked: action for action in offered if action.blocked}.values())


@register.inclusion_tag("components/state.html")
def state(kind: str, word: str) -> dict[str, object]:
    """A state as mark and word; `kind` is serve, move, attend, fail, rest or wait."""
    return {"kind": kind, "word": marking.with_times(word), "badge": False}


@register.inclusion_tag("components/state.html")
def badge(kind: str, word: str) -> dict[str, object]:
    """A state as a badge."""
    return {"kind": kind, "word": word, "badge": True}


@register.inclusion_tag("components/mark.html")
def mark(kind: str) -> dict[str, object]:
    """Only the mark of a state; the word must stand beside it."""
    return {"kind": kind}


@register.inclusion_tag("components/notice.html")
def notice(kind: str, text: object) -> dict[str, object]:
    """A sentence set apart, with the mark of its kind."""
    return {"kind": kind, "text": text}


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, text: str, *beside: str) -> SafeString:
    """A link of the navigation, marked when the page is at or below it, or one of the pages `beside` it."""
    request: HttpRequest | None = context.get("request")
    address = reverse(name)
    here = request is not None and request.path.startswith((address, *map(reverse, beside)))
    current = mark_safe(' aria-current="page"') if here else ""
    return format_html('<a href="{}"{}>{}</a>', address, current, text)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """A form field with label, help and errors; the first field in error of a form takes the focus."""
    attributes: dict[str, str | bool] = {}
    if bound.errors:
        attributes["aria-describedby"] = f"{bound.auto_id}_error"
        first = next(name for name in bound.form.fields if name in bound.form.errors)
        attributes["autofocus"] = first == bound.name
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attributes),
        "checkbox": isinstance(bound.field, BooleanField),
        "optional": _optional(bound),
    }


def _optional(bound: BoundField) -> bool:
    """Whether to say that the field may stay empty; a form names those that it asks for by its own rules."""
    asked = getattr(bound.form, "asked", ())
    return not bound.field.required and bound.field.initial in (None, "") and bound.name not in asked


@register.filter
def clock_seconds(moment: datetime) -> SafeString:
    """The time of day to the second, for lists of what happened."""
    return marking.time_element(moment, timezone.localtime(moment).strftime("%H:%M:%S"), clock="seconds")


@register.inclusion_tag("components/bar.html")
def bar(percent: int, kind: str, label: str) -> dict[str, object]:
    """A bar of `percent` (0-100), said aloud as `label` and the number."""
    return {"percent": percent, "kind": kind, "label": f"{label}: {percent} %"}


@register.inclusion_tag("components/time_bar.html")
def time_bar(started: datetime, expected: float) -> dict[str, object]:
    """How much of the expected seconds has passed; moves on in the browser, and says when it takes longer."""
    passed = (timezone.now() - started).total_seconds()
    percent = max(0, min(99, round(100 * passed / expected))) if expected else 0
    label = f"Elapsed of the expected time: {percent} %"
    return {
        "percent": percent,
        "kind": "move",
        "label": label,
        "started": started,
        "expected": expected,
        "late": passed > expected,
    }


@register.inclusion_tag("components/copyable.html")
def copyable(text: str, href: str = "") -> dict[str, object]:
    """An id, leading to `href` where one is given, with a button that copies it; that appears where scripts run."""
    return {"text": text, "href": href}


@register.inclusion_tag("components/copy_button.html")
def copy_button(text: str) -> dict[str, object]:
    """The button alone, beside something that is said in another way."""
    return {"text": text}


@register.simple_tag
def differs() -> SafeString:
    """The mark of a value that is unlike the one to its left."""
    return mark_safe(
        '<span class="group__differs" title="Unlike the group to its left" aria-hidden="true">≠</span>'
        '<span class="visually-hidden">Unlike the group to its left: </span>'
    )


@register.filter
def is_past(moment: datetime) -> bool:
    """Whether the moment is behind us."""
    return moment <= timezone.now()


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, column: str, text: str) -> SafeString:
    """The content of a column's head: a link that sorts by it, and back again."""
    request: HttpRequest = context["request"]
    current = context["listing"].sort
    target = f"-{column}" if current == column else column
    arrow = {column: " ↑", f"-{column}": " ↓"}.get(current, "")
    return format_html('<a href="{}">{}{}</a>', with_query(request.GET, sort=target, page=""), text, arrow)


@register.simple_tag(takes_context=True)
def aria_sort(context: template.Context, column: str) -> str:
    """How the list is sorted by this column, for the attribute aria-sort."""
    return {column: "ascending", f"-{column}": "descending"}.get(context["listing"].sort, "none")
