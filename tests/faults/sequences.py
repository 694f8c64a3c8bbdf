"""Random sequences: pushes, rollbacks and cancellations with several faults at whichever calls come next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, ClassVar

import redis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from apps.cloud.errors import CloudError
from apps.deployments import drivers, services
from apps.deployments.errors import CannotCancel, Invalid, Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.workflows import services as workflows
from tests.faults import surroundings, workers
from tests.faults.calls import Call
from tests.faults.faults import FAULTS
from tests.faults.injector import Died, Injector
from tests.faults.invariants import beside_state
from tests.faults.scenarios import acts
from tests.faults.snapshot import short
from tests.faults.watch import Watch
from tests.faults.world import SIZE, World, Worlds, settle

MOVING = ("red-black", "rolling-red-black")  # strategies that leave one group serving and one standing by
# not "stop-before": it needs to know beforehand which call it will be
AT_ANY = sorted({"kill-before", *(name for name, fault in FAULTS.items() if fault.reads and fault.changes)})


class Armed(Injector):
    """Strikes at the call that comes after some others, whichever that is."""

    def __init__(self, watch: Watch, other: Callable[[], None]) -> None:
        super().__init__(watch, other=other)
        self._left = -1

    def arm(self, after: int, fault: str) -> None:
        """The fault before is over, if there was one."""
        self.at, self.fault, self.struck, self._left = None, FAULTS[fault], 0, after

    def _meet(self, call: Call, service: str, send: Callable[[], Any]) -> Any:
        if self._left == 0:
            self.at = call
        self._left -= 1
        return super()._meet(call, service, send)


def run_random(worlds: Worlds, number: int, count: int) -> None:
    """So many sequences, by the seed `number`. Raises what went wrong, with the shortest sequence that shows it."""
    Sequences.worlds = worlds
    how = settings(
        max_examples=count,
        stateful_step_count=16,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(Sequences), settings=how)


class Sequences(RuleBasedStateMachine):
    """One cluster; whatever is done to it in whatever order, it is whole whenever nothing goes on.

    No rule has a precondition: whether a push began is the cloud's to say, and what is drawn must not depend on it.
    """

    worlds: ClassVar[Worlds]

    @initialize(driver=st.sampled_from(sorted(drivers.all())))
    def begin(self, driver: str) -> None:
        surroundings.forget()
        self.world: World = self.worlds.make(driver)
        self.running: Deployment | None = None
        self.pushed: Deployment | None = None  # what can be rolled back
        self._begin_watch()

    def _begin_watch(self) -> None:
        self.watch = Watch(self.world.account, SIZE)
        self.injector = Armed(self.watch, self._other)
        self.installed = contextlib.ExitStack()
        self.installed.enter_context(self.injector.installed())

    def _other(self) -> None:
        if self.running:
            workers.another(self.running)()

    def _start(self, begin: Callable[[], Deployment]) -> None:
        try:
            self.running = begin()
        except (CloudError, Refused, Invalid, Died):
            return
        self.injector.follow(self.running.run_id)

    @rule(version=st.sampled_from(["1.0.0", "1.1.0", "1.2.0"]), strategy=st.sampled_from(MOVING))
    def push(self, version: str, strategy: str) -> None:
        self._finish()
        self._start(lambda: acts.push(self.world, version, strategy=strategy))

    @rule()
    def roll_back(self) -> None:
        self._finish()
        if self.pushed:
            number = self.pushed.pk
            self._start(lambda: services.rollback(number, actor="bob"))

    @rule(after=st.integers(0, 12), fault=st.sampled_from(AT_ANY))
    def strike(self, after: int, fault: str) -> None:
        if self.running or not fault.startswith("stop-"):
            self.injector.arm(after, fault)

    @rule(times=st.integers(1, 4))
    def look(self, times: int) -> None:
        for _ in range(times if self.running else 0):
            assert self.running
            workers.look(self.running.run)

    @rule()
    def cancel(self) -> None:
        with contextlib.suppress(CannotCancel):
            if self.running:
                services.cancel(self.running.pk, actor="bob", reason="changed my mind")

    @rule()
    def flush_redis(self) -> None:
        redis.Redis.from_url(django_settings.REDIS_URL).flushall()

    @rule()
    def finish(self) -> None:
        """Carries on to the end; then everything holds."""
        self._finish()

    def _finish(self) -> None:
        if not self.running:
            return
        running, self.running = self.running, None
        run = workers.carry_on(running)
        if run.state == workers.STUCK:
            self.injector.healed = True
            workflows.resume(run.pk, actor="bob", reason="the role may do it again")
            run = workers.carry_on(running)
        assert run.state in {"succeeded", "undone", "cancelled"}, f"{run.state}: {run.failure or run.says}"
        if run.state == "succeeded":
            self.pushed = running if running.kind == Deployment.Kind.PUSH else None
        self.installed.close()
        settle(self.world)
        wrong = [*beside_state(self.world, self.watch, running), *self._groups()]
        assert wrong == []
        self._begin_watch()

    def _groups(self) -> list[str]:
        """One group serves at its size; beside it stands only what is kept."""
        groups = {group["AutoScalingGroupName"]: group for group in self.world.account.groups()}
        used = {name for attributes in self.world.account.state().values() for name in attributes.get("weights", ())}
        serving = [
            name
            for name, group in groups.items()
            if group["LoadBalancerNames"] or used & set(map(short, group["TargetGroupARNs"]))
        ]
        kept = set(KeptGroup.objects.filter(cluster=self.world.cluster, ended_at=None).values_list("name", flat=True))
        if len(serving) != 1 or set(groups) != {*serving, *kept}:
            return [f"{sorted(serving)} serve, {sorted(kept)} are kept, and there are {sorted(groups)}"]
        group = groups[serving[0]]
        sizes = (group["MinSize"], group["DesiredCapacity"], group["MaxSize"])
        return [] if sizes == (1, SIZE, SIZE + 2) else [f"{serving[0]} was left at {sizes}"]

    def teardown(self) -> None:
        try:
            self._finish()
        finally:
            self.installed.close()
            self.worlds.give_back(self.world)
