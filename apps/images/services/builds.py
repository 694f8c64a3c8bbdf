"""Taking in what CI reports of builds: sent again it changes nothing, and of a gate the newest word stands."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from apps.events.services import record
from apps.images.errors import Invalid
from apps.images.models import Build, Recipe
from apps.images.reported import Reported, ReportedOfCommit
from apps.images.services.checks import is_link, too_long
from apps.images.services.gates import said_of_commit, take_gates, take_gates_of_commit, wrong_gates
from apps.inventory.models import Application

PLAIN = re.compile(r"[!-~]+")  # what package managers and version control call things: ASCII without blanks
LONGEST = {"package": 255, "version": 255, "number": 64, "commit": 64, "branch": 255, "url": 1000, "changelog": 100_000}
CALLED = {"url": "ci_url"}  # as whoever reports calls it: `url` is where the build is here
NAMED = 10  # applications that a refusal names
FACTS = ("version", "number", "commit", "branch", "url", "changelog")


@transaction.atomic
def report_build(reported: Reported, *, actor: str) -> tuple[Build, bool]:
    """Takes in a build, or what is new of one; answers it and whether it was unknown. Raises Invalid naming each field.

    A build is known by application, package, version and number. One that was reported without a number takes the
    first that is told. Its commit does not change, for it was built once.
    """
    application = _application(reported.application)
    _refuse(_wrong(reported))
    package = reported.package or _package(application)
    row = _known(application, package, reported)
    created = row is None
    if row is None:
        row = _create(application, package, reported, actor)
    else:
        _complete(row, reported)
    take_gates(row, (*said_of_commit(row), *reported.gates), actor)
    return row, created


@transaction.atomic
def report_gates(reported: ReportedOfCommit, *, actor: str) -> tuple[Build, ...]:
    """Takes in gates of whatever was, or will be, built of a commit; answers the builds of it that are known."""
    application = _application(reported.application)
    wrong = (
        {}
        if PLAIN.fullmatch(reported.commit) and len(reported.commit) <= LONGEST["commit"]
        else {"commit": f"A commit has {LONGEST['commit']} letters and digits at most."}
    )
    _refuse({**wrong, **wrong_gates(reported.gates)})
    return tuple(take_gates_of_commit(application, reported.commit, reported.gates, actor))


def _application(name: str) -> Application:
    """Locked, so that reports of one application come one after the other. Raises Invalid with the names there are."""
    found = Application.objects.select_for_update(no_key=True).filter(name=name).first()
    if found is None:
        names = list(Application.objects.order_by("name").values_list("name", flat=True)[: NAMED + 1])
        more = " and others" if len(names) > NAMED else ""
        known = f"{', '.join(names[:NAMED])}{more}" if names else "none"
        raise Invalid({"application": [f"There is no application {name!r}; known are {known}."]})
    return found


def _package(application: Application) -> str:
    named = Recipe.objects.filter(application=application).values_list("package", flat=True).first()
    return named or application.name


def _known(application: Application, package: str, reported: Reported) -> Build | None:
    rows = Build.objects.filter(application=application, package=package, version=reported.version).order_by("-id")
    if not reported.number:
        return rows.first()
    return rows.filter(number=reported.number).first() or rows.filter(number="").first()


def _create(application: Application, package: str, reported: Reported, actor: str) -> Build:
    facts = {name: getattr(reported, name) for name in FACTS}
    row = Build.objects.create(application=application, package=package, reported_by=actor, **facts)
    of = f" of commit {row.commit[:12]}" if row.commit else ""
    record(
        "build.reported",
        actor=actor,
        subject=f"build {row.pk}",
        summary=f"{actor} reported {row}{of} of the application {application.name}.",
        after={"application": application.name, **{name: getattr(row, name) for name in ("package", *FACTS[:4])}},
    )
    return row


def _complete(row: Build, reported: Reported) -> None:
    """Adds what was not known, and takes the newer address and changelog. Raises Invalid where the commit differs."""
    if reported.commit and row.commit and not _same(row.commit, reported.commit):
        mend = "What is built anew needs another version, or a number of its own."
        raise Invalid({"commit": [f"{row} was reported of commit {row.commit}. {mend}"]})
    told = {
        "number": row.number or reported.number,
        "commit": max(row.commit, reported.commit, key=len),
        "branch": row.branch or reported.branch,
        "url": reported.url or row.url,
        "changelog": reported.changelog or row.changelog,
    }
    changed = [name for name, value in told.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, told[name])
        row.updated_at = timezone.now()
        row.save(update_fields=[*changed, "updated_at"])


def _same(one: str, other: str) -> bool:
    """Whether two texts name one commit: CI shortens them."""
    return one.startswith(other) or other.startswith(one)


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise Invalid({field: [text] for field, text in wrong.items()})


def _wrong(reported: Reported) -> dict[str, str]:
    """What is wrong, by field; those of gates as `gates.0.outcome`."""
    found = {CALLED.get(name, name): text for name, text in too_long(reported, LONGEST)}
    for name in ("package", "version", "number", "commit"):
        if (value := getattr(reported, name)) and not PLAIN.fullmatch(value):
            found.setdefault(name, "Letters, digits and signs without blanks, as the package manager has it.")
    if not reported.version:
        found["version"] = "Name the version, exactly as the package manager knows it."
    if reported.url and not is_link(reported.url):
        found.setdefault(CALLED["url"], "A link begins with https:// or http://.")
    return {**found, **wrong_gates(reported.gates)}
