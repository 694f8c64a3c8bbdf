"""Quick checks of packages: real wheels and .debs from real repositories, installed in a throwaway root by a worker."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from apps.events.models import Event
from apps.images.checks import roots
from apps.images.checks.ways import namespace
from apps.images.errors import Invalid, Refused
from apps.images.models import Build, PackageCheck
from apps.images.services import Reported, check_package, report_build, set_recipe
from apps.images.steps import check_package as step
from apps.inventory.models import Application, Environment
from apps.workflows.context import Context
from apps.workflows.services import cancel
from tests.console import baking
from tests.faults.injector import Died
from tests.faults.workers import carry_on, look
from tests.images.repository import deb, served, wheel

SERVICE = """\
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status} if self.path == "/health" else 404)
        self.end_headers()

def serve():
    print("serving", flush=True)
    http.server.HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""
STARTS = "PYTHONPATH=/srv/app exec python3 -c 'import shop; shop.serve()'"
WELL = {"check_start": STARTS, "check_path": "/health"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("wheels")
    wheel(folder, "shop", "1.0.0", {"shop/__init__.py": SERVICE.format(status=200)}, requires="till")
    wheel(folder, "shop", "1.1.0", {"shop/__init__.py": SERVICE.format(status=503)}, requires="till")
    wheel(folder, "shop", "1.2.0", {"shop/__init__.py": "raise SystemExit('no database')\n"})
    wheel(folder, "shop", "2.0.0", {"shop/__init__.py": ""}, requires="no-such-package")
    wheel(folder, "till", "3.2", {"till/__init__.py": ""})
    with served(folder) as address:
        yield address


@pytest.fixture
def shop(repository: str, transactional_db: None) -> Application:
    """An application whose package is installed as the samples' are."""
    where = Environment.objects.create(name="test", account_id="123456789012", role_arn="", regions=["us-east-1"])
    for architecture, image in (("x86_64", "ami-0ba5e0000000000a1"), ("arm64", "ami-0ba5e0000000000a2")):
        baking.base_image(where, name="plain", architecture=architecture, image_id=image)
    made = Application.objects.create(name="api")
    recipe(repository=f"{repository}/simple/", **WELL)
    return made


def recipe(**values: Any) -> None:
    defaults = {
        "environment": "test",
        "region": "us-east-1",
        "base": "plain",
        "provisioner": "wheel",
        "package": "shop",
        "options": {"target": "/srv/app"},
        "check_root": "host",
        "check_seconds": 5,
    }
    set_recipe("api", {**defaults, **values}, actor="cook")


def built(version: str) -> Build:
    return report_build(Reported("api", version), actor="ci")[0]


def checked(version: str) -> PackageCheck:
    """The check of a build, ended."""
    return ended(check_package(built(version).pk, actor="cook"))


def ended(row: PackageCheck) -> PackageCheck:
    run = carry_on(row)
    assert (run.state, run.failure) == ("succeeded", "")
    row.refresh_from_db()
    return row


def gate(row: PackageCheck) -> tuple[str, str]:
    assert row.build is not None
    found = row.build.gates.get(name="package-check")
    return found.outcome, found.says


@pytest.mark.parametrize("has_pip", [True, False])
def test_a_good_package_is_installed_asked_and_told_of_with_its_build(
    has_pip: bool, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a root without pip, which is given the worker's."""
    if not has_pip:
        monkeypatch.setattr(namespace, "_has_pip", lambda root: False)
    row = checked("1.0.0")
    assert (row.outcome, row.says) == ("passed", "Installed; GET /health on port 8080 answered well.")
    assert row.installed == {"python:shop": "1.0.0", "python:till": "3.2"}
    assert row.way == "namespace"
    assert row.seconds
    assert "Successfully installed shop-1.0.0 till-3.2" in row.log
    assert gate(row) == ("passed", row.says)
    assert [
        each.kind for each in Event.objects.order_by("pk") if each.kind.startswith(("check", "package", "build.g"))
    ] == [
        "check.requested",
        "build.gate",
        "build.gate",
        "package.checked",
    ]


@pytest.mark.parametrize(
    ("version", "says", "printed"),
    [
        ("9.9.9", "shop 9.9.9 could not be installed (status 1).", "from versions: 1.0.0, 1.1.0, 1.2.0, 2.0.0"),
        ("2.0.0", "No matching distribution found for no-such-package", "no-such-package"),
        ("1.1.0", "was installed, and is not well: GET /health on port 8080 answered 503.", "serving"),
        ("1.2.0", "what was started ended with status 1", "no database"),
    ],
)
def test_what_is_wrong_is_told_in_its_own_words(version: str, says: str, printed: str, shop: Application) -> None:
    recipe(check_seconds=2)
    row = checked(version)
    assert row.outcome == "failed"
    assert says in row.says
    assert printed in row.log
    assert gate(row) == ("failed", row.says)


def test_a_command_may_be_what_tells(shop: Application) -> None:
    recipe(check_path="", check_start="", check_command="PYTHONPATH=/srv/app python3 -c 'import shop'")
    assert checked("1.0.0").says == "Installed; its check succeeded."
    assert "its check failed (status 1). It says: no database" in checked("1.2.0").says


def test_without_any_health_check_being_installed_is_enough(shop: Application) -> None:
    recipe(check_path="", check_start="")
    assert checked("1.2.0").says == "Installed; the recipe names no health check."


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"check_root": "debian-99"}, "The base image plain is taken for debian-99"),
        ({"architecture": "arm64"}, "The image is for arm64"),
        ({"repository": "http://169.254.169.254/latest/"}, "an address of this machine's surroundings"),
        ({"repository": "http://no-such-host.invalid/"}, "no-such-host.invalid is not known here"),
        ({"repository": "file:///srv/packages"}, "which only a bake has"),
        ({"provisioner": "dnf", "options": {}}, "has no "),
    ],
)
def test_what_cannot_be_done_here_is_not_offered_and_says_why(
    values: dict[str, Any], says: str, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "provisioner" in values:
        monkeypatch.setattr(roots, "_has", lambda root, program: False)
    recipe(**values)
    row = checked("1.0.0")
    assert row.outcome == "skipped"
    assert row.says.startswith("Not offered here. ")
    assert says in row.says
    assert gate(row)[0] == "skipped"


def test_where_the_kernel_makes_no_namespaces_no_check_is_offered_and_it_says_so(
    shop: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in many containers: here by a limit of namespaces that the worker's program is put under."""
    limited = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"'
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexec unshare -Ur sh -c '{limited}' sh {sys.executable} \"$@\"\n")
    program.chmod(0o755)
    namespace._kernel.cache_clear()
    with monkeypatch.context() as here:
        here.setattr(namespace, "sys", SimpleNamespace(executable=str(program)))
        row = checked("1.0.0")
    namespace._kernel.cache_clear()
    assert row.says.startswith("Not offered here. ")
    assert "This machine lets the worker make no namespaces (" in row.says
    assert row.says.endswith("No instance is launched for it; a bake tries the package on one.")
    assert gate(row) == ("skipped", row.says)


def test_the_consoles_own_servers_are_no_repository(shop: Application) -> None:
    database, redis = settings.DATABASES["default"], urlsplit(settings.REDIS_URL)
    for port in filter(None, (database.get("PORT"), redis.port)):
        recipe(repository=f"http://localhost:{port}/")
        assert "the console's own database or broker" in checked("1.0.0").says


def test_a_check_under_way_answers_who_asks_again(shop: Application) -> None:
    number = built("1.0.0").pk
    first = check_package(number, actor="cook")
    again = check_package(number, actor="maria")
    assert (again.pk, again.joined, first.joined) == (first.pk, True, False)
    ended(first)
    assert check_package(number, actor="maria").pk != first.pk


def test_only_what_can_be_understood_is_checked(shop: Application) -> None:
    with pytest.raises(Invalid):
        check_package(built("newest").pk, actor="cook")
    Application.objects.create(name="web")
    other = report_build(Reported("web", "1.0.0"), actor="ci")[0]
    with pytest.raises(Refused, match="Give it a recipe first"):
        check_package(other.pk, actor="cook")


def test_a_check_whose_worker_dies_is_done_anew(shop: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    row = check_package(built("1.0.0").pk, actor="cook")
    real, died = Context.renew, []

    def renew(self: Context) -> None:
        if len(died) < 4:
            died.append(self)
        if len(died) == 4:
            died.append(self)
            raise Died
        real(self)

    monkeypatch.setattr(Context, "renew", renew)
    while len(died) < 5:
        look(row.run)
    assert gate(row)[0] == "running"
    assert ended(row).outcome == "passed"


def test_two_checks_take_turns_on_a_machine(shop: Application) -> None:
    row = check_package(built("1.0.0").pk, actor="cook")
    with step._turn() as ours:
        assert ours
        look(row.run)
    row.run.refresh_from_db()
    assert row.run.says == "Another package is being checked on this machine."
    assert ended(row).outcome == "passed"


def test_a_check_that_is_cancelled_says_so(shop: Application) -> None:
    row = check_package(built("1.0.0").pk, actor="cook")
    with step._turn():
        look(row.run)
    cancel(row.run_id, actor="cook", reason="")
    carry_on(row)
    row.refresh_from_db()
    assert (row.outcome, row.says) == ("skipped", "It was cancelled.")


@pytest.mark.skipif(not shutil.which("dpkg-deb") or not shutil.which("apt-get"), reason="needs Debian's tools")
def test_a_debian_package_is_installed_by_apt_in_a_throwaway_root(
    shop: Application, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("apt") / "flat"
    deb(folder, "shop", "1.0-1", {"usr/bin/shop": "#!/bin/sh\necho well\n", "etc/shop.conf": ""}, {"postinst": "id -u"})
    deb(folder, "shop", "2.0-1", {"usr/bin/shop": ""}, {"postinst": "echo the database is missing >&2; exit 9"})
    with served(folder) as address:
        recipe(
            provisioner="apt",
            repository=address,
            options={"suite": "./", "trusted": True},
            check_start="",
            check_path="",
            check_command="sh /usr/bin/shop",
        )
        good, bad, missing = (checked(version) for version in ("1.0-1", "2.0-1", "3.0-1"))
    assert (good.outcome, good.says) == ("passed", "Installed; its check succeeded.")
    assert good.installed == {"deb:shop": "1.0-1"}
    assert not Path("/usr/bin/shop").exists()
    assert not Path("/etc/shop.conf").exists()
    assert bad.outcome == missing.outcome == "failed"
    assert "the database is missing" in bad.log
    assert "3.0-1" in missing.log
