"""A few thousand runs of the fuzzer, in a process of its own: it limits what that may have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.work import Work

ROOT = Path(__file__).parents[2]
RUNS = os.environ.get("FUZZ_RUNS", "3000")
SEED = os.environ.get("FUZZ_SEED", "20261129")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_damaged_traffic_is_refused_or_served() -> None:
    command = [sys.executable, "-m", "tests.laws.fuzz", "--runs", RUNS, "--seed", SEED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout[:20_000])
    assert done.returncode == 0, done.stderr[-3_000:] or "see above"


def test_work_is_counted_in_calls() -> None:
    with Work() as few:
        "".join(map(str, range(10)))
    with Work() as many:
        "".join([str(len(str(one))) for one in range(10_000)])
    assert few.calls < 100
    assert 10_000 <= many.calls < 20_100
