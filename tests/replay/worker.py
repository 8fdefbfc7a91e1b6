"""One execution environment: imports a function's handler as Lambda does, then answers events from stdin, a line each.

Runs under whatever Python and path the test gives it, also those of a built artefact: standard library only."""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from typing import Any


class Context:
    """What Lambda tells a handler about an invocation."""

    function_name = "replay"
    function_version = "$LATEST"
    memory_limit_in_mb = "1024"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:replay"

    def __init__(self, number: int, seconds: float) -> None:
        self.aws_request_id = f"{number:08x}-0000-4000-8000-000000000000"
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends - time.monotonic()) * 1000))


def main(module: str) -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    calls = _record()
    try:
        handler = importlib.import_module(module).handler
    except BaseException:
        print(json.dumps({"init": traceback.format_exc()}), file=answers, flush=True)
        raise
    print(json.dumps({"init": "ok", "modules": sorted(sys.modules)}), file=answers, flush=True)
    for number, line in enumerate(sys.stdin):
        answer = {**_answer(handler, json.loads(line), number), "calls": sorted(calls)}
        print(json.dumps(answer), file=answers, flush=True)


def _record() -> set[tuple[str, str]]:
    """(IAM action, "index" or "") of each call to AWS from now on, those inside a transaction by themselves."""
    from botocore.client import BaseClient

    found: set[tuple[str, str]] = set()
    client_of_botocore: Any = BaseClient  # its stubs leave out what is private
    send = client_of_botocore._make_api_call

    def recorded(client: Any, operation: str, wanted: Any) -> Any:
        service = client.meta.service_model.signing_name
        index = "index" if "IndexName" in wanted else ""
        steps = [f"{kind}Item" for item in wanted.get("TransactItems", ()) for kind in item]
        found.update((f"{service}:{name}", index) for name in steps or [operation])
        return send(client, operation, wanted)

    client_of_botocore._make_api_call = recorded
    return found


def _answer(handler: Any, event: Any, number: int) -> dict[str, Any]:
    try:
        return {"response": json.loads(json.dumps(handler(event, Context(number, 30.0))))}
    except Exception as error:  # noqa: BLE001  whatever a handler raises is its answer here
        return {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}


if __name__ == "__main__":
    main(sys.argv[1])
