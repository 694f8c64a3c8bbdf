"""The load balancer of a scaffold answers from its first group, by HTTPS, with real instances and real requests."""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path

from apps.inventory.models import Application, Environment
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import cloud, new_place
from tests.deployments.conftest import Drive
from tests.deployments.scaffolding import Account, certificate
from tests.world import register_image

__all__ = ["cloud"]


def test_the_load_balancer_answers_from_the_first_group(
    aws: RunningCloud, tmp_path: Path, transactional_db: None, drive: Drive
) -> None:
    place = new_place(aws)
    Environment.objects.create(name="test", account_id=place.account, role_arn=place.role_arn, regions=[place.region])
    Application.objects.create(name="hello")
    account = Account(place, register_image(place.client("ec2"), tmp_path, "hello", "1.0.0"))
    https = {"protocol": "HTTPS", "certificate_arn": certificate(place), "port": 8443, "instance_port": 8080}
    made = account.start(image=account.image, **https)
    assert made
    assert drive(made).run.state == "succeeded", made.run.failure
    (balancer,) = place.client("elbv2").describe_load_balancers()["LoadBalancers"]
    trusting = ssl.create_default_context(cadata=ssl.get_server_certificate((balancer["DNSName"], 8443)))
    trusting.check_hostname = False  # the certificate is of localhost
    with urllib.request.urlopen(f"https://{balancer['DNSName']}:8443/", timeout=10, context=trusting) as answer:
        assert answer.read().decode() == "hello 1.0.0"
