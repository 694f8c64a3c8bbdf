"""Applications: what people call the things they run, and who answers for them."""

from __future__ import annotations

from django.db import models


class Application(models.Model):
    """A registered application, or one found by a well-named group (`discovered`, until somebody claims it)."""

    name = models.CharField(max_length=255, unique=True)  # by the naming grammar
    owner = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    description = models.TextField(blank=True)
    repository_url = models.URLField(blank=True)
    health_check_path = models.CharField(max_length=255, blank=True)
    # opens an instance's logs elsewhere; may hold {instance}, {group}, {cluster}, {region}, {environment}, {address}
    log_link_template = models.CharField(max_length=1000, blank=True)
    tags = models.JSONField(default=dict, blank=True)  # text to text
    discovered = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
