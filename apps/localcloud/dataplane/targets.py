"""Registered targets, their health as ELBv2 counts it, and whose turn it is."""

from __future__ import annotations

from apps.localcloud.interfaces import Health, HealthCheck, Target, TargetGroupConfig, TargetReading

REGISTERING = (Health.INITIAL, "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = (Health.INITIAL, "Elb.InitialHealthChecking", "Initial health checks in progress")
UNUSED = (
    Health.UNUSED,
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
DRAINING = (Health.DRAINING, "Target.DeregistrationInProgress", "Target deregistration is in progress")
HEALTHY = (Health.HEALTHY, "", "")


class TargetState:
    """One target of one group: its reading, the run of equal check results, and the requests it holds now."""

    __slots__ = ("address", "bad_run", "draining", "good_run", "id", "in_flight", "port", "reading")

    def __init__(self, target: Target) -> None:
        self.id = target.id
        self.address = target.address
        self.port = target.port
        self.draining = target.draining
        self.in_flight = 0
        self.reading: tuple[Health, str, str] = UNUSED
        self.good_run = 0
        self.bad_run = 0

    def restart(self, reading: tuple[Health, str, str]) -> None:
        """Forgets past checks and reads `reading` from now on."""
        self.reading = reading
        self.good_run = self.bad_run = 0

    def checked(self, failure: tuple[str, str] | None, check: HealthCheck) -> bool:
        """Counts one check, None being a success; True when the target's state changed by it.

        The first success of a new target makes it healthy, if the check is eager; later ones need the threshold.
        """
        before = self.reading[0]
        if failure is None:
            self.good_run, self.bad_run = self.good_run + 1, 0
            if (before is Health.INITIAL and check.eager) or self.good_run >= check.healthy_threshold:
                self.reading = HEALTHY
            elif before is Health.INITIAL:
                self.reading = CHECKING
        else:
            self.good_run, self.bad_run = 0, self.bad_run + 1
            if before is Health.UNHEALTHY or self.bad_run >= check.unhealthy_threshold:
                self.reading = (Health.UNHEALTHY, *failure)
            elif before is Health.INITIAL:
                self.reading = CHECKING
        return self.reading[0] is not before


class GroupState:
    """One target group: who may be asked, and in what order."""

    __slots__ = ("_turn", "arn", "check", "eligible", "fail_open", "targets", "used")

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.check = HealthCheck()
        self.used = False
        self.fail_open = True
        self.targets: dict[tuple[str, int], TargetState] = {}
        self.eligible: list[TargetState] = []
        self._turn = 0

    def configure(self, config: TargetGroupConfig, used: bool, seed: dict[tuple[str, str, int], TargetReading]) -> None:
        """Takes a new configuration; targets that stay keep their health. `seed` is what an earlier process knew."""
        self.check, self.fail_open = config.health_check, config.fail_open
        states = {}
        for target in config.targets:
            key = (target.id, target.port)
            state = self.targets.get(key)
            if state is None or state.address != target.address:
                state = TargetState(target)
            _settle(state, target.draining, used, seed.get((self.arn, *key)))
            states[key] = state
        self.targets, self.used = states, used
        self.refresh()

    def refresh(self) -> None:
        """Healthy targets are asked; when there is none, all that are registered are, if the balancer fails open."""
        registered = [target for target in self.targets.values() if not target.draining]
        healthy = [target for target in registered if target.reading[0] is Health.HEALTHY]
        self.eligible = healthy or (registered if self.fail_open else [])

    def next_target(self) -> TargetState | None:
        """The target whose turn it is; None when there is none to ask."""
        eligible = self.eligible
        if not eligible:
            return None
        self._turn = (self._turn + 1) % len(eligible)
        return eligible[self._turn]

    def readings(self) -> dict[tuple[str, str, int], TargetReading]:
        """What DescribeTargetHealth tells of this group."""
        return {
            (self.arn, target.id, target.port): TargetReading(*target.reading, target.in_flight)
            for target in self.targets.values()
        }


def _settle(state: TargetState, draining: bool, used: bool, seed: TargetReading | None) -> None:
    """Moves a target between draining, unused and checked, as the new configuration says."""
    state.draining = draining
    if draining:
        state.restart(DRAINING)
    elif not used:
        state.restart(UNUSED)
    elif state.reading[0] in (Health.UNUSED, Health.DRAINING):
        known = seed is not None and seed.state in (Health.HEALTHY, Health.UNHEALTHY)
        state.restart((seed.state, seed.reason, seed.description) if seed and known else REGISTERING)
