"""The server, in one process or several, and its end: what is under way may finish for a while; what does not is told
to its caller in the protocol of the request, and settled.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import multiprocess

from interchange import wiring
from interchange.exchange import serve

GRACE_SECONDS = 5
"""How long requests may still run when the gateway is asked to stop."""
TOLD_SECONDS = 3
"""How long those that still run then have for their last words and their settlement."""
SETTINGS: dict[str, Any] = {
    "log_level": "warning", "access_log": False, "lifespan": "off", "timeout_keep_alive": 75,
    "timeout_graceful_shutdown": GRACE_SECONDS + TOLD_SECONDS, "backlog": 2048, "ws": "none", "server_header": False,
}  # fmt: skip


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end it in order; uvicorn's own handling raises the signal once more, past the clean-up."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    async def serve(self, sockets: list[socket] | None = None) -> None:
        await super().serve(sockets)
        await serve.stop(TOLD_SECONDS)  # a second Ctrl-C waits for nobody
        await wiring.services().upstream.close()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        telling = asyncio.create_task(_tell())
        await super().shutdown(sockets)
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell() -> None:
    await asyncio.sleep(GRACE_SECONDS)
    await serve.stop(TOLD_SECONDS)


class Worker(multiprocess.Process):
    """One of several processes."""

    @property
    def server(self) -> Server:
        if not isinstance(self._server, Server):
            self._server = Server(self.config)
        return self._server


def serve_here(app: Any, listening: socket) -> None:
    config = uvicorn.Config(app, **SETTINGS)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(Server(config).serve([listening]))


def serve_by_workers(app: str, listening: socket, workers: int) -> None:
    """`app` is the place of what makes the application in each process."""
    multiprocess.Process = Worker  # type: ignore[misc]  # uvicorn has no other way to its workers' servers
    config = uvicorn.Config(app, factory=True, workers=workers, **SETTINGS)
    multiprocess.Multiprocess(config, [listening]).run()
