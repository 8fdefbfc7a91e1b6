"""One invocation of a handler in a process of its own: `python invoke.py MODULE` reads the event from stdin and writes
what the handler returns to stdout; its log goes to stderr.

Runs under whatever Python and path it is given, also those of a built artefact: standard library only.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import uuid
from typing import Any

SECONDS = 60.0


class Context:
    """Lambda's description of an invocation to its handler."""

    function_name = "replay"
    function_version = "$LATEST"
    memory_limit_in_mb = "1024"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:replay"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self._ends = time.monotonic() + SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends - time.monotonic()) * 1000))


def main(module: str) -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    event: Any = json.load(sys.stdin)
    json.dump(importlib.import_module(module).handler(event, Context()), answers)
    answers.flush()
    os._exit(0)  # as Lambda ends an environment: nothing is told


if __name__ == "__main__":
    main(sys.argv[1])
