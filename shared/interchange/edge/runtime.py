"""The streaming entry: our own loop over the Lambda Runtime API, for the families whose answers stream.

`shared/streaming-entry` starts it (AWS_LAMBDA_EXEC_WRAPPER) as `python -m interchange.edge.runtime app.handler`. It
imports the module that the handler's name gives and serves its `app`; docs/decisions/0002-streaming-entry.md says
why, and what to delete when the managed runtime streams by itself.

One event loop lives as long as the environment: clients and their pools survive from one invocation to the next. On
ordinary Lambda it serves one invocation at a time; where the service sends several to one environment (Managed
Instances), as many as it says, each on a connection of its own, with nothing of one in another's way.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import signal
import sys
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from starlette.types import ASGIApp

from interchange.exchange.trace import TRACE_ID
from interchange.wire import codec

from .event_completed import NotHttp
from .event_scope import Context, read_event
from .runtime_answer import RuntimeAnswer
from .runtime_api import Reply, RuntimeApi
from .started import Started

ECHOED = {"lambda-runtime-invocation-id": "Lambda-Runtime-Invocation-Id"}
"""Given back with the answer where the service sends it."""
TRACE = "_X_AMZN_TRACE_ID"
"""Where libraries look for the trace of the one invocation that there is. Of several it is in TRACE_ID alone."""
AT_ONCE = "AWS_LAMBDA_MAX_CONCURRENCY"
"""How many invocations the service sends to this environment at once; not set on ordinary Lambda.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""
MOST_THREADS = 128
"""For calls of the table, which take milliseconds; the streams themselves need none."""
MARGIN_SECONDS = 0.3
"""Kept back from the deadline for the last chunk, when something started by the application is still running."""
KINDS: Mapping[type[BaseException], str] = {
    ModuleNotFoundError: "Runtime.ImportModuleError",
    ImportError: "Runtime.ImportModuleError",
    SyntaxError: "Runtime.UserCodeSyntaxError",
}
"""Others are `Runtime.` and their own name."""


class HandlerNotFound(Exception):
    """The handler's module has no `app`."""


def main(handler: str) -> int:
    """Serves until the environment ends. Returns the exit status of an environment that cannot start."""
    return asyncio.run(_main(handler, RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])))


async def _main(handler: str, api: RuntimeApi) -> int:
    try:
        module, app = _load(handler)
    except BaseException as error:  # noqa: BLE001 - whatever stops the start, the service is told
        _log("initialisation failed", error)
        await api.init_error(KINDS.get(type(error), f"Runtime.{type(error).__name__}"), error)
        return 1
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        app = await _restored(module, api)
    await _serve_all(app, api, at_once())
    return 0


def at_once() -> int:
    given = os.environ.get(AT_ONCE, "")
    return max(1, int(given)) if given.isdecimal() else 1


async def _serve_all(app: ASGIApp, api: RuntimeApi, lanes: int) -> None:
    """Serves on so many lanes until the service ends the environment (SIGTERM): then those that wait for an invocation
    stop, and those that have one serve it to its end. Raises RuntimeApiError where the service goes away."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    if lanes > 1:
        loop.set_default_executor(ThreadPoolExecutor(min(lanes, MOST_THREADS), "call"))
    started = Started(loop)
    async with asyncio.TaskGroup() as group:
        for number in range(lanes):
            group.create_task(_lane(app, api if number == 0 else api.another(), started, ended, alone=lanes == 1))


async def _lane(app: ASGIApp, api: RuntimeApi, started: Started, ended: asyncio.Event, *, alone: bool) -> None:
    over = asyncio.ensure_future(ended.wait())
    while not ended.is_set():
        coming = asyncio.ensure_future(api.next())
        await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            return
        await _serve(app, api, coming.result(), started, alone=alone)
    over.cancel()


def _load(handler: str) -> tuple[ModuleType, ASGIApp]:
    module = importlib.import_module(handler.rpartition(".")[0].replace("/", "."))
    if not hasattr(module, "app"):
        raise HandlerNotFound(f"{handler}: {module.__name__} has no `app`")
    return module, module.app


async def _restored(module: ModuleType, api: RuntimeApi) -> ASGIApp:
    """Waits in the snapshot. Afterwards everything that the module made is made anew: sockets, credentials and
    secrets of the time of the snapshot are not to be trusted, nor is its randomness."""
    try:
        hooks = importlib.import_module("snapshot_restore_py")  # ships with the runtime, not with us
        for hook, positional, named in reversed(hooks.get_before_snapshot()):
            hook(*positional, **named)
        await api.restore_next()
    except BaseException as error:
        _log("the snapshot could not be prepared", error)
        await api.init_error("Runtime.BeforeSnapshotError", error)
        raise SystemExit(64) from error
    try:
        random.seed()
        for hook, positional, named in list(hooks.get_after_restore()):
            hook(*positional, **named)
        app: ASGIApp = importlib.reload(module).app
    except BaseException as error:
        _log("the restored environment could not be prepared", error)
        await api.restore_error(error)
        raise SystemExit(65) from error
    return app


async def _serve(app: ASGIApp, api: RuntimeApi, reply: Reply, started: Started, *, alone: bool) -> None:
    """One invocation. Whatever the application does, the service gets one answer and the loop goes on."""
    headers = reply.headers
    request_id = headers["lambda-runtime-aws-request-id"]
    context = Context(
        request_id,
        headers.get("lambda-runtime-invoked-function-arn", ""),
        int(headers.get("lambda-runtime-deadline-ms", 0)),
    )
    trace = headers.get("lambda-runtime-trace-id", "")
    TRACE_ID.set(trace)
    if alone:
        os.environ[TRACE] = trace
    echoed = {name: headers[key] for key, name in ECHOED.items() if key in headers}
    try:
        scope, body = read_event(codec.loads(reply.body), context)
    except (NotHttp, ValueError) as error:
        _log("the event cannot be served", error, request_id)
        await api.invocation_error(request_id, error, echoed)
        return
    answer = RuntimeAnswer(api, request_id, echoed, body)
    failed: BaseException | None = None
    with started.noted() as running:
        try:
            await app(scope, answer.receive, answer.send)
        except Exception as error:  # noqa: BLE001 - any fault of the application is an answer, and the loop goes on
            failed = error
            _log("the application failed", error, request_id)
        # After the last chunk the environment may be frozen.
        while running and (left := context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS) > 0:
            await asyncio.wait(set(running), timeout=left)
    await answer.finish(failed)


def _log(message: str, error: BaseException, request_id: str = "") -> None:
    """One JSON line on stdout, as the rest of the log."""
    line = {
        "level": "ERROR",
        "message": message,
        "function_request_id": request_id,
        "error": f"{type(error).__name__}: {error}",
        "trace": "".join(traceback.format_exception(error)[-20:]),
    }
    sys.stdout.write(codec.dumps_text(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
