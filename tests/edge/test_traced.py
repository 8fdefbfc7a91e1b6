"""A request is a subsegment of its trace, where the operator has asked for that."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import asyncio, json, socket, sys
from aws_xray_sdk.core import xray_recorder
from interchange import wiring
from functions.chat.app import app

sent = []
xray_recorder.emitter.send_entity = lambda entity: sent.append(json.loads(entity.serialize()))

async def main():
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
             "path": "/healthz", "raw_path": None, "root_path": "", "query_string": b"", "headers": [],
             "server": ("h", 443), "client": ("203.0.113.9", 0)}
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        pass
    await app(scope, receive, send)

asyncio.run(main())
print(json.dumps(sent))
"""


def subsegments(**variables: str) -> list[dict[str, object]]:
    """Of one request to a function in a process of its own, as if on Lambda."""
    env = {
        "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}", "INTERCHANGE_TABLE": "sqlite::memory:",
        "OPENAI_API_KEY": "k", "LAMBDA_TASK_ROOT": str(ROOT), "AWS_LAMBDA_FUNCTION_NAME": "chat",
        "AWS_DEFAULT_REGION": "us-east-1", "INTERCHANGE_BUILD": "b1",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", **variables,
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", ASK], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_request_is_a_subsegment_with_what_it_is_found_by() -> None:
    (one,) = subsegments(INTERCHANGE_TRACER="true")
    assert one["name"] == "## chat" and one["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert one["annotations"] == {"path": "/healthz", "status": 200, "build": "b1"}


def test_nobody_traces_who_has_not_asked_or_serves_several_at_once() -> None:
    assert subsegments() == []
    assert subsegments(INTERCHANGE_TRACER="true", AWS_LAMBDA_MAX_CONCURRENCY="8") == []


def test_another_kind_of_call_goes_through_untouched() -> None:
    from interchange.edge.traced import Traced

    seen: list[str] = []

    async def app(scope: object, _receive: object, _send: object) -> None:
        seen.append(scope["type"])  # type: ignore[index]

    traced = Traced.__new__(Traced)
    traced._app = app
    asyncio.run(traced({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
