"""Makes a user without asking questions, for installers and containers."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services
from apps.accounts.models import Role, User

ACTOR = "manage.py"


class Command(BaseCommand):
    help = "Makes a user. The password comes from the variable PASSWORD, else from the first line of standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, default=Role.VIEWER.value)
        parser.add_argument("--update", action="store_true", help="if the user exists, set password and role")
        parser.add_argument("--token", metavar="NAME", help="also make an API token of this name and print it once")

    def handle(self, *args: Any, **options: Any) -> None:
        username, role = options["username"], Role(options["role"])
        password = os.environ.get("PASSWORD") or sys.stdin.readline().rstrip("\r\n")
        existing = User.objects.filter(username__iexact=username).first()
        if existing and not options["update"]:
            raise CommandError(f"There is already a user {existing.username}; --update sets its password and role.")
        try:
            if existing:
                services.set_credentials(existing, password, role, actor=ACTOR)
            user = existing or services.create_user(username, password, role, actor=ACTOR)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if options["token"]:
            self.stdout.write(services.replace_token(user, options["token"], actor=ACTOR))
        else:
            self.stdout.write(f"{username} has the role {role.value}.")
