"""Runs and their steps, frozen into rows when a run starts; attempts, what is borrowed, and who holds which lock."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.workflows.states import ENDED, UNHEEDED, Decision, OnFailure, Phase, RunState, StepState


class Run(models.Model):
    """A durable piece of work. The row is the truth; messages only nudge somebody to look at it."""

    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=255)  # what it changes, for people
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    called = models.CharField(max_length=80, blank=True)  # what people call it, e.g. "push 87"; set by who starts it
    resource = models.CharField(max_length=512, blank=True)  # what it holds the lock of, or waits to hold
    planned = models.BooleanField(default=True)  # false: its steps are made once it has its lock
    on_failure = models.CharField(max_length=4, choices=OnFailure.choices, default=OnFailure.UNDO)
    state = models.CharField(max_length=16, choices=RunState.choices, default=RunState.QUEUED)
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.FORWARD)
    ending = models.CharField(max_length=16, blank=True)  # the state it will end in, once settled
    position = models.PositiveIntegerField(default=0)  # of the step that is being done or undone
    says = models.TextField(blank=True)  # what it waits for, in one sentence
    failure = models.TextField(blank=True)  # why it is undone or failed, in one sentence
    facts = models.JSONField(default=dict)  # what steps found out, for later steps
    errors = models.PositiveIntegerField(default=0)  # passing errors in a row, for the back-off

    due_at = models.DateTimeField(null=True, db_default=Now())  # null: nothing to do until somebody acts
    lease_owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.BigIntegerField(default=0)  # the fencing token: rises with every claim

    nudged_at = models.DateTimeField(null=True)  # when a sweep last told workers of it

    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)  # undo or stop, to be heeded
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=150, blank=True)
    cancel_reason = models.TextField(blank=True)

    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="run_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["state", "-id"], name="run_state"),
            models.Index(fields=["resource", "id"], name="run_queue", condition=models.Q(planned=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.subject}"

    @property
    def name(self) -> str:
        """What people call it: "push 87"."""
        return self.called or f"{self.kind} {self.pk}"

    @property
    def unheeded(self) -> bool:
        """Whether a decision waits for the next look."""
        return (self.phase, self.decision) in UNHEEDED

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class Step(models.Model):
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    params = models.JSONField(default=dict)
    changes = models.JSONField(default=list)  # the changes it announced, in words
    irreversible = models.BooleanField(default=False)  # once started, the run is not undone any more
    timeout_seconds = models.FloatField(null=True)
    expected_seconds = models.FloatField(null=True)
    state = models.CharField(max_length=8, choices=StepState.choices, default=StepState.PENDING)
    memory = models.JSONField(default=dict)  # its intents, written before their effects
    says = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undo_started_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_step_a_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class Attempt(models.Model):
    """One go at a step, forward or undoing; `looks` counts how often it was looked at. Never deleted."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="attempts")
    phase = models.CharField(max_length=8, choices=Phase.choices)
    worker = models.CharField(max_length=128)
    looks = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=16, blank=True)  # done, failed, asked, stopped, skipped; empty: it goes on
    says = models.TextField(blank=True)
    log = models.JSONField(default=list)  # what it did, as its kind tells it (e.g. AWS calls)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"attempt {self.pk} at step {self.step_id}"


class Borrowed(models.Model):
    """Something changed for a while, with its original value. Repaid when its owner ends, unless kept for later."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="borrowed")
    kind = models.CharField(max_length=64)  # names the repayer
    resource = models.CharField(max_length=512)
    original = models.JSONField()
    changed_to = models.JSONField(null=True)  # what we set: whatever is otherwise by now, somebody else changed
    keep = models.BooleanField(default=False)  # stays borrowed after its owner succeeded
    undoing = models.BooleanField(default=False)  # borrowed by an undo, to put back what was borrowed before
    stuck = models.BooleanField(default=False)  # repaying it failed for good: a person must look
    says = models.TextField(blank=True)  # e.g. "min raised 4 → 12"
    tries = models.PositiveIntegerField(default=0)  # how often repairs began to give it back
    retry_at = models.DateTimeField(null=True)  # when the next repair may try
    borrowed_at = models.DateTimeField(db_default=Now())
    repaid_at = models.DateTimeField(null=True)
    repaid_by = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="repaid")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "resource"], condition=models.Q(repaid_at__isnull=True), name="borrowed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.resource}"


class Lock(models.Model):
    """At most one run changes a resource at a time: the primary key sees to it."""

    resource = models.CharField(max_length=512, primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="locks")
    owner = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    taken_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.resource} held by {self.owner}"
