"""What an AMI's tags say of the software inside: from four plain tags, or from one `appversion` tag as Asgard reads it.

`appversion` is `package-version-commit/job/build`: `helloworld-1.0.0-592112.h154/WE-WAPP-helloworld/154`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_APPVERSION = re.compile(
    r"""
    (?P<package>[a-z0-9._+-]*?[a-z0-9._+])           # helloworld
    -(?P<version>[0-9][A-Za-z0-9.+~]*)               # 1.0.0
    (?:-(?P<commit>[0-9a-f]{4,40}))?                 # 592112; absent when the build is of no commit
    (?:[.-]h(?P<build>[0-9]+)(?:\.[0-9a-f]{4,40})?)? # .h154, sometimes followed by a short commit
    (?:/(?P<job>[^/]+)(?:/(?P<number>[0-9]+))?)?     # /WE-WAPP-helloworld/154
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class AppVersion:
    """Empty text is for what the tags do not say."""

    application: str = ""
    version: str = ""
    commit: str = ""
    build: str = ""


def from_tags(tags: Mapping[str, str]) -> AppVersion:
    """The plain tags `application`, `version`, `commit`, `build` win over their part of `appversion`."""
    combined = parse(tags.get("appversion", ""))
    return AppVersion(
        application=tags.get("application", "") or combined.application,
        version=tags.get("version", "") or combined.version,
        commit=tags.get("commit", "") or combined.commit,
        build=tags.get("build", "") or combined.build,
    )


def parse(text: str) -> AppVersion:
    """An `appversion` tag taken apart; every part empty when it is written otherwise."""
    match = _APPVERSION.fullmatch(text)
    if match is None:
        return AppVersion()
    job, build = match["job"] or "", match["number"] or match["build"] or ""
    return AppVersion(
        application=match["package"],
        version=match["version"],
        commit=match["commit"] or "",
        build=f"{job}/{build}" if job and build else build,
    )
