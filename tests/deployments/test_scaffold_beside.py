"""What others do beside a scaffold: they share its listener, and delete what its name leads to."""

from __future__ import annotations

from dataclasses import replace

from apps.deployments import services
from apps.deployments.models import Deployment
from tests.deployments.lite import carry_on, cloud
from tests.deployments.scaffolding import MADE, Account
from tests.deployments.test_scaffold import account, codes

__all__ = ["account", "cloud"]


def test_two_that_are_planned_at_once_for_one_listener_get_a_rule_each(account: Account) -> None:
    elbv2 = account.place.client("elbv2")
    subnets = [each["SubnetId"] for each in account.place.client("ec2").describe_subnets()["Subnets"]]
    balancer = elbv2.create_load_balancer(Name="shared", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listeners = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=81, DefaultActions=[answer])
    listener = listeners["Listeners"][0]["ListenerArn"]
    account.asked = {"traffic": "rule", "listener": listener}

    def started(cluster: str) -> Deployment:
        made = services.scaffold(replace(account.request(host=f"{cluster}.example.com"), cluster=cluster), actor="ann")
        assert made
        return made

    for made in [started(cluster) for cluster in ("hello-one", "hello-two")]:
        run = carry_on(made)
        assert run.state == "succeeded", run.failure
    rules = [each for each in elbv2.describe_rules(ListenerArn=listener)["Rules"] if not each["IsDefault"]]
    assert {each["Priority"]: each["Conditions"][0]["Values"][0] for each in rules} == {
        "1": "hello-one.example.com",
        "2": "hello-two.example.com",
    }


def test_a_name_whose_load_balancer_somebody_deleted_is_taken_away_too(account: Account) -> None:
    """It would lead to whoever gets the load balancer's name next."""
    route53, elbv2 = account.place.client("route53"), account.place.client("elbv2")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    account.scaffolded(hosted_zone="example.com")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    assert len(account.holds()) < len(MADE)
    assert "not-ours" not in codes(services.preview_removal(account.removal()))
    run = carry_on(services.remove_scaffold(account.removal(), actor="ann"))
    assert run.state == "succeeded", run.failure
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [each["Name"] for each in records if "AliasTarget" in each] == []
    assert account.holds() == []
