"""What the janitor knows: when AMIs were last used, its rules, what it has marked, and what people keep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.inventory.models import Environment


class ImageReference(models.Model):
    """When an AMI was last seen in use anywhere, and by what. Without a row nobody has seen it used."""

    image_id = models.CharField(max_length=32, unique=True)
    last_referenced_at = models.DateTimeField()
    by = models.CharField(max_length=500)  # a sentence's part: "group api-prod-v012 in prod us-east-1"

    def __str__(self) -> str:
        return f"{self.image_id}, used by {self.by}"


class ReferenceWatch(models.Model):
    """One region's unbroken watch: since when all that may use AMIs there was read, again and again, and when last."""

    region = models.CharField(max_length=32, unique=True)
    since = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"watch of {self.region}"


class JanitorRules(models.Model):
    """What an environment's janitor keeps to; see services.janitor.rules.RuleFields for what each means."""

    environment = models.OneToOneField(Environment, on_delete=models.CASCADE, related_name="janitor_rules")
    active = models.BooleanField(default=False)  # else nothing is marked nor deleted: it only shows what would be
    unused_days = models.PositiveIntegerField(default=30)
    never_used_days = models.PositiveIntegerField(default=14)
    newest = models.PositiveIntegerField(default=5)
    keep_bases = models.BooleanField(default=True)
    snapshot_days = models.PositiveIntegerField(default=7)
    version_days = models.PositiveIntegerField(default=30)
    group_days = models.PositiveIntegerField(default=7)
    grace_days = models.PositiveIntegerField(default=7)
    most_a_round = models.PositiveIntegerField(default=10)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"janitor's rules of {self.environment}"


class Resource(models.Model):
    """One resource of a janitor's kind, by the name that AWS has for it."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)  # slug of an `apps.images.janitor` kind
    resource = models.CharField(max_length=300)  # AMI id, snapshot id, "lt-...:7", name of a group

    class Meta:
        abstract = True


class Keep(Resource):
    """Somebody keeps a resource: the janitor leaves it alone until the row is gone."""

    note = ""  # what should be known of a request that it answers

    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "kind", "resource"], name="kept_by_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.resource} is kept"


class Mark(Resource):
    """A resource that may go, from the mark to its end. Each transition is an event."""

    class State(models.TextChoices):
        MARKED = "marked", "Marked"
        NOTIFIED = "notified", "Notified"  # told of; it goes once its day has come
        DELETING = "deleting", "Being deleted"  # written before anything is done on AWS
        DELETED = "deleted", "Deleted"
        UNMARKED = "unmarked", "Unmarked"  # used again, kept, or not known well enough any more

    LIVE: ClassVar = (State.MARKED, State.NOTIFIED, State.DELETING)

    called = models.CharField(max_length=300, blank=True)  # what people call it
    application = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.MARKED)
    because = models.TextField()  # why it may go
    since = models.DateTimeField()  # from when on it was of no use
    marked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()  # the day from which on it may go
    notified_at = models.DateTimeField(null=True)
    deleting_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    says = models.TextField(blank=True)  # why it stays, or what went wrong last
    tries = models.PositiveIntegerField(default=0)
    memory = models.JSONField(default=dict)  # what its deletion must know once the resource itself is gone

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "region", "kind", "resource"],
                condition=models.Q(state__in=("marked", "notified", "deleting")),
                name="one_live_mark",
            )
        ]
        indexes = [models.Index(fields=["environment", "state", "due_at"], name="mark_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.resource} is {self.state}"
