"""`make run`: a working gateway on this machine, with nothing to configure. `python -m local --workers N` has more."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from . import laptop as laptops
from .laptop import Laptop, stop

if TYPE_CHECKING:
    from .account import Seeded

EXPORTED = ("INTERCHANGE_TABLE", "AWS_ENDPOINT_URL_DYNAMODB")
"""What the operator's command line needs to find the table."""
GRACE_SECONDS = 5
"""How long requests may still run when the gateway is asked to stop."""


def main() -> None:
    laptop = laptops.read(sys.argv[1:], os.environ)
    print(f"interchange: starting, with the table {laptop.file or laptop.table}", flush=True)
    laptops.put_right(laptop, os.environ)
    # Imported behind the first line: this takes the most of a second.
    from interchange.catalog.load import CatalogError
    from interchange.operator.stack import AWS_ERRORS
    from interchange.wiring import SettingError

    from . import account, simulated

    try:
        with simulated.simulated(), account.opened(laptop) as seeded:
            _serve(laptop, seeded)
    except (CatalogError, SettingError, OSError) as error:
        stop(str(error))
    except AWS_ERRORS as error:
        stop(f"the table {laptop.table!r} cannot be used: {error}")


def _serve(laptop: Laptop, seeded: Seeded) -> None:
    import uvicorn

    from .account import CREDIT_USD
    from .worker import PARENT

    listening = laptops.bind(laptop.host, laptop.port)
    lines = [
        f"account {seeded.account} credit {CREDIT_USD} USD key {seeded.key}",
        f"dashboard {laptop.url}/console/",
        *(f"export {name}={os.environ[name]}" for name in EXPORTED if os.environ.get(name)),
        f"ready {laptop.url} key {seeded.key}",
    ]
    settings: dict[str, Any] = {
        "log_level": "warning", "access_log": False, "lifespan": "off", "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": GRACE_SECONDS, "backlog": 2048, "ws": "none", "server_header": False,
    }  # fmt: skip
    threading.Thread(target=_announce, args=(f"{laptop.url}/healthz", lines), daemon=True).start()
    if laptop.workers == 1:
        _serve_here(uvicorn.Config(_application(), **settings), listening)
    else:
        os.environ[PARENT] = str(os.getpid())
        config = uvicorn.Config("local.worker:application", factory=True, workers=laptop.workers, **settings)
        _serve_by_workers(config, listening)


def _application() -> Any:
    from .worker import application

    return application()


def _serve_here(config: Any, listening: socket.socket) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        """Ctrl-C and SIGTERM end it in order; uvicorn's own handling raises the signal once more, past the clean-up."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
            yield

    async def until_stopped() -> None:
        from interchange import wiring

        await Server(config).serve([listening])
        await wiring.services().upstream.close()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(until_stopped())


def _serve_by_workers(config: Any, listening: socket.socket) -> None:
    from uvicorn.supervisors import Multiprocess

    Multiprocess(config, [listening]).run()


def _announce(url: str, lines: list[str]) -> None:
    """Prints the lines as soon as the address answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        with suppress(OSError), direct.open(url, timeout=5):
            break
        time.sleep(0.02)
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # warns of every piece that a caller who left does not take
    main()
