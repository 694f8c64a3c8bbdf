"""Scaffolding makes what is missing, once; says what differs and whose the rest is; and leaves nothing when undone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.models import Deployment, ScaffoldPart
from apps.events.models import Event
from apps.inventory.models import Cluster, Environment
from apps.inventory.services import sync_region
from tests.deployments.lite import carry_on, cloud, look_until, until_step
from tests.deployments.scaffolding import CLUSTER, FAULTS, MADE, Account, account, certificate, codes, striking

__all__ = ["account", "cloud"]

ELSEWHERE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"


def test_a_plan_says_what_would_be_made_and_makes_nothing(account: Account) -> None:
    preview = account.preview()
    assert [change.partition(":")[0] for step in preview.steps for change in step.changes] == [
        "CreateSecurityGroup",
        "CreateSecurityGroup",
        "CreateTargetGroup",
        "CreateLoadBalancer",
        "CreateListener",
    ]
    assert preview.sentence == "Scaffold hello-world in test us-east-1"
    assert preview.findings == ()
    assert account.holds() == []
    assert not Cluster.objects.exists()


def test_a_scaffold_makes_all_with_tags_and_a_second_one_makes_nothing(account: Account) -> None:
    made = account.scaffolded()
    assert account.holds() == MADE
    elbv2 = account.place.client("elbv2")
    (group,) = elbv2.describe_target_groups()["TargetGroups"]
    (tags,) = elbv2.describe_tags(ResourceArns=[group["TargetGroupArn"]])["TagDescriptions"]
    assert {tag["Key"]: tag["Value"] for tag in tags["Tags"]} == {
        "application": "hello",
        "environment": "test",
        "cluster": CLUSTER,
        "deployconsole:run": str(made.run_id),
    }
    assert (group["HealthCheckPath"], group["Port"]) == ("/health", 8080)
    assert account.start() is None
    again = account.preview()
    assert (again.steps, {finding.code for finding in again.findings}) == ((), {"stands"})
    assert again.sentence == "hello-world in test us-east-1 stands as it is asked for"
    assert Event.objects.filter(kind="scaffold.made").count() == len(MADE)
    assert ScaffoldPart.objects.filter(made_at__isnull=False).count() == len(MADE)


def test_what_is_left_out_is_as_it_stands_and_what_differs_is_refused(account: Account) -> None:
    account.scaffolded()
    account.asked = {}
    assert account.start() is None
    with pytest.raises(Refused) as refused:
        account.start(port=9090, health_check_path="/other")
    told = [finding.text for finding in refused.value.findings if finding.code == "differs"]
    assert any("listener hello-world stands with port 8080, and 9090 is asked for" in text for text in told)
    assert any("stands with health check path /health, and /other is asked for" in text for text in told)
    assert account.holds() == MADE


def test_the_first_group_serves_behind_the_load_balancer(account: Account) -> None:
    made = account.scaffolded(image=account.image, min=2, max=4)
    assert account.holds() == [*MADE, "launch-template hello-world", "group hello-world-v000"]
    (group,) = account.place.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (2, 2, 4)
    health = account.place.client("elbv2").describe_target_health(TargetGroupArn=group["TargetGroupARNs"][0])
    assert [each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"]] == ["healthy"] * 2
    assert (made.to_group, made.to_version, made.to_image) == ("hello-world-v000", "1.0.0", account.image)
    assert account.start(image=account.image, min=2, max=4) is None
    assert sync_region(Environment.objects.get(), account.place.region)
    preview = account.preview(image=account.image, min=2, max=4)
    (note,) = [each.text for each in preview.findings if each.code == "has-groups"]
    assert note.endswith("so none is made. hello-world-v000 launches that image already.")


def test_the_first_group_may_come_later(account: Account) -> None:
    account.scaffolded()
    preview = account.preview(image=account.image, user_data="echo secret-word")
    assert [step.kind for step in preview.steps] == ["make-part", "make-part", "wait-sized"]
    later = account.scaffolded(image=account.image, user_data="echo secret-word")
    assert "secret-word" not in str(later.options)
    assert account.holds()[-1] == "group hello-world-v000"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_may_be_lost_and_each_part_is_made_once(account: Account, fault: str) -> None:
    made = account.start(image=account.image)
    assert made
    with striking(fault) as struck:
        run = carry_on(made)
    assert run.state == "succeeded", f"{run.state}: {run.failure or run.says}"
    assert len(struck) == 9, "two security groups with a rule each, and one call for each other part"
    assert account.holds() == [*MADE, "launch-template hello-world", "group hello-world-v000"]
    assert ScaffoldPart.objects.count() == len(MADE) + 2


@pytest.mark.parametrize("fault", FAULTS)
def test_an_undo_leaves_nothing_whichever_call_is_lost(account: Account, fault: str) -> None:
    account.never_healthy()
    made = account.start(image=account.image)
    assert made
    until_step(made, "wait-sized")
    services.cancel(made.pk, actor="bob", reason="not now")
    with striking(fault) as struck:
        run = carry_on(made)
    assert run.state == "undone", f"{run.state}: {run.failure or run.says}"
    assert len(struck) >= 7, "one deletion for each part"
    assert not made.run.steps.filter(says__startswith="there is no"), "what was taken away is said so"
    assert account.holds() == []
    assert not ScaffoldPart.objects.filter(removed_at__isnull=True).exists()


def test_an_undo_leaves_what_an_earlier_run_made(account: Account) -> None:
    account.scaffolded()
    account.never_healthy()
    later = account.start(image=account.image)
    assert later
    until_step(later, "wait-sized")
    services.cancel(later.pk, actor="bob", reason="not now")
    assert carry_on(later).state == "undone"
    assert account.holds() == MADE


def test_a_part_that_somebody_else_made_is_refused_and_left_alone(account: Account) -> None:
    vpc = account.place.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    account.place.client("elbv2").create_target_group(Name=CLUSTER, Protocol="HTTP", Port=8080, VpcId=vpc)
    with pytest.raises(Refused, match="There is a target group hello-world already that this console did not make"):
        account.start()
    assert account.holds() == [f"target-group {CLUSTER}"]
    assert not Deployment.objects.exists()


def test_a_part_that_somebody_makes_meanwhile_ends_it_and_stays(account: Account) -> None:
    made = account.start()
    assert made
    vpc = account.place.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    account.place.client("elbv2").create_target_group(Name=CLUSTER, Protocol="HTTP", Port=8080, VpcId=vpc)
    run = carry_on(made)
    assert (run.state, "Somebody else made the target group" in run.failure) == ("undone", True)
    assert account.holds() == [f"target-group {CLUSTER}"]


def test_two_at_once_make_it_once(account: Account) -> None:
    first = account.start()
    assert first
    with pytest.raises(Busy, match="hello-world is being changed by ann"):
        account.start()
    assert carry_on(first).state == "succeeded"
    assert account.holds() == MADE


def test_what_a_half_made_scaffold_lets_in_is_what_it_listens_on(account: Account) -> None:
    """Its security groups stand, with the ports that were asked for; the rest was not made."""
    made = account.start(port=8090, instance_port=8080)
    assert made
    look_until(made, lambda: ScaffoldPart.objects.filter(made_at__isnull=False).count() == 2, "to have two parts")
    account.asked = {}
    words = " ".join(change for step in account.preview().steps for change in step.changes)
    assert "CreateListener: HTTP on port 8090" in words
    assert {*re.findall(r"port (\d+)", words)} <= {"8080", "8090"}, words


def test_a_limit_that_is_reached_is_told_before_anything_is_made(account: Account) -> None:
    account.fill_target_groups()
    with pytest.raises(Refused, match="Delete some, or ask AWS to raise the limit"):
        account.start()
    assert "scaffold-quota" in codes(account.preview())


def test_a_limit_that_is_reached_meanwhile_undoes_what_was_made(account: Account) -> None:
    made = services.scaffold(account.request(), actor="ann")
    assert made
    account.fill_target_groups()
    run = carry_on(made)
    assert (run.state, "maximum number of target groups" in run.failure) == ("undone", True)
    assert [name for name in account.holds() if "other" not in name] == []


def test_a_rule_of_a_shared_listener_and_a_name_in_route_53(account: Account) -> None:
    ec2, elbv2 = account.place.client("ec2"), account.place.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
    balancer = elbv2.create_load_balancer(Name="shared", Subnets=subnets)["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=8081, DefaultActions=[answer]
    )["Listeners"][0]["ListenerArn"]
    route53 = account.place.client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    wishes = {"traffic": "rule", "listener": listener, "host": "hello.example.com", "hosted_zone": "example.com"}
    account.asked = {"instance_port": 8080, "record": "hello.example.com", **wishes}

    def names() -> list[str]:
        records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return [each["AliasTarget"]["DNSName"] for each in records if "AliasTarget" in each]

    account.scaffolded()
    rules = elbv2.describe_rules(ListenerArn=listener)["Rules"]
    assert [(rule["Priority"], rule["Conditions"][0]["Values"]) for rule in rules if not rule["IsDefault"]] == [
        ("1", ["hello.example.com"])
    ]
    assert names() == [f"{balancer['DNSName']}."]
    assert account.start() is None
    with pytest.raises(Refused, match="stands with conditions host-header is"):
        account.start(host="other.example.com")
    assert carry_on(services.remove_scaffold(account.removal(), actor="ann")).state == "succeeded"
    assert (names(), account.holds()) == ([], ["load-balancer shared", "listener 8081"])


def test_https_has_a_listener_with_the_certificate_and_is_kept_as_it_stands(account: Account) -> None:
    arn = certificate(account.place)
    account.asked |= {"protocol": "HTTPS", "port": 8443, "instance_port": 8080}
    with pytest.raises(Invalid, match="There is no certificate"):
        account.preview(certificate_arn=f"{arn[:-4]}0000")
    account.scaffolded(certificate_arn=arn)
    elbv2 = account.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert (listener["Protocol"], listener["Port"], listener["Certificates"]) == (
        "HTTPS",
        8443,
        [{"CertificateArn": arn}],
    )
    assert listener["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-")
    assert elbv2.describe_target_groups()["TargetGroups"][0]["Protocol"] == "HTTP"
    account.asked = {}
    assert account.start() is None
    with pytest.raises(Refused, match="stands with protocol HTTPS, and HTTP is asked for"):
        account.start(protocol="HTTP")


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"traffic": "rule"}, "options.listener", "by its ARN"),
        ({"host": "a.example.com"}, "options.host", "This is of a rule"),
        ({"min": 3, "max": 2}, "options.min", "min can be at most max"),
        ({"allow_from": "::/0"}, "options.allow_from", "no block of IPv4 addresses"),
        ({"hosted_zone": "nowhere.example"}, "options.hosted_zone", "there is no such hosted zone"),
        ({"subnets": "subnet-1"}, "options.subnets", "There is no subnet subnet-1"),
        ({"image": "ami-0123456789abcdef0"}, "options.image", "ami-0123456789abcdef0"),
        ({"nothing": 1}, "options.nothing", "There is no such option"),
        ({"protocol": "HTTPS"}, "options.certificate_arn", "HTTPS needs a certificate: name one"),
        ({"certificate_arn": "arn:aws:acm:a"}, "options.certificate_arn", "A certificate is of HTTPS"),
        ({"protocol": "HTTPS", "certificate_arn": "mine"}, "options.certificate_arn", "is no certificate's ARN"),
        ({"protocol": "HTTPS", "certificate_arn": ELSEWHERE}, "options.certificate_arn", "is of eu-west-1, and the"),
        ({"protocol": "HTTPS", "traffic": "rule"}, "options.protocol", "a rule has the protocol of its listener"),
        ({"instance_type": "t3.giant"}, "options.instance_type", "There is no instance type t3.giant"),
    ],
)
def test_what_is_wrong_is_named(account: Account, options: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Invalid) as invalid:
        account.preview(**{"image": account.image, **options})
    assert words in " ".join(invalid.value.errors[field])
