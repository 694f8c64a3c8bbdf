"""Example pages for the style guide: every state once, no database."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.console.pages.changes import ChangeLine
from apps.console.pages.chart import Chart, ChartLine
from apps.console.pages.cluster import ClusterPage, Column, Moving, Square
from apps.console.pages.common import Action, HistoryLine, Place, State
from apps.console.pages.deployment import DeploymentPage, Line, StepLine, Try

PLACE = Place("api", "prod", "us-east-1", "api-prod")


def squares(health: str, count: int, start: int, reason: str = "") -> tuple[Square, ...]:
    zones = ("us-east-1a", "us-east-1b")
    return tuple(
        Square(f"i-0{start + number:04x}b7e", zones[number % 2], health, reason if number == 0 else "")
        for number in range(count)
    )


def old_group(now: datetime) -> Column:
    return Column(
        name="api-prod-v012",
        short="v012",
        state=State("serve", "serves"),
        version="4.1.9",
        commit="a1b2c3d",
        image_id="ami-0c41d2f3a4b5c6d7e",
        image_name="api-4.1.9-build218",
        created_at=now - timedelta(days=9, hours=3),
        traffic_percent=50,
        requests_per_second=104.2,
        measured_at=now - timedelta(seconds=8),
        failure_percent=0.0,
        squares=squares("healthy", 4, 10) + squares("draining", 2, 30, "draining for another 40 s"),
        min_size=4,
        desired=6,
        max_size=12,
        note="AlarmNotification, ScheduledActions and AZRebalance suspended by run 87",
    )


def new_group(now: datetime) -> Column:
    return Column(
        name="api-prod-v013",
        short="v013",
        state=State("move", "starting"),
        version="4.2.0",
        commit="9f8e7d6",
        image_id="ami-0d52e3a4b5c6d7e8f",
        image_name="api-4.2.0-build221",
        created_at=now - timedelta(seconds=48),
        traffic_percent=50,
        requests_per_second=103.8,
        measured_at=now - timedelta(seconds=8),
        failure_percent=0.4,
        squares=squares("healthy", 5, 60)
        + squares("starting", 1, 80, "booting for 20 s")
        + squares("unhealthy", 1, 90, "answers 503 on /health"),
        min_size=7,
        desired=7,
        max_size=12,
        differs=("version", "size"),
    )


def charts() -> tuple[Chart, ...]:
    """Traffic that moves, and a value that is missing for a while."""
    falls, rises = "0.0,10.0 150.0,12.0 170.0,80.0 320.0,80.0", "150.0,80.0 170.0,11.0 320.0,9.0"
    said = "Requests a second. v012 (4.1.9): from 104 to 0, at most 106; v013 (4.2.0): from 0 to 105, at most 105."
    moves = (ChartLine("v012 (4.1.9)", "leaving", (falls,), "0"), ChartLine("v013 (4.2.0)", "coming", (rises,), "105"))
    broken = ("0.0,60.0 90.0,58.0", "140.0,50.0 320.0,55.0")
    latency = (ChartLine("v012 (4.1.9)", "leaving", broken, "21 ms"), ChartLine("v013 (4.2.0)", "coming", (), "none"))
    told = "Latency. v012 (4.1.9): from 20 ms to 21 ms, at most 24 ms; v013 (4.2.0): no value."
    return Chart("Requests a second", "106", moves, said), Chart("Latency", "80 ms", latency, told)


def history(now: datetime) -> tuple[HistoryLine, ...]:
    rows = [
        (State("move", "running"), "Push of 4.2.0", "4.1.9 → 4.2.0", "maria", "fix login", 1, None),
        (State("serve", "succeeded"), "Push of 4.1.9", "4.1.8 → 4.1.9", "ci", "nightly", 13_000, 72.0),
        (State("attend", "needs a person"), "Roll back to v011", "4.1.9 → 4.1.8", "jo", "", 14_000, 40.2),
        (State("rest", "undone"), "Push of 4.1.9-rc1", "4.1.8 → 4.1.9-rc1", "jo", "try the cache", 20_000, 310.0),
        (State("fail", "failed"), "Push of 4.1.8", "4.1.7 → 4.1.8", "maria", "", 26_000, 1_900.0),
    ]
    return tuple(
        HistoryLine(90 - number, state, what, PLACE, versions, actor, reason, now - timedelta(minutes=minutes), took)
        for number, (state, what, versions, actor, reason, minutes, took) in enumerate(rows)
    )


def changes(now: datetime) -> tuple[ChangeLine, ...]:
    """One that can be undone, one that cannot, and what is no deployment."""
    failed, back = history(now)[4], Action("Roll back to v012", "#roll-back")
    pushed = history(now)[1]
    policy = "maria changed the policy of api-prod: min healthy 90 → 50."
    return (
        ChangeLine("change-1", pushed.at, pushed.state, pushed, back),
        ChangeLine(
            "change-2", failed.at, State("rest", "recorded"), text=policy, cluster=PLACE.address, reason="the sale"
        ),
        ChangeLine("change-3", failed.at, failed.state, failed, Action("", "", blocked="Push 89 came after push 86.")),
    )


def cluster(now: datetime) -> ClusterPage:
    lines = history(now)
    return ClusterPage(
        place=PLACE,
        sentence=State(
            "move", "v012 (4.1.9) and v013 (4.2.0) share the traffic, 9 of 13 healthy. Push of 4.2.0 is running."
        ),
        last_change=lines[1],
        columns=(old_group(now), new_group(now)),
        moving=Moving(
            87,
            State("move", "running"),
            "Push of 4.2.0",
            "v012 → v013",
            "Waiting for 2 of 7 instances: i-0005ab7e answers 503 on /health",
            3,
            6,
            "maria",
            now - timedelta(seconds=52),
            tuple((step.mark, step.title) for step in steps(now)),
        ),
        between=1,
        actions=(Action("Push…", "#push", True, "Push 87 by maria is running on this cluster."),),
        history=lines,
        read_at=now - timedelta(seconds=4),
        stale=False,
    )


def steps(now: datetime) -> tuple[StepLine, ...]:
    began = now - timedelta(seconds=31)
    first = Try(began, began + timedelta(seconds=9), "asked: 0 of 7 healthy (looked 4 times)", "worker-1")
    call = "autoscaling:CreateAutoScalingGroup ok in 0.20 s"
    again = Try(began + timedelta(seconds=9), None, "4 of 7 healthy (looked 8 times)", "worker-2", (call,))
    return (
        StepLine("1", "done", "Check what is there", "v012 serves with 6 of 6 healthy", seconds=0.8),
        StepLine("2", "done", "Create v013", "api-prod-v013 with 7 instances of 4.2.0", seconds=1.2, tries=(again,)),
        StepLine(
            "3",
            "now",
            "Wait until v013 is healthy",
            "Waiting for 2 of 7 instances: i-0005ab7e answers 503 on /health",
            started_at=now - timedelta(seconds=31),
            expected_seconds=50,
            tries=(first, again),
        ),
        StepLine("4", "attend", "Ask a person", "Both groups miss capacity. Choose on this page.", seconds=3),
        StepLine("5", "failed", "Take traffic from v012", "AWS denied DetachLoadBalancerTargetGroups", seconds=2.0),
        StepLine("6", "todo", "Keep v012 for rollback", expected_seconds=1.0),
        StepLine("7", "undone", "Pin the minimum size", "Minimum size is 4 again", seconds=0.3),
    )


def deployment(now: datetime) -> DeploymentPage:
    return DeploymentPage(
        id=87,
        title="Push of 4.2.0 to api-prod",
        place=PLACE,
        headline=State("move", "Step 3 of 6: waiting for 2 of 7 instances of v013 to be healthy."),
        advice="",
        live=False,
        steps=steps(now),
        undo=(),
        facts=(("Versions", "4.1.9 → 4.2.0"), ("Strategy", "Red/black"), ("Margin", "10 %")),
        actor="maria",
        reason="fix login",
        created_at=now - timedelta(seconds=52),
        ended_at=None,
        actions=(Action("Cancel…", "#cancel"),),
        events=(Line(now - timedelta(seconds=52), "maria started a push of 4.2.0 to api-prod"),),
        calls=("autoscaling:CreateAutoScalingGroup ok in 0.20 s",),
    )
