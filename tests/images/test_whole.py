"""Whole bakes on the embedded cloud: machines run, a wheel comes from a repository, an instance serves it."""

from __future__ import annotations

import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pip
import pytest
from pytest_django.fixtures import Settings

from apps.images.models import Bake
from apps.images.selectors.diff import Change, Changes, image_diff
from apps.images.services import Reported, report_build, set_recipe
from apps.images.services.compare import commits_of
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import cloud, new_place
from tests.faults.workers import carry_on
from tests.images import git
from tests.images.kitchen import Kitchen, furnish
from tests.images.repository import served, wheel
from tests.world import wait_for

__all__ = ["cloud"]

SERVICE = """\
import http.server, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "srv"))
import shop


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"shop {shop.VERSION}".encode())


http.server.HTTPServer((os.environ["SERVICE_ADDRESS"], int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
"""
NEEDS = {"1.0.0": "till<4", "1.1.0": "till>=4"}
CONFIGURATION = {
    "1.0.0": {"shop/conf/shop.ini": "colour = red\n", "shop/conf/old.ini": ""},
    "1.1.0": {"shop/conf/shop.ini": "colour = blue\n", "shop/conf/new.ini": ""},
}
LONG = 86_400  # seconds: for these workers time passes far more quickly than for the machines


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0.0", "1.1.0"):
        files = {**CONFIGURATION[version], "shop/__init__.py": f'VERSION = "{version}"\n'}
        wheel(folder, "shop", version, files, requires=NEEDS[version])
    wheel(folder, "shop", "2.0.0", {"shop/__init__.py": ""}, requires="no-such-package")
    wheel(folder, "till", "3.2", {"till/__init__.py": ""})
    wheel(folder, "till", "4.0", {"till/__init__.py": ""}, requires="drawer")
    wheel(folder, "drawer", "1.0", {"drawer/__init__.py": ""})
    with served(folder) as address:
        yield f"{address}/simple/"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a base image holds: a service without its package, and pip."""
    tree = tmp_path_factory.mktemp("base") / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc" / "shop.conf").write_text("colour = red\n")
    (tree / "service.py").write_text(SERVICE)
    package = Path(pip.__file__).parent
    with zipfile.ZipFile(tree / "pip.whl", "w") as packed:
        for path in package.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                packed.write(path, Path("pip") / path.relative_to(package))
    return tree


@pytest.fixture
def kitchen(aws: RunningCloud, base: Path, repository: str, transactional_db: None) -> Kitchen:
    made = furnish(new_place(aws), base)
    made.recipe(
        provisioner="wheel",
        repository=repository,
        package="shop",
        options={"target": "/srv"},
        timeout_seconds=LONG,
    )
    return made


def ended(made: Bake) -> Bake:
    carry_on(made, within=120)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("bucket", ["", "reports"])
def test_an_instance_of_the_image_serves_the_version_that_was_baked(bucket: str, kitchen: Kitchen) -> None:
    if bucket:
        kitchen.place.client("s3").create_bucket(Bucket=bucket)
    set_recipe("api", {"bucket": bucket, "copies": ["eu-west-1"]}, actor="cook")
    made = ended(kitchen.bake("1.0.0"))
    assert (made.run.state, made.run.failure) == ("succeeded", "")
    assert kitchen.instances() == []
    assert made.manifest is not None
    assert made.manifest.packages == {"python:shop": "1.0.0", "python:till": "3.2"}
    assert list(made.manifest.files) == ["/etc/shop.conf"]
    assert (made.manifest.lost, made.log_cut) == (0, 0)
    assert "Successfully installed shop-1.0.0 till-3.2" in made.log
    for image in made.images.all():
        assert _answer(kitchen, image.region, image.image_id) == "shop 1.0.0"


def test_a_version_that_does_not_exist_is_told_with_pips_words_and_nothing_is_left(kitchen: Kitchen) -> None:
    made = ended(kitchen.bake("9.9.9"))
    assert made.run.state == "undone"
    assert "No matching distribution found for shop==9.9.9" in made.run.failure
    assert "(from versions: 1.0.0, 1.1.0, 2.0.0)" in made.log
    kitchen.nothing_is_left()


def test_a_package_that_cannot_be_installed_is_told_and_nothing_is_left(kitchen: Kitchen) -> None:
    made = ended(kitchen.bake("2.0.0"))
    assert made.run.state == "undone"
    assert "no-such-package" in made.run.failure
    kitchen.nothing_is_left()


def test_a_builder_that_hangs_is_ended_and_what_it_said_until_then_is_kept(kitchen: Kitchen) -> None:
    kitchen.recipe(provisioner="script", options={"commands": "echo waiting for nothing; sleep 600"})
    made = kitchen.bake()
    carry_on(made, lambda: "waiting for nothing" in made.run.says, within=60)
    made.refresh_from_db()
    assert made.log == "waiting for nothing", "it can be read while the builder runs"
    made.run.steps.filter(kind="await-builder").update(timeout_seconds=60)
    ended(made)
    assert made.run.state == "undone"
    assert "was given up after 1 min" in made.run.failure
    assert made.log == "waiting for nothing"
    kitchen.nothing_is_left()


def test_two_images_differ_by_what_was_really_installed_and_by_fifty_commits(
    kitchen: Kitchen, tmp_path: Path, settings: Settings
) -> None:
    settings.GIT_CLONES = str(tmp_path)
    clone = git.repository(tmp_path / "api")
    first = git.commit(clone, "begin")
    last = [git.commit(clone, f"SHOP-{number}: change {number}", at=number) for number in range(1, 51)][-1]
    options = {"target": "/srv", "configuration": "/etc /srv/shop/conf"}
    set_recipe("api", {"options": options, "git": "api", "ticket_pattern": "[A-Z]+-[0-9]+"}, actor="cook")
    made = []
    for version, commit in (("1.0.0", first), ("1.1.0", last)):
        report_build(Reported("api", version, number=version, commit=commit), actor="ci")
        made.append(ended(kitchen.bake(version)))
    assert [each.run.failure for each in made] == ["", ""]
    before, after = (each.images.get().image_id for each in made)
    found = image_diff(before, after)
    assert found.packages == (
        Changes(
            "python",
            (
                Change("upgraded", "shop", "1.0.0", "1.1.0"),
                Change("upgraded", "till", "3.2", "4.0"),
                Change("added", "drawer", "", "1.0"),
            ),
            0,
        ),
    )
    files = (
        Change("changed", "/srv/shop/conf/shop.ini"),
        Change("added", "/srv/shop/conf/new.ini"),
        Change("removed", "/srv/shop/conf/old.ini"),
    )
    assert found.files == Changes("files", files, 1)
    assert (found.before.commit, found.after.commit, found.base_changed, found.unknown) == (first, last, False, ())
    commits = commits_of(found)
    assert (commits.problem, commits.added_total, commits.removed_total) == ("", 50, 0)
    assert len(commits.tickets) == 50


def _answer(kitchen: Kitchen, region: str, image: str) -> str:
    """What an instance of the image says, launched in its region."""
    ec2 = kitchen.ec2(region)
    launched = ec2.run_instances(ImageId=image, InstanceType="t3.small", MinCount=1, MaxCount=1)["Instances"][0]
    said: list[str] = []

    def serves() -> bool:
        try:
            with urllib.request.urlopen(f"http://{launched['PrivateIpAddress']}:8080/", timeout=2) as response:
                said.append(response.read().decode())
        except OSError:
            return False
        return True

    wait_for(serves, "the baked version to serve")
    ec2.terminate_instances(InstanceIds=[launched["InstanceId"]])
    return said[0]
