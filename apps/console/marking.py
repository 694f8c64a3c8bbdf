"""Moments and names within a text as HTML: a time that the browser says in its reader's zone, an id to be copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.console import words

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")

# what people copy out of facts: ARNs, ids of AWS, names of groups, private addresses; a URL is passed over whole
NAME = re.compile(
    r"\barn:[^\s,()]+"
    r"|\b[a-z][a-z0-9+.-]*://\S+"
    r"|\b[\w-]+(?:\.[\w-]+)+\.amazonaws\.com(?:\.cn)?\b"
    r"|\b(?:ami|eni|i|lt|sg|snap|subnet|vol|vpc)-[0-9a-f]{8,17}\b"
    r"|(?<![\w.-])\w[\w.-]*-v\d{3}(?![\w.-])"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w./])"
)


def time_element(moment: datetime, text: str, **data: str) -> SafeString:
    """A moment that says `text`, exact in its title: in UTC here, in the reader's zone where scripts run.

    `data` becomes attributes: `tick` (ago, since, age) lets the text go on, `clock` (minutes, seconds, exact) lets it
    be said in the reader's zone.
    """
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        exact(moment),
        format_html_join("", ' data-{}="{}"', data.items()),
        text,
    )


def exact(moment: datetime) -> str:
    """A moment to the second, with its zone."""
    return timezone.localtime(moment).strftime("%a %d %b %Y, %H:%M:%S %Z")


def clock(moment: datetime) -> SafeString:
    """The time of day as a time element, with the date where it is not today."""
    return time_element(moment, words.clock(timezone.localtime(moment), timezone.now()), clock="minutes")


def with_times(text: str) -> SafeString:
    """The text with every moment that stands in it (see `words.instant`) as a time of day."""
    return _replaced(text, MOMENT, lambda found: clock(datetime.fromisoformat(found)))


def linked(text: str, links: Mapping[str, str]) -> str:
    """The text as a link, where `links` has an address for all of it."""
    return format_html('<a href="{}">{}</a>', links[text], text) if text in links else text


def with_copies(text: str, links: Mapping[str, str]) -> str:
    """The text with a button that copies it at every id, group's name and address in it, not within a URL.

    `links` are addresses, by what leads there: the whole text, or an id or name in it.
    """
    if text in links and not NAME.fullmatch(text):
        return linked(text, links)
    return _replaced(text, NAME, lambda found: _copyable(found, links.get(found, "")))


def _copyable(text: str, href: str) -> str:
    if "://" in text:
        return text
    return SafeString(render_to_string("components/copyable.html", {"text": text, "href": href}).strip())


def _replaced(text: str, pattern: re.Pattern[str], drawn: Callable[[str], str]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text, pattern, drawn)))


def _pieces(text: str, pattern: re.Pattern[str], drawn: Callable[[str], str]) -> Iterator[str]:
    at = 0
    for found in pattern.finditer(text):
        yield text[at : found.start()]
        yield drawn(found[0])
        at = found.end()
    yield text[at:]
