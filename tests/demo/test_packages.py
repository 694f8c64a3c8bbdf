"""The demo's package repository and base image: real wheels that pip installs, and a service that they bring."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from apps.demo import parts
from apps.demo.packages.index import SIMPLE
from apps.demo.packages.wheels import Wheel
from apps.demo.seeding import base, packaged, packages, plan
from apps.demo.seeding.base_service import INSTALLED
from tests.demo.running import ROOT, until

PATIENCE = 60.0


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the served packages."""
    folder = tmp_path_factory.mktemp("packages")
    packages.publish(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        part = parts.packages(os.environ, folder, listener)
        server = subprocess.Popen(part.argv, cwd=ROOT, pass_fds=part.pass_fds, stderr=subprocess.DEVNULL)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{SIMPLE}/"
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base image's."""
    folder = tmp_path_factory.mktemp("base")
    base.build(folder)
    return folder


def test_pip_in_one_file_installs_a_sample_and_what_it_needs_and_the_base_image_serves_it(
    repository: str, tree: Path
) -> None:
    installed = pip(tree, repository, "api==4.3.1")
    assert installed.returncode == 0, installed.stderr
    assert {each.name for each in (tree / INSTALLED).glob("*.dist-info")} == {
        "api-4.3.1.dist-info",
        "shop_money-1.6.0.dist-info",
        "shop_serving-2.1.0.dist-info",
    }
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {"SERVICE_ADDRESS": "127.0.0.1", "SERVICE_PORT": str(port)}
    service = subprocess.Popen([sys.executable, "service.py"], cwd=tree, env=env, stdout=subprocess.DEVNULL)
    try:
        until(lambda: serves(port) or service.poll() is not None, PATIENCE)
        answer = httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
        assert (answer.text, answer.headers["Content-Length"]) == ("api 4.3.1", "9")
        assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE).text == "healthy"
    finally:
        service.terminate()
        assert service.wait(PATIENCE) == 0


def test_a_version_that_there_is_not_is_told_with_those_that_there_are(repository: str, tree: Path) -> None:
    refused = pip(tree, repository, "web==1.0")
    assert refused.returncode == 1
    assert "from versions: 2026.47.0, 2026.47.1, 2026.48.0" in refused.stderr


def test_a_base_image_on_which_nothing_is_installed_says_so(tmp_path: Path) -> None:
    base.build(tmp_path)
    ended = subprocess.run([sys.executable, "service.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "One installed package must be a service" in ended.stderr


def test_every_sample_has_good_versions_to_bake_and_a_faulty_one_all_of_which_differ_from_its_images() -> None:
    for application in plan.APPLICATIONS:
        builds = packaged.PACKAGED[application.name]
        assert len(packaged.bakeable(application.name)) >= 2
        assert {each.kind for each in builds} - {plan.GOOD} == {"never_healthy"}
        assert not {each.version for each in builds} & {each.version for each in application.builds}
        assert builds[0].number > application.builds[-1].number


def test_all_that_a_package_needs_is_in_the_repository() -> None:
    made = list(packages.every())
    known = {f"{each.name}=={each.version}" for each in made}
    assert len(known) == len(made)
    assert {need for each in made for need in each.requires} <= known


def test_the_same_wheel_is_the_same_bytes() -> None:
    wheel = Wheel("shop-x", "1.0", "x", {"shop_x.py": b"X = 1\n"}, ("shop-y==2.0",), {"group": "x = shop_x:X"})
    assert wheel.file_name == "shop_x-1.0-py3-none-any.whl"
    record = wheel.members()["shop_x-1.0.dist-info/RECORD"].decode().splitlines()
    assert record[0] == "shop_x.py,sha256=Crrh4K5yghbuRJk8Wjp1X4scOH2Uf8TE9yyrDkqEIUs,6"
    assert record[-1] == "shop_x-1.0.dist-info/RECORD,,"


def pip(tree: Path, repository: str, wanted: str) -> subprocess.CompletedProcess[str]:
    """As nobody's own settings have it: an empty environment."""
    options = ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--target", INSTALLED]
    command = [sys.executable, f"{base.PIP}/pip", "install", "--index-url", repository, *options, wanted]
    return subprocess.run(command, cwd=tree, env={"HOME": str(tree)}, capture_output=True, text=True, check=False)


def serves(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).is_success
    except httpx.TransportError:
        return False
