"""Wheels: with pip or uv, from an index as PyPI's is."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from apps.images.provisioners.base import WITHIN, Asked, CommonOptions, Provisioner, address_problem, register
from apps.workflows.options import option

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION = re.compile(
    r"([0-9]+!)?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?(\+[a-z0-9]+([._-][a-z0-9]+)*)?"
)


@dataclass(frozen=True)
class WheelOptions(CommonOptions):
    """How wheels are installed."""

    target: str = option(
        "", "Folder", "Where in the image the package goes, as /srv/app; empty: where Python finds it."
    )
    dependencies: bool = option(True, "Dependencies", "Install what the package needs, too, as it says itself.")
    installer: str = option(
        "pip",
        "Installer",
        "pip is the base image's pip.whl where it carries one at its root, else its python3 -m pip.",
        choices=(("pip", "pip"), ("uv", "uv")),
    )


def fragment(asked: Asked) -> str:
    options: WheelOptions = asked.options
    target = f'"$ROOT"{shlex.quote(options.target)}' if options.target else ""
    arguments = ["install", "--only-binary :all:", f"--index-url {shlex.quote(asked.repository)}"]
    arguments += [] if options.dependencies else ["--no-deps"]
    arguments += [f"--target {target} --upgrade"] if target else []
    lines = [_INSTALLERS[options.installer](bool(target))]
    if target:  # an installer leaves what another version said of itself there
        old = shlex.quote(f"{re.sub(r'[-_.]+', '_', asked.package)}-*.dist-info")
        lines += [f"mkdir -p {target}", f"find {target} -maxdepth 1 -iname {old} -exec rm -rf {{}} +"]
    lines.append(f'"$@" {" ".join(arguments)} {shlex.quote(f"{asked.package}=={asked.version}")}')
    return "\n".join(lines)


def _pip(into_target: bool) -> str:
    del into_target
    return """\
export PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off
export PIP_CONFIG_FILE=/dev/null PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore
if [ -f "$ROOT/pip.whl" ]; then set -- python3 "$ROOT/pip.whl/pip"; else set -- python3 -m pip; fi"""


def _uv(into_target: bool) -> str:
    system = "" if into_target else "export UV_SYSTEM_PYTHON=1 UV_BREAK_SYSTEM_PACKAGES=1\n"
    return f"export UV_NO_CACHE=1 UV_NO_PROGRESS=1 UV_NO_CONFIG=1\n{system}set -- uv pip"


_INSTALLERS = {"pip": _pip, "uv": _uv}


def check(asked: Asked) -> dict[str, str]:
    found = address_problem(asked.repository)
    if not NAME.fullmatch(asked.package):
        found["package"] = f"{asked.package!r} is no name of a Python package."
    target = asked.options.target
    if target and (not WITHIN.fullmatch(target) or ".." in target.split("/")):
        found["options.target"] = f"{target!r} is no folder within an image; one begins with /, as /srv/app."
    return found


register(
    Provisioner(
        slug="wheel",
        title="Python wheel",
        summary="Installs a wheel from an index with pip or uv.",
        options_type=WheelOptions,
        fragment=fragment,
        check=check,
        version_pattern=VERSION,
        version_help="Python's are written as 1.4.2, 1.4.2rc1 or 1.4.2.post3.",
        programs=("python3",),
        writes=lambda options: not options.target,
    )
)
