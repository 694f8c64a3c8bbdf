"""The page of a build's quick check, from rows."""

from __future__ import annotations

from collections.abc import Iterator

from apps.console.pages.common import State
from apps.console.pages.package_check import CheckPage
from apps.images import checks
from apps.images.models import Build, Gate, PackageCheck
from apps.images.selectors import package_checks
from apps.workflows.timing import span

KINDS = {Gate.Outcome.PASSED: "serve", Gate.Outcome.FAILED: "fail", Gate.Outcome.SKIPPED: "rest"}


def check_page(build: Build) -> CheckPage:
    """Of its newest check."""
    row = package_checks.latest(build.pk)
    title, application = f"{build.package} {build.version}", build.application.name
    if row is None:
        return CheckPage(build.pk, title, application, State("wait", "It was not checked yet."))
    live = not row.outcome and not row.run.ended
    kind = KINDS[Gate.Outcome(row.outcome)] if row.outcome else "move" if live else "rest"
    return CheckPage(
        build=build.pk,
        title=title,
        application=application,
        state=State(kind, package_checks.sentence(row)),
        live=live,
        facts=tuple((name, value) for name, value in _facts(row) if value),
        at=row.created_at,
        installed=tuple(row.installed.items()),
        log=row.log,
        log_words=f"{row.log_cut:,} bytes before these were lost." if row.log_cut else "",
    )


def _facts(row: PackageCheck) -> Iterator[tuple[str, str]]:
    titles = {way.slug: way.title for way in checks.known()}
    yield "Done in", titles.get(row.way, row.way)
    yield "Took", span(row.seconds) if row.seconds is not None else ""
    yield "Asked for by", row.actor
    yield "Reason", row.reason
