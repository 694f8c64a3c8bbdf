"""What the documentation promises and only code can know: every setting, every AWS permission, every make target."""

import re
from pathlib import Path

from botocore.session import get_session

from apps.deployments import strategies

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'\b(?:text|flag|number|required|words)\("([A-Z_]+)"')
# IAM's name of a service, where it is not boto3's
PREFIXES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
SERVICES = {  # each file of the cloud boundary: boto3's names of its services
    "alarms": ("cloudwatch",),
    "autoscaling": ("autoscaling",),
    "cloudwatch": ("cloudwatch",),
    "ec2": ("ec2",),
    "elb": ("elb",),
    "elbv2": ("elbv2",),
    "elbv2_changes": ("elbv2",),
    "iam": ("iam",),
    "inside": ("ec2",),
    "launch_templates": ("ec2",),
    "launching": ("ec2",),
    "quotas": ("autoscaling", "elbv2", "service-quotas"),
    "scaling": ("autoscaling",),
    "sts": ("sts",),
}
MOVES = ("LoadBalancerTargetGroups", "LoadBalancers", "TrafficSources")
FOR_AUTO_SCALING = {"ec2:RunInstances", "ec2:CreateTags"}  # AWS asks for them in the name of CreateAutoScalingGroup
FOR_TAGS = {"elasticloadbalancing:AddTags"}  # and for this in the name of CreateTargetGroup


def test_every_setting_is_explained_and_every_explained_one_exists() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert explained == set(READ.findall((ROOT / "deployconsole" / "settings.py").read_text()))


def test_the_policy_in_the_installation_page_holds_exactly_what_the_console_calls() -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text()
    granted = set(
        re.findall(r'"((?:autoscaling|ec2|elasticloadbalancing|cloudwatch|iam|servicequotas|sts):\w+)"', page)
    )
    assert granted == _called() | FOR_AUTO_SCALING | FOR_TAGS


def _called() -> set[str]:
    """Every operation that the cloud boundary names, as IAM spells it."""
    session = get_session()
    called = set()
    for name, services in SERVICES.items():
        source = (ROOT / "apps" / "cloud" / "aws" / f"{name}.py").read_text()
        words = set(re.findall(r'"([A-Z][A-Za-z]+)"', source))
        if name == "autoscaling":
            words |= {verb + each for verb in ("Attach", "Detach") for each in MOVES}
        for service in services:
            known = words & set(session.get_service_model(service).operation_names)
            called |= {f"{PREFIXES.get(service, service)}:{one}" for one in known}
    return called


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


def test_the_readme_and_the_pages_name_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {word for page in pages for word in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named
    assert named <= targets
