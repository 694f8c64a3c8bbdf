"""The words and marks of deployments: declared once, used by every page."""

from __future__ import annotations

from apps.console.pages.common import State
from apps.workflows.states import RunState, StepState

RUN_STATES = {
    RunState.QUEUED: State("wait", "queued"),
    RunState.RUNNING: State("move", "running"),
    RunState.WAITING: State("move", "running"),
    RunState.NEEDS_PERSON: State("attend", "needs a person"),
    RunState.UNDOING: State("move", "undoing"),
    RunState.SUCCEEDED: State("serve", "succeeded"),
    RunState.UNDONE: State("rest", "undone"),
    RunState.CANCELLED: State("rest", "cancelled"),
    RunState.FAILED: State("fail", "failed"),
}

STEP_PHASES = {
    StepState.PENDING: "todo",
    StepState.RUNNING: "now",
    StepState.DONE: "done",
    StepState.FAILED: "failed",
    StepState.UNDOING: "now",
    StepState.UNDONE: "undone",
    StepState.SKIPPED: "skipped",
}


def run_state(state: str) -> State:
    return RUN_STATES[RunState(state)]
