"""Builds that are packages and no images yet, as data: what a build server reported, for people to bake."""

from __future__ import annotations

from dataclasses import dataclass

from apps.demo.seeding.plan import FLEETS, GOOD, Fleet

GATES = ("unit", "regression", "integration")  # all that the sample builds go through
BRANCH = "main"
ENVIRONMENT = "test"  # where images are baked, so where they may be launched


@dataclass(frozen=True)
class Packaged:
    """One build: its version (normalized, so that the package is called so too), and what it is: GOOD or a fault."""

    version: str
    kind: str
    commit: str
    number: int
    changelog: str
    requires: tuple[str, ...]  # of the shop's own libraries, as `shop-serving==2.0.0`
    settings: str  # its configuration file
    tests: int  # how many its unit tests are


LIBRARIES = {  # what the samples share, in each version that one of them needs
    "shop-money": ("1.6.0",),
    "shop-words": ("0.9.2", "0.9.3"),
}
SERVER = "shop-serving"  # the server that all samples are built upon
SERVERS = ("2.0.0", "2.1.0")

PACKAGED: dict[str, tuple[Packaged, ...]] = {  # oldest first; all newer than the images of `plan`
    "api": (
        Packaged(
            "4.3.0",
            GOOD,
            "7c2d50e9b1a4",
            1203,
            "SHOP-482 Orders can be split between addresses.\nSHOP-490 Refunds name the order's line.",
            ("shop-serving==2.0.0",),
            "split_orders = yes\n",
            411,
        ),
        Packaged(
            "4.3.1",
            GOOD,
            "f08a6e33c95d",
            1209,
            "SHOP-495 Amounts are rounded once, at the end.",
            ("shop-serving==2.1.0", "shop-money==1.6.0"),
            "split_orders = yes\nrounding = total\n",
            418,
        ),
        Packaged(
            "4.4.0",
            "never_healthy",
            "31bb9d7a0e62",
            1214,
            "SHOP-501 Reads orders from the new store.",
            ("shop-serving==2.1.0", "shop-money==1.6.0"),
            "split_orders = yes\nrounding = total\norders = new-store\n",
            423,
        ),
    ),
    "web": (
        Packaged(
            "2026.47.0",
            GOOD,
            "b5e1078fd2c6",
            834,
            "SHOP-477 The basket is kept for a week.",
            ("shop-serving==2.0.0", "shop-words==0.9.2"),
            "basket_days = 7\n",
            902,
        ),
        Packaged(
            "2026.47.1",
            GOOD,
            "4d9c63a2e7f0",
            838,
            "SHOP-493 Prices are shown in the reader's currency.",
            ("shop-serving==2.1.0", "shop-words==0.9.2", "shop-money==1.6.0"),
            "basket_days = 7\ncurrency = of-reader\n",
            915,
        ),
        Packaged(
            "2026.48.0",
            "never_healthy",
            "e60f2b81d94a",
            843,
            "SHOP-499 Pages are made from the new templates.",
            ("shop-serving==2.1.0", "shop-words==0.9.3", "shop-money==1.6.0"),
            "basket_days = 7\ncurrency = of-reader\ntemplates = new\n",
            931,
        ),
    ),
    "search": (
        Packaged(
            "1.21.0",
            GOOD,
            "92a7f4d06b3e",
            367,
            "SHOP-470 Finds words with a letter too many.",
            ("shop-serving==2.0.0", "shop-words==0.9.2"),
            "letters_too_many = 1\n",
            207,
        ),
        Packaged(
            "1.21.1",
            GOOD,
            "c81d35e9f7a0",
            371,
            "SHOP-488 Completes in half the time.",
            ("shop-serving==2.1.0", "shop-words==0.9.3"),
            "letters_too_many = 1\nprefix_index = yes\n",
            209,
        ),
        Packaged(
            "1.22.0",
            "never_healthy",
            "05be7ac4d318",
            376,
            "SHOP-497 Ranks by what sells.",
            ("shop-serving==2.1.0", "shop-words==0.9.3"),
            "letters_too_many = 1\nprefix_index = yes\nranking = sales\n",
            214,
        ),
    ),
}


def bakeable(application: str) -> list[str]:
    """The application's good versions that can be baked, newest first."""
    return [each.version for each in reversed(PACKAGED[application]) if each.kind == GOOD]


def regions(application: str) -> tuple[str, ...]:
    """Where images of the application are wanted: first where they are baked, then where a copy goes."""
    return tuple(each.region for each in FLEETS if each.application == application and each.environment == ENVIRONMENT)


def bakes_in(fleet: Fleet) -> bool:
    """Whether what is baked can be pushed to this cluster."""
    return fleet.environment == ENVIRONMENT
