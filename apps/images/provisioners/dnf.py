"""RPM packages: with dnf or yum, from a repository that is known to the builder for as long as it bakes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from apps.images.provisioners.base import Asked, CommonOptions, Provisioner, address_problem, register, secret_problem
from apps.workflows.options import option

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~^_]*(-[A-Za-z0-9.+~^_]+)?")
KEY = re.compile(r"(https?|file)://[^\s'\"\\]+")
SOURCE = "/etc/yum.repos.d/deployconsole-bake.repo"


@dataclass(frozen=True)
class DnfOptions(CommonOptions):
    """How RPM packages are installed."""

    key: str = option("", "Key", "Where the key is that signs the packages, as file:///etc/pki/rpm-gpg/shop.")
    unsigned: bool = option(False, "Unsigned", "Install from it although nobody signed its packages. For tests.")


def fragment(asked: Asked) -> str:
    exact = shlex.quote(f"{asked.package}-{asked.version}")
    return f"""\
mkdir -p "$ROOT"/etc/yum.repos.d
printf '%s\\n' {" ".join(map(shlex.quote, _source(asked.repository, asked.options)))} >"$ROOT"{SOURCE}
if command -v dnf >/dev/null; then manager="dnf --refresh"; else manager=yum; fi
set -- -y
if [ -n "$ROOT" ]; then set -- "$@" --installroot="$ROOT" --releasever=/; fi
{{ LC_ALL=C $manager "$@" install {exact} 2>&1 || echo "$?" >"$WORK/refused"; }} | tee "$WORK/installed"
if [ -e "$WORK/refused" ]; then exit "$(cat "$WORK/refused")"; fi
if grep -E 'scriptlet fail|Error in [A-Z]+ scriptlet' "$WORK/installed"; then exit 1; fi  # RPM goes on all the same
if ! rpm ${{ROOT:+--root "$ROOT"}} -q {exact}; then
  echo {shlex.quote(f"Asked for {asked.package} {asked.version}, found:")}
  rpm ${{ROOT:+--root "$ROOT"}} -q {shlex.quote(asked.package)} || :
  exit 1
fi
$manager "$@" clean all"""


def _source(repository: str, options: DnfOptions) -> list[str]:
    lines = ["[deployconsole-bake]", "name=What is baked", f"baseurl={repository}", "enabled=1", "metadata_expire=0"]
    lines += [f"gpgcheck={int(not options.unsigned)}"]
    return lines + ([f"gpgkey={options.key}"] if options.key else [])


def check(asked: Asked) -> dict[str, str]:
    found = {**address_problem(asked.repository), **secret_problem("options.key", asked.options.key)}
    options: DnfOptions = asked.options
    if not NAME.fullmatch(asked.package):
        found["package"] = f"{asked.package!r} is no name of an RPM package."
    if options.key and not KEY.fullmatch(options.key):
        found["options.key"] = "Give the key's address, as file:///etc/pki/rpm-gpg/shop."
    return found


register(
    Provisioner(
        slug="dnf",
        title="RPM package",
        summary="Installs an .rpm from a repository with dnf or yum.",
        options_type=DnfOptions,
        fragment=fragment,
        check=check,
        version_pattern=VERSION,
        version_help="RPM's are written as 1.4.2 or, with their release, as 1.4.2-1.el9.",
        leaves=(SOURCE,),
        programs=("rpm",),
        records=("/var/lib/rpm",),
    )
)
