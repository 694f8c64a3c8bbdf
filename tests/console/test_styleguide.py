"""The style guide: every value and every kind of component, from what the pages are really made of."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

SECTIONS = ["colour", "type", "spacing", "badge", "table", "form", "timeline", "progress", "dialog", "empty", "error"]


@pytest.fixture
def guide(viewer: Client) -> str:
    return viewer.get("/styleguide/").content.decode()


def test_it_has_a_section_of_each_kind(guide: str) -> None:
    assert [name for name in SECTIONS if f'<section class="section" id="{name}"' not in guide] == []


def test_it_shows_every_value_that_the_style_sheet_declares(guide: str) -> None:
    declared = re.findall(r"--([a-z0-9-]+): ", (settings.BASE_DIR / "static/css/tokens.css").read_text())
    shown = set(re.findall("<code>--([a-z0-9-]+)</code>", guide))
    assert declared
    assert [name for name in declared if name not in shown] == []


def test_its_table_is_sorted_and_filtered_by_the_address(viewer: Client) -> None:
    text = viewer.get("/styleguide/?by=jo&sort=what").content.decode()
    table = text[text.index('id="table"') : text.index('id="form"')]
    assert 'aria-sort="ascending"' in table
    assert re.findall('<th scope="row">([^<]+)', table) == ["Push of 4.1.9-rc1", "Roll back to v011"]
