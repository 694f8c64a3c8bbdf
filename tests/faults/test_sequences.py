"""Several faults in one run, and runs one after the other: whatever comes, the cluster is whole in the end."""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.cells import Lab
from tests.faults.sequences import Sequences

SEED = int(os.environ.get("MATRIX_SEED") or random.SystemRandom().randrange(10**6))
SEQUENCES = int(os.environ.get("MATRIX_SEQUENCES") or 2)


def test_a_cluster_is_whole_after_any_sequence_of_operations_and_faults(lab: Lab) -> None:
    print(f"MATRIX_SEED={SEED}")
    Sequences.worlds = lab.worlds
    machine = seed(SEED)(Sequences)
    how = settings(
        max_examples=SEQUENCES,
        stateful_step_count=12,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=how)
