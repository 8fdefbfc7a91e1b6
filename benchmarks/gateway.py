"""The gateway under load, and what a run of it came to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAP_USD = "0.003"


@dataclass(frozen=True)
class Gateway:
    url: str
    key: str
    account: str
    simulator: str
    table: str

    def operator(self, *arguments: str) -> dict[str, object]:
        env = {**os.environ, "INTERCHANGE_TABLE": self.table}
        command = [sys.executable, "-m", "interchange", *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
        found: dict[str, object] = json.loads(done.stdout)
        return found


@dataclass
class Figures:
    """`statuses` by kind of request; seconds of the whole."""

    requests: int
    clients: int
    keys: int
    seconds: float = 0.0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def count(self, *kinds: str) -> int:
        return sum(number for (kind, _), number in self.statuses.items() if kind in kinds)
