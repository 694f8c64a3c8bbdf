"""The samples, as data: who owns what, where it runs, how large, and which versions there are."""

from __future__ import annotations

from dataclasses import dataclass

from apps.demo.surroundings import ROLE

SERVING = "serving"  # what an image is in the demo: the one that serves at first, another good one, or a fault's name
GOOD = "good"


@dataclass(frozen=True)
class Environment:
    name: str
    account_id: str
    production: bool
    description: str
    regions: tuple[str, ...] = ("us-east-1", "eu-west-1")

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:role/{ROLE}"


@dataclass(frozen=True)
class Build:
    """One image: its version, what it is (SERVING, GOOD or a fault), and what a build server would note of it."""

    version: str
    kind: str
    commit: str
    number: int
    built_at: str


@dataclass(frozen=True)
class Application:
    name: str
    owner: str
    email: str
    description: str
    builds: tuple[Build, ...]  # oldest first, as they were built

    @property
    def repository_url(self) -> str:
        return f"https://git.example.com/shop/{self.name}"


@dataclass(frozen=True)
class Fleet:
    """One cluster with one serving group."""

    application: str
    environment: str
    region: str
    size: int
    push_number: int

    @property
    def cluster(self) -> str:
        return f"{self.application}-{self.environment}"

    @property
    def group(self) -> str:
        return f"{self.cluster}-v{self.push_number:03d}"


ENVIRONMENTS = (
    Environment("test", "111111111111", False, "Where versions are tried."),
    Environment("prod", "222222222222", True, "What customers use."),
)
APPLICATIONS = (
    Application(
        "api",
        "Team Checkout",
        "checkout@example.com",
        "Orders and payments, for the web shop and the phone apps.",
        (
            Build("4.1.8", GOOD, "5d0c1f7a9b3e", 1171, "2026-10-27T09:12:40Z"),
            Build("4.1.9", SERVING, "a41be8c02d96", 1184, "2026-11-03T13:47:05Z"),
            Build("4.2.0-rc1", "never_healthy", "e97f30d5518c", 1192, "2026-11-12T16:20:31Z"),
            Build("4.2.0", GOOD, "0b6a2cd91e47", 1196, "2026-11-17T10:02:18Z"),
        ),
    ),
    Application(
        "web",
        "Team Storefront",
        "storefront@example.com",
        "The pages of the web shop.",
        (
            Build("2026.44.1", GOOD, "c3f95e08a1d7", 806, "2026-10-29T08:30:11Z"),
            Build("2026.45.0", SERVING, "71d8be4f20a3", 815, "2026-11-05T11:15:52Z"),
            Build("2026.46.0", "never_healthy", "9e02c7b6d485", 823, "2026-11-13T14:55:09Z"),
            Build("2026.46.1", GOOD, "2fa4d17c90be", 827, "2026-11-16T09:41:27Z"),
        ),
    ),
    Application(
        "search",
        "Team Discovery",
        "discovery@example.com",
        "Finds products, and completes what people type.",
        (
            Build("1.18.2", GOOD, "b80c53e7f219", 342, "2026-10-20T15:08:44Z"),
            Build("1.19.0", SERVING, "46e1a90dc8b5", 351, "2026-11-02T12:26:03Z"),
            Build("1.20.0", "never_healthy", "d7295bf1403a", 358, "2026-11-11T10:37:56Z"),
            Build("1.20.1", GOOD, "18cf06ea7d92", 360, "2026-11-14T17:19:35Z"),
        ),
    ),
)
FLEETS = (
    Fleet("api", "prod", "us-east-1", 4, 12),
    Fleet("api", "prod", "eu-west-1", 3, 11),
    Fleet("web", "prod", "us-east-1", 3, 31),
    Fleet("search", "prod", "eu-west-1", 3, 7),
    Fleet("api", "test", "us-east-1", 2, 40),
    Fleet("web", "test", "us-east-1", 2, 58),
    Fleet("web", "test", "eu-west-1", 2, 57),
    Fleet("search", "test", "us-east-1", 2, 19),
)
OTHER_TOOLS_GROUP = "eks/workers/blue"  # no name by the grammar: shown, and left alone
OTHER_TOOLS_FLEET = Fleet("search", "test", "us-east-1", 1, 0)  # where it is, and what it runs


def environment(name: str) -> Environment:
    return next(one for one in ENVIRONMENTS if one.name == name)


def application(name: str) -> Application:
    return next(one for one in APPLICATIONS if one.name == name)
