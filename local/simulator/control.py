"""Control of the simulator by tests: gates, what it served, and what it was last sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .script import Script


@dataclass
class State:
    """`pace` is in seconds a frame."""

    pace: float = 0.0
    gates: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    served: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=64))

    def heard(self, request: Request, body: Any) -> None:
        self.requests.append({"path": request.url.path, "headers": dict(request.headers), "body": body})

    def count(self, vendor: str, script: Script) -> None:
        self.served[f"{vendor}.requests"] += 1
        self.served[f"{vendor}.input_tokens"] += script.input_tokens
        self.served[f"{vendor}.output_tokens"] += script.output_tokens


STATE = State()


async def paced(script: Script, frames: list[bytes], malformed: bytes, error: bytes) -> AsyncIterator[bytes]:
    """The frames of a stream as the markers want them. `malformed` and `error` are the format's own."""
    if "slow" in script.markers:
        await asyncio.sleep(float(script.markers["slow"]))
    if "error-frame" in script.markers:
        yield error
        return
    middle = len(frames) // 2
    for number, frame in enumerate(frames):
        if number == middle and "gate" in script.markers:
            await STATE.gates[script.markers["gate"]].wait()
        if number == middle and "cut" in script.markers:
            raise ConnectionResetError("cut as asked")
        if number == middle and "malformed" in script.markers:
            yield malformed
        yield frame
        await asyncio.sleep(STATE.pace)


def stream(script: Script, frames: list[bytes], malformed: bytes, error: bytes) -> Response:
    headers = {"cache-control": "no-cache"}
    return StreamingResponse(paced(script, frames, malformed, error), media_type="text/event-stream", headers=headers)


async def wait(script: Script) -> None:
    """The whole answer's share of the markers."""
    if "slow" in script.markers:
        await asyncio.sleep(float(script.markers["slow"]))
    if "gate" in script.markers:
        await STATE.gates[script.markers["gate"]].wait()


async def _gate(request: Request) -> Response:
    STATE.gates[request.path_params["name"]].set()
    return JSONResponse({})


async def _served(_request: Request) -> Response:
    return JSONResponse(dict(STATE.served))


async def _last(_request: Request) -> Response:
    return JSONResponse(list(STATE.requests))


async def _health(_request: Request) -> Response:
    return Response("ok")


routes = [
    Route("/healthz", _health),
    Route("/control/gate/{name}", _gate, methods=["POST"]),
    Route("/control/served", _served),
    Route("/control/last", _last),
]
