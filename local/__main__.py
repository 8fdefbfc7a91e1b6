"""`make run`: a working gateway on this machine, with nothing to configure. `python -m local --workers N` has more."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING

from . import laptop as laptops
from .laptop import Laptop, stop

if TYPE_CHECKING:
    from .account import Seeded

EXPORTED = ("INTERCHANGE_TABLE", "AWS_ENDPOINT_URL_DYNAMODB")
"""What the operator's command line needs to find the table."""


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
    from . import serving
    from .account import CREDIT_USD
    from .worker import PARENT, application

    listening = laptops.bind(laptop.host, laptop.port)
    lines = [
        f"account {seeded.account} credit {CREDIT_USD} USD key {seeded.key}",
        f"dashboard {laptop.url}/console/",
        *(f"export {name}={os.environ[name]}" for name in EXPORTED if os.environ.get(name)),
        f"ready {laptop.url} key {seeded.key}",
    ]
    threading.Thread(target=_announce, args=(f"{laptop.url}/healthz", lines), daemon=True).start()
    if laptop.workers == 1:
        serving.serve_here(application(), listening)
    else:
        os.environ[PARENT] = str(os.getpid())
        serving.serve_by_workers("local.worker:application", listening, laptop.workers)


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
