"""`python -m apps.demo.seeding.console TOKEN_FILE DESCRIPTION REPOSITORY`: what the console must know at first.

Users, environments, applications, a reading of AWS, what bakes need, and what one application tells its instances:
DESCRIPTION is what the seeding of the cloud wrote, REPOSITORY the URL of its packages.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

from apps.demo.seeding import builds, plan, user_data
from apps.demo.surroundings import LESSER, USER

ACTOR = "demo set-up"


def main(token_file: Path, description: Path, repository: str) -> None:
    """Writes the demo user's API token to `token_file`; the password comes in DEMO_PASSWORD."""
    django.setup()
    _enter()
    _read_inventory()
    builds.enter(json.loads(description.read_text())["base_images"], repository, ACTOR)
    user_data.enter(ACTOR)
    text = _make_users(os.environ["DEMO_PASSWORD"])
    token_file.touch(0o600)
    token_file.write_text(text)


def _make_users(password: str) -> str:
    from apps.accounts.models import Role
    from apps.accounts.services import create_token, create_user

    user = create_user(USER, password, Role.ADMINISTRATOR, actor=ACTOR)
    for name, role in zip(LESSER, (Role.OPERATOR, Role.VIEWER), strict=True):
        create_user(name, password, role, actor=ACTOR)
    _, text = create_token(user, "demo", actor=ACTOR)
    return text


def _enter() -> None:
    from apps.inventory.services import create_application, create_environment

    for environment in plan.ENVIRONMENTS:
        create_environment(
            environment.name,
            actor=ACTOR,
            account_id=environment.account_id,
            role_arn=environment.role_arn,
            regions=list(environment.regions),
            description=environment.description,
            production=environment.production,
        )
    for application in plan.APPLICATIONS:
        create_application(
            application.name,
            actor=ACTOR,
            owner=application.owner,
            email=application.email,
            description=application.description,
            repository_url=application.repository_url,
            health_check_path="/health",
            tags={"tier": "sample"},
        )


def _read_inventory() -> None:
    from apps.inventory.models import Environment
    from apps.inventory.services import read_one_by_one, sync_region

    for environment in Environment.objects.all():
        for region in environment.regions:
            sync_region(environment, region, everything=True)
            read_one_by_one(environment, region, everything=True)  # the first page that somebody opens is whole


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
