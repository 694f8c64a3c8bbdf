"""Target groups and load balancers: how requests reach a group."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.inventory.models.synced import Synced


class TargetGroup(Synced):
    """A target group and the health check it runs."""

    KEY: ClassVar[str] = "arn"

    arn = models.CharField(max_length=512)
    name = models.CharField(max_length=64)
    protocol = models.CharField(max_length=16, blank=True)
    port = models.PositiveIntegerField()
    target_type = models.CharField(max_length=16)
    vpc_id = models.CharField(max_length=64, blank=True)
    health_path = models.CharField(max_length=1024, blank=True)
    health_interval = models.PositiveIntegerField()  # seconds
    healthy_threshold = models.PositiveIntegerField()
    load_balancers = models.JSONField(default=list)  # ARNs
    health_read_at = models.DateTimeField(null=True)  # when the last read of its targets' health began

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "arn"], name="one_target_group_per_arn")
        ]

    def __str__(self) -> str:
        return self.name


class LoadBalancer(Synced):
    """A load balancer with its listeners and their rules."""

    KEY: ClassVar[str] = "arn"

    arn = models.CharField(max_length=512)
    name = models.CharField(max_length=64)
    dns_name = models.CharField(max_length=1024, blank=True)
    scheme = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=32, blank=True)
    vpc_id = models.CharField(max_length=64, blank=True)
    # [{arn, port, protocol, rules: [{arn, priority, conditions, forwards: [{target_group, weight}]}]}]
    listeners = models.JSONField(default=list)
    listeners_read_at = models.DateTimeField(null=True)  # when the last read of its listeners and rules began

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "arn"], name="one_load_balancer_per_arn"),
        ]

    def __str__(self) -> str:
        return self.name
