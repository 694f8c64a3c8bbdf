"""Rules of the house that no tool knows: files stay small, links lead somewhere, nothing names a machine."""

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300  # lines; past it a file becomes a package split by noun
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
IGNORED = {line.strip().strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line.strip()}


def kept() -> Iterator[Path]:
    """Every file that is ours, in an order of its own; found without git, which a bare machine does not have."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in sorted(folders) if _ours(name)]
        yield from (Path(folder) / name for name in sorted(files) if _ours(name))


def _ours(name: str) -> bool:
    return name != ".git" and not any(fnmatch(name, pattern) for pattern in IGNORED)


def matching(*patterns: str) -> list[Path]:
    return [path for path in kept() if any(fnmatch(str(path.relative_to(ROOT)), pattern) for pattern in patterns)]


def test_no_source_file_is_longer_than_a_reader_holds_in_mind() -> None:
    sources = matching("*.py", "*.html", "*.css", "*.js", "Makefile")
    assert sources
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST and "/migrations/" not in name} == {}


@pytest.mark.parametrize("page", matching("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_in_the_documentation_leads_to_a_file(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_locked_requirements_hold_hashes_and_no_address() -> None:
    for path in matching("requirements/*.txt"):
        text = path.read_text()
        assert "://" not in text, path
        assert "--index-url" not in text, path
        assert "--hash=sha256:" in text, path


def test_no_lock_file_that_records_addresses_is_kept() -> None:
    assert matching("poetry.lock", "pdm.lock", "pylock*.toml", "*package-lock.json") == []


def test_no_third_party_file_is_kept() -> None:
    assert matching("*.min.js", "*.min.css", "static/vendor/*", "*node_modules*") == []
