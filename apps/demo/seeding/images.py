"""The sample applications' images: built as directory trees, registered as AMIs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from apps.demo.seeding.place import Place
from apps.demo.seeding.plan import GOOD, SERVING, Application, Build
from apps.localcloud import sample

SCHEME, CREATED = "localcloud:", "#created="  # how the embedded cloud is told an image's folder and its age


def build_all(applications: tuple[Application, ...], below: Path) -> None:
    """Builds every version once; accounts and regions register copies."""
    for application in applications:
        for build in application.builds:
            fault = None if build.kind in {GOOD, SERVING} else build.kind
            sample.build(tree(below, application, build), application.name, build.version, fault=fault)


def tree(below: Path, application: Application, build: Build) -> Path:
    return below / f"{application.name}-{build.version}"


def register(place: Place, application: Application, below: Path) -> Mapping[Build, str]:
    """Registers all versions, oldest first; answers the AMI of each."""
    return {build: _register(place, application, build, below) for build in application.builds}


def _age(build: Build) -> str:
    """So that an image is as old as its build; nothing is from the future where a clock is behind."""
    past = datetime.fromisoformat(build.built_at) < datetime.now(UTC)
    return f"{CREATED}{build.built_at}" if past else ""


def _register(place: Place, application: Application, build: Build, below: Path) -> str:
    tags = {
        "Name": f"{application.name} {build.version}",
        "application": application.name,
        "version": build.version,
        "commit": build.commit,
        "build": str(build.number),
        "build_url": f"https://build.example.com/{application.name}/{build.number}",
        "built_at": build.built_at,
    }
    registered: str = place.ec2.register_image(
        Name=f"{application.name}-{build.version}-x86_64-{build.number}",
        Description=f"{application.name} {build.version} (build {build.number})",
        Architecture="x86_64",
        RootDeviceName="/dev/xvda",
        VirtualizationType="hvm",
        ImageLocation=f"{SCHEME}{tree(below, application, build).resolve()}{_age(build)}",
        TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}],
    )["ImageId"]
    return registered
