"""What the documentation promises and only code can know: every setting, every AWS permission, every make target."""

import re
from pathlib import Path

from apps.deployments import operations, strategies
from apps.images import provisioners
from apps.images.provisioners.base import CommonOptions
from apps.images.webhooks.base import all_formats
from apps.workflows.options import specs
from tools import iam

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'\b(?:text|flag|number|required|words)\("([A-Z_]+)"')


def test_every_setting_is_explained_and_every_explained_one_exists() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert explained == set(READ.findall((ROOT / "deployconsole" / "settings.py").read_text()))


def test_the_policies_on_the_page_about_connecting_an_account_are_as_the_code_has_them() -> None:
    assert {found[1] for found in iam.BLOCK.findall(iam.CONNECT.read_text())} == set(iam.blocks())
    assert iam.CONNECT.read_text() == iam.connected(), "run .venv/bin/python tools/iam.py"


def test_the_table_of_permissions_is_as_the_code_has_it() -> None:
    assert iam.PAGE.read_text() == iam.page(), "run .venv/bin/python tools/iam.py"


def test_every_option_of_every_strategy_is_explained_with_its_default() -> None:
    pages = [ROOT / "docs" / "how-to" / name for name in ("push-and-roll-back.md", "choose-a-strategy.md")]
    rows = [
        row
        for page in pages
        for row in re.findall(r"^\| (`[^|]+`) \| ([^|]+) \| [^|]+ \|$", page.read_text(), re.MULTILINE)
    ]
    explained = {name: default.strip("`") for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    known = {spec.name: spec for strategy in strategies.all().values() for spec in strategy.options}
    assert set(explained) == set(known)
    for spec in known.values():
        if spec.default not in (None, ""):
            assert explained[spec.name] == (str(spec.default).lower() if spec.type != "number" else f"{spec.default:g}")


def test_every_strategy_is_explained() -> None:
    page = (ROOT / "docs" / "how-to" / "choose-a-strategy.md").read_text()
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) >= set(strategies.all())


def test_every_operation_on_a_group_is_explained() -> None:
    page = (ROOT / "docs" / "how-to" / "change-a-group.md").read_text()
    rows = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    assert {slug for row in rows for slug in re.findall(r"`([a-z-]+)`", row)} == set(operations.all())


def test_the_readme_and_the_pages_name_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {word for page in pages for word in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named
    assert named <= targets


def test_every_format_of_webhooks_is_explained() -> None:
    page = (ROOT / "docs" / "how-to" / "report-builds.md").read_text()
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set(all_formats())


def test_every_provisioner_is_explained_with_its_options() -> None:
    page = (ROOT / "docs" / "how-to" / "bake-an-image.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z]+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE))
    common = {spec.name for spec in specs(CommonOptions)}
    told = {slug: {*re.findall(r"`(\w+)`", options)} | common for slug, options in rows.items()}
    assert told == {slug: {spec.name for spec in each.options} for slug, each in provisioners.all().items()}
    assert all(f"`{name}`" in page for name in common)
