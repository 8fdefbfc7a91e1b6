"""The streaming entry: our own loop over the Lambda Runtime API, for the families whose answers stream.

`shared/streaming-entry` starts it (AWS_LAMBDA_EXEC_WRAPPER) as `python -m interchange.edge.runtime app.handler`. It
imports the module that the handler's name gives and serves its `app`; docs/decisions/0002-streaming-entry.md says
why, and what to delete when the managed runtime streams by itself.

One event loop lives as long as the environment: clients and their pools survive from one invocation to the next.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import sys
import traceback
from collections.abc import Mapping
from types import ModuleType

from starlette.types import ASGIApp

from interchange.wire import codec

from .event_scope import Context, NotHttp, read_event
from .runtime_answer import RuntimeAnswer
from .runtime_api import Reply, RuntimeApi

ECHOED = {"lambda-runtime-invocation-id": "Lambda-Runtime-Invocation-Id"}
"""Given back with the answer where the service sends it."""
TRACE = "_X_AMZN_TRACE_ID"
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
    while True:
        await _serve(app, api, await api.next())


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


async def _serve(app: ASGIApp, api: RuntimeApi, reply: Reply) -> None:
    """One invocation. Whatever the application does, the service gets one answer and the loop goes on."""
    headers = reply.headers
    request_id = headers["lambda-runtime-aws-request-id"]
    context = Context(
        request_id,
        headers.get("lambda-runtime-invoked-function-arn", ""),
        int(headers.get("lambda-runtime-deadline-ms", 0)),
    )
    os.environ[TRACE] = headers.get("lambda-runtime-trace-id", "")
    echoed = {name: headers[key] for key, name in ECHOED.items() if key in headers}
    try:
        scope, body = read_event(codec.loads(reply.body), context)
    except (NotHttp, ValueError) as error:
        _log("the event cannot be served", error, request_id)
        await api.invocation_error(request_id, error, echoed)
        return
    answer = RuntimeAnswer(api, request_id, echoed, body)
    failed: BaseException | None = None
    try:
        await app(scope, answer.receive, answer.send)
    except Exception as error:  # noqa: BLE001 - any fault of the application is an answer, and the loop goes on
        failed = error
        _log("the application failed", error, request_id)
    await _settled(context)
    await answer.finish(failed)


async def _settled(context: Context) -> None:
    """Waits for what the application started and did not wait for: after the last chunk the environment is frozen."""
    running = asyncio.all_tasks() - {asyncio.current_task()}
    if running:
        left = context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS
        await asyncio.wait(running, timeout=max(0.0, left))


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
