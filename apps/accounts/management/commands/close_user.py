"""Shuts out somebody who left."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services
from apps.accounts.models import User

ACTOR = "manage.py"


class Command(BaseCommand):
    help = "Closes an account: its sessions and tokens end at once. create_user --update opens it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']}.")
        services.close_account(user, actor=ACTOR)
        self.stdout.write(f"{user.username} is shut out.")
