"""The inventory's tasks: by name, as the scheduler and others send them."""

import pytest
from celery import current_app
from django.core.cache import cache

from apps.inventory import tasks
from apps.inventory.models import Cluster, Environment, Group, LoadBalancer
from deployconsole.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


def test_they_are_known_by_the_names_that_others_send():
    app.loader.import_default_modules()
    assert {
        "inventory.sync_all",
        "inventory.sync_region",
        "inventory.read_one_by_one",
        "inventory.refresh_cluster",
    } <= set(current_app.tasks)


def test_one_sync_is_sent_for_every_region_of_every_environment(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.sync_region, "apply_async", lambda args, **options: sent.append((args, options)))
    first = Environment.objects.create(name="a", account_id="1" * 12, regions=["us-east-1", "eu-west-1"])
    second = Environment.objects.create(name="b", account_id="2" * 12, regions=["us-east-1"])
    tasks.sync_all()
    assert [args for args, _ in sent] == [(first.pk, "us-east-1"), (first.pk, "eu-west-1"), (second.pk, "us-east-1")]
    assert all(options["expires"] for _, options in sent)


def test_a_region_and_a_cluster_are_read(environment, shop):
    tasks.sync_region(environment.pk, "us-east-1")
    assert Group.objects.count() == 3
    shop.group("shop.api-main-v003", shop.template_id)
    Cluster.objects.update(refreshed_at=None)
    tasks.refresh_cluster("test", "us-east-1", "shop.api-main")
    assert Group.objects.filter(name="shop.api-main-v003").exists()


def test_a_region_that_was_read_is_asked_one_by_one_from_then_on(environment, shop, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "send", lambda *told: sent.append(told))
    tasks.sync_region(environment.pk, "us-east-1")
    assert sent == [("inventory.read_one_by_one", environment.pk, "us-east-1")]
    tasks.read_one_by_one(environment.pk, "us-east-1")
    assert not LoadBalancer.objects.filter(listeners_read_at=None).exists()


def test_one_further_round_is_sent_however_many_ask_too_soon(environment, shop, monkeypatch):
    sent = []
    cache.clear()
    monkeypatch.setattr(tasks.refresh_wanted, "apply_async", lambda args, **options: sent.append((args, options)))
    tasks.refresh_cluster("test", "us-east-1", "shop.api-main")
    for _ in range(3):
        tasks.refresh_cluster("test", "us-east-1", "shop.api-main")
    ((args, options),) = sent
    assert args == ("test", "us-east-1")
    assert 0 < options["countdown"] <= 1
    tasks.refresh_wanted(*args)
    assert len(sent) == 2
