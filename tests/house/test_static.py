"""Style sheets and scripts as an installation for real work serves them: collected, hashed, none missing."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKET = 1400  # bytes: what is smaller is not sent any faster compressed
PAGE = """
import django; django.setup()
from django.test import Client
print(Client().get("/accounts/sign-in/", headers={"host": "localhost"}).content.decode())
"""


def test_collected_files_are_complete_and_pages_link_to_them_by_hash(tmp_path: Path) -> None:
    ours = {"PLAIN_STATIC": "0", "STATIC_ROOT": str(tmp_path), "DJANGO_SETTINGS_MODULE": "deployconsole.settings"}
    environment = os.environ | ours
    collected = _run(environment, "manage.py", "collectstatic", "--no-input")
    assert "post-processed" in collected  # each reference of a style sheet was found, or this would have failed

    links = re.findall(r'(?:href|src)="/static/([^"]+)"', _run(environment, "-c", PAGE))

    assert links
    assert [link for link in links if not (tmp_path / link).exists()] == []
    assert all(re.search(r"\.[0-9a-f]{12}\.", link) for link in links)
    # compressed once, not at each request
    large = [link for link in links if (tmp_path / link).stat().st_size > PACKET]
    assert large
    assert [link for link in large if not (tmp_path / f"{link}.gz").exists()] == []


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
