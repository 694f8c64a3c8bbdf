"""Environments: an AWS account with its regions, e.g. `test`, `prod`."""

from __future__ import annotations

from django.db import models

from apps.cloud.values import Target


class Environment(models.Model):
    """An account the console works in, by a role it assumes there (empty: with the console's own credentials)."""

    name = models.CharField(max_length=64, unique=True)
    account_id = models.CharField(max_length=12)
    role_arn = models.CharField(max_length=255, blank=True)
    external_id = models.CharField(max_length=255, blank=True)
    regions = models.JSONField(default=list)  # region names, in the order people want to see them
    description = models.TextField(blank=True)
    production = models.BooleanField(default=False)  # shown so that nobody mistakes it for a test account
    images_from = models.CharField(max_length=64, blank=True)  # environment whose promotions alone bring images here
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def target(self, region: str) -> Target:
        """Where calls to this environment's region go; whether the region is one of its own is not checked."""
        return Target(self.account_id, region, self.role_arn, self.external_id)
