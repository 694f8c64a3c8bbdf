"""Several faults in one run, and runs one after the other: whatever comes, the cluster is whole in the end."""

from __future__ import annotations

import os
import random

from tests.faults import sequences
from tests.faults.cells import Lab

SEED = int(os.environ.get("MATRIX_SEED") or random.SystemRandom().randrange(10**6))
SEQUENCES = int(os.environ.get("MATRIX_SEQUENCES") or 2)


def test_a_cluster_is_whole_after_any_sequence_of_operations_and_faults(lab: Lab) -> None:
    print(f"MATRIX_SEED={SEED}")
    sequences.run_random(lab.worlds, SEED, SEQUENCES)
