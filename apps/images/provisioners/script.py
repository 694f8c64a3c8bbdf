"""Whatever else: commands of one's own, which are told package, version and repository."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from apps.images.provisioners.base import Asked, CommonOptions, Provisioner, register, secret_problem
from apps.workflows.options import option

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~^_-]*")


@dataclass(frozen=True)
class ScriptOptions(CommonOptions):
    """What is run on the builder."""

    commands: str = option(
        "",
        "Commands",
        "For a POSIX shell that stops at the first one that fails; they find $PACKAGE, $VERSION, $REPOSITORY and, in "
        "front of every path of the image, $ROOT.",
        lines=True,
    )


def fragment(asked: Asked) -> str:
    told = {"PACKAGE": asked.package, "VERSION": asked.version, "REPOSITORY": asked.repository}
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in told.items())
    return f'{given} ROOT="$ROOT" sh -eu -c {shlex.quote(asked.options.commands)}'


def check(asked: Asked) -> dict[str, str]:
    found = secret_problem("repository", asked.repository)
    if not asked.options.commands.strip():
        found["options.commands"] = "Say what installs the package."
    return found


register(
    Provisioner(
        slug="script",
        title="Script",
        summary="Runs commands of your own.",
        options_type=ScriptOptions,
        fragment=fragment,
        check=check,
        version_pattern=VERSION,
        version_help="Name one version, without spaces.",
    )
)
