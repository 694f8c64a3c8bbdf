"""Debian packages: with apt, from a repository that is known to the builder for as long as it bakes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from apps.images.provisioners.base import WITHIN, Asked, CommonOptions, Provisioner, address_problem, register
from apps.workflows.options import option

NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?")
VERSION = re.compile(r"([0-9]+:)?[0-9][A-Za-z0-9.+~-]*")
SUITE = re.compile(r"[A-Za-z0-9._/-]+")
COMPONENTS = re.compile(r"[A-Za-z0-9._/-]+( [A-Za-z0-9._/-]+)*")
SOURCE = "/etc/apt/sources.list.d/deployconsole-bake.sources"


@dataclass(frozen=True)
class AptOptions(CommonOptions):
    """How Debian packages are installed."""

    suite: str = option("stable", "Suite", "The repository's suite; one that ends with / has no components.")
    components: str = option("main", "Components", "Of the suite, separated by spaces.")
    signed_by: str = option(
        "", "Key", "The file of the base image that holds the repository's key, as /usr/share/keyrings/shop.gpg."
    )
    trusted: bool = option(False, "Unsigned", "Install from it although nobody signed it. For tests.")
    recommends: bool = option(False, "Recommended packages", "Install what the package recommends, too.")


def fragment(asked: Asked) -> str:
    options: AptOptions = asked.options
    exact = shlex.quote(f"{asked.package}={asked.version}")
    recommends = "" if options.recommends else "--no-install-recommends "
    return f"""\
export DEBIAN_FRONTEND=noninteractive
mkdir -p "$ROOT"/etc/apt/sources.list.d
printf '%s\\n' {" ".join(map(shlex.quote, _source(asked.repository, options)))} >"$ROOT"{SOURCE}
set -- -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold
if [ -n "$ROOT" ]; then
  set -- "$@" -o Dir="$ROOT" -o Dir::State::status="$ROOT/var/lib/dpkg/status" -o APT::Sandbox::User=root \\
    -o Dpkg::Options::=--root="$ROOT" -o Dpkg::Options::=--force-script-chrootless
fi
apt-get "$@" -o APT::Update::Error-Mode=any update
apt-get "$@" install {recommends}--allow-downgrades {exact}
there=$(dpkg-query --admindir="$ROOT/var/lib/dpkg" -W -f '${{Status}} ${{Version}}' {shlex.quote(asked.package)})
if [ "$there" != {shlex.quote(f"install ok installed {asked.version}")} ]; then
  echo {shlex.quote(f"Asked for {asked.package} {asked.version}, found:")} "$there"
  exit 1
fi
apt-get "$@" clean
rm -rf "$ROOT"/var/lib/apt/lists/*"""


def _source(repository: str, options: AptOptions) -> list[str]:
    """The lines of a deb822 source."""
    lines = ["Types: deb", f"URIs: {repository}", f"Suites: {options.suite}"]
    lines += [] if options.suite.endswith("/") else [f"Components: {options.components}"]
    lines += [f"Signed-By: {options.signed_by}"] if options.signed_by else []
    return lines + (["Trusted: yes"] if options.trusted else [])


def check(asked: Asked) -> dict[str, str]:
    found = address_problem(asked.repository)
    options: AptOptions = asked.options
    if not NAME.fullmatch(asked.package):
        found["package"] = f"{asked.package!r} is no name of a Debian package."
    if not SUITE.fullmatch(options.suite):
        found["options.suite"] = "A suite is written as stable, or as ./ for a flat repository."
    if not COMPONENTS.fullmatch(options.components):
        found["options.components"] = "Components are written as main, or as main contrib."
    if options.signed_by and not WITHIN.fullmatch(options.signed_by):
        found["options.signed_by"] = "Name a file of the base image, as /usr/share/keyrings/shop.gpg."
    return found


register(
    Provisioner(
        slug="apt",
        title="Debian package",
        summary="Installs a .deb from a repository with apt.",
        options_type=AptOptions,
        fragment=fragment,
        check=check,
        version_pattern=VERSION,
        version_help="Debian's are written as 1.4.2-1, with their revision.",
        leaves=(SOURCE,),
        programs=("apt-get", "dpkg-query"),
        records=("/var/lib/dpkg",),
    )
)
