"""Makes the root that checks of packages for another distribution are done in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.images.checks.bootstrap import NotMadeError, Wanted, make


class Command(BaseCommand):
    help = "Makes a root of another distribution in PACKAGE_CHECK_ROOTS, for checks of packages. Takes minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--suite", default="", help="of Debian or Ubuntu: trixie; by mmdebstrap or debootstrap")
        which.add_argument("--release", default="", help="of an RPM distribution: 9; by dnf")
        parser.add_argument("--repository", default="", help="where its packages are; the tool's own if empty")
        parser.add_argument("--key", default="", help="what signs them: a file, for dnf an address too")
        parser.add_argument("--unsigned", action="store_true", help="take packages that nobody signed; for tests")
        parser.add_argument("--also", nargs="*", default=[], metavar="PACKAGE", help="what else is to be there")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.PACKAGE_CHECK_ROOTS
        if not folder:
            raise CommandError("Set PACKAGE_CHECK_ROOTS to the folder that roots are kept in, for workers too.")
        names = ("repository", "suite", "release", "key", "unsigned")
        wanted = Wanted(**{name: options[name] for name in names}, also=tuple(options["also"]))
        try:
            made = make(wanted, Path(folder))
        except NotMadeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} is there: recipes whose check_root is {made.name} are checked in it.")
