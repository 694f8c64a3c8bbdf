"""Rows are brought to what a read said: only what changed, and never over a newer read."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from apps.inventory.models import Environment, LoadBalancer
from apps.inventory.services.reconcile import Read, reconcile

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def somewhere():
    return Environment.objects.create(name="test", account_id="123456789012", regions=["us-east-1"])


def fields(name="shop", state="active"):
    return {"name": name, "dns_name": "", "scheme": "", "state": state, "vpc_id": ""}


def bring(environment, found, at=0, **options):
    return reconcile(LoadBalancer, Read(environment, "us-east-1", NOW + timedelta(seconds=at), found, **options))


def state(arn="arn:1"):
    row = LoadBalancer.objects.get(arn=arn)
    return row.state, row.gone_at is not None


def test_what_is_found_gets_rows(somewhere):
    assert bring(somewhere, {"arn:1": fields(), "arn:2": fields()}) == 2
    assert state() == ("active", False)


def test_nothing_is_written_when_nothing_changed(somewhere, django_assert_num_queries):
    bring(somewhere, {"arn:1": fields()})
    with django_assert_num_queries(1):
        assert bring(somewhere, {"arn:1": fields()}, at=5) == 0


def test_only_what_changed_is_written(somewhere):
    bring(somewhere, {"arn:1": fields(), "arn:2": fields()})
    assert bring(somewhere, {"arn:1": fields(state="failed"), "arn:2": fields()}, at=5) == 1
    assert LoadBalancer.objects.get(arn="arn:2").read_at == NOW


def test_columns_of_other_reads_stay(somewhere):
    bring(somewhere, {"arn:1": fields()})
    LoadBalancer.objects.update(listeners=[{"port": 80}])
    bring(somewhere, {"arn:1": fields(state="failed")}, at=5)
    assert LoadBalancer.objects.get().listeners == [{"port": 80}]


def test_what_is_missing_is_marked_gone_and_comes_back(somewhere):
    bring(somewhere, {"arn:1": fields()})
    assert bring(somewhere, {}, at=5) == 1
    assert state() == ("active", True)
    assert bring(somewhere, {"arn:1": fields()}, at=9) == 1
    assert state() == ("active", False)


def test_an_older_read_does_not_overwrite_a_newer_one(somewhere):
    bring(somewhere, {"arn:1": fields(state="failed")}, at=5)
    assert bring(somewhere, {"arn:1": fields(state="active")}) == 0
    assert state() == ("failed", False)


def test_an_older_read_does_not_remove_what_a_newer_one_found(somewhere):
    bring(somewhere, {"arn:1": fields()}, at=5)
    assert bring(somewhere, {}) == 0
    assert state() == ("active", False)


def test_an_older_read_does_not_bring_back_what_a_newer_one_missed(somewhere):
    bring(somewhere, {"arn:1": fields()})
    bring(somewhere, {}, at=5)
    assert bring(somewhere, {"arn:1": fields()}, at=3) == 0
    assert state() == ("active", True)


def test_a_touching_read_keeps_older_ones_from_unchanged_rows(somewhere):
    bring(somewhere, {"arn:1": fields()})
    bring(somewhere, {"arn:1": fields()}, at=5, touch=True)
    assert bring(somewhere, {"arn:1": fields(state="failed")}, at=3) == 0


def test_a_read_that_covers_a_part_leaves_the_rest(somewhere):
    bring(somewhere, {"arn:1": fields("shop"), "arn:2": fields("cart")})
    bring(somewhere, {}, at=5, covers=Q(name="shop"))
    assert state("arn:1") == ("active", True)
    assert state("arn:2") == ("active", False)


def test_other_regions_are_left_alone(somewhere):
    bring(somewhere, {"arn:1": fields()})
    reconcile(LoadBalancer, Read(somewhere, "eu-west-1", NOW + timedelta(seconds=5), {}))
    assert state() == ("active", False)
