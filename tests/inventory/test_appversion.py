"""What an AMI's tags say of the software inside."""

import pytest

from apps.inventory.appversion import AppVersion, from_tags, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("helloworld-1.0.0-592112.h154/WE-WAPP-helloworld/154", ("helloworld", "1.0.0", "592112", "WE-WAPP-helloworld/154")),  # noqa: E501
        ("helloworld-1.0.0-592112.h154", ("helloworld", "1.0.0", "592112", "154")),
        ("helloworld-1.0.0-592112", ("helloworld", "1.0.0", "592112", "")),
        ("helloworld-1.0.0", ("helloworld", "1.0.0", "", "")),
        ("hello-world-2.4", ("hello-world", "2.4", "", "")),
        ("shop-4.2.0-h12.abc1234/shop-build/12", ("shop", "4.2.0", "", "shop-build/12")),
    ],
)  # fmt: skip
def test_an_appversion_tag_is_taken_apart(text, parts):
    assert parse(text) == AppVersion(*parts)


@pytest.mark.parametrize("text", ["", "helloworld", "no version here", "-1.0"])
def test_what_is_written_otherwise_says_nothing(text):
    assert parse(text) == AppVersion()


def test_plain_tags_win_over_appversion():
    tags = {"appversion": "shop-4.2.0-592112.h12/shop-build/12", "version": "4.2.1", "commit": "abcdef1"}
    assert from_tags(tags) == AppVersion("shop", "4.2.1", "abcdef1", "shop-build/12")
