"""What a provisioner is: options, checks, and a pure function from a package's version to shell commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.images.addresses import names_somebody
from apps.workflows.offered import Offered, Register
from apps.workflows.options import option

WITHIN = re.compile(r"/[^\s'\"\\$`]*")  # a path of the image
PRINTABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class CommonOptions:
    """What every provisioner may be told."""

    configuration: str = option(
        "/etc",
        "Configuration",
        "Files and folders of the image, separated by spaces, whose SHA-256 sums the manifest keeps.",
    )


@dataclass(frozen=True)
class Asked:
    """What is to be installed; `repository` is as the provisioner understands it, `options` are of its type."""

    package: str
    version: str
    repository: str
    options: Any


@dataclass(frozen=True)
class Provisioner(Offered):
    """A way to install exactly one version of a package.

    `fragment(asked)` are commands for a POSIX shell under `set -eu`. `$ROOT` is in front of every path of the image,
    empty on a real machine; `$WORK` is a folder that does not get into the image. They fail where anything else than
    that version would be there afterwards. `check(asked)` answers what is wrong: field to sentence. `leaves` are the
    paths, below the image's root, of what the commands wrote and the image must not hold. For a check in a root of its
    own: `programs` must be in it, `records` are where the package manager keeps its own, `writes(options)` says whether
    the commands write to folders of the distribution.
    """

    fragment: Callable[[Asked], str]
    check: Callable[[Asked], dict[str, str]]
    version_pattern: re.Pattern[str]
    version_help: str
    leaves: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    writes: Callable[[Any], bool] = lambda _: True

    def install(self, package: str, version: str, repository: str, options: Any) -> str:
        """The commands that install it; see `fragment`."""
        return self.fragment(Asked(package, version, repository, options))

    def version_problem(self, version: str) -> str:
        """What is wrong with a version that must name exactly one, in a sentence; empty if nothing is."""
        return (
            "" if self.version_pattern.fullmatch(version) else f"{version!r} is no exact version. {self.version_help}"
        )

    def problems(self, package: str, repository: str, options: Any) -> dict[str, str]:
        """What is wrong with a recipe for it: field to sentence."""
        found = {}
        for path in options.configuration.split():
            if not WITHIN.fullmatch(path) or ".." in path.split("/"):
                found["options.configuration"] = f"{path!r} is no path within an image; they begin with /, as /etc."
        return {**self.check(Asked(package, "", repository, options)), **found}


_provisioners: Register[Provisioner] = Register()


def register(provisioner: Provisioner) -> Provisioner:
    """Makes a provisioner known by its slug."""
    return _provisioners.add(provisioner)


def known() -> dict[str, Provisioner]:
    """Every provisioner by slug, in the order of their slugs."""
    return _provisioners.all()


def address_problem(repository: str) -> dict[str, str]:
    """What is wrong with a repository that must be an address, by field."""
    if not re.fullmatch(r"(https?|file)://[^\s'\"\\]+", repository):
        return {"repository": "Name the repository by its address, as https://packages.example.com/stable."}
    return secret_problem("repository", repository)


def secret_problem(field: str, address: str) -> dict[str, str]:
    """That an address tells a user name or a password, by field."""
    if not names_somebody(address):
        return {}
    return {
        field: "Leave user name and password out: a recipe is shown to everybody. Let the builder in by its network or "
        "its instance profile."
    }
