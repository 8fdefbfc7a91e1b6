"""DynamoDB for who cannot open a file of this machine: moto's server in this process, made atomic.

moto runs each request in a thread of its own and checks a condition before it writes, with nothing in between to keep
others out: without the lock below, concurrent holds overspend. DynamoDB itself needs no such help.
"""

from __future__ import annotations

import threading
from typing import Any

import moto.dynamodb.responses as responses
from moto.server import ThreadedMotoServer


def start(host: str) -> int:
    """Starts it on a free port, which is returned. It ends with this process."""
    _make_atomic()
    server = ThreadedMotoServer(ip_address=host, port=0, verbose=False)
    server.start()
    return int(server.get_host_and_port()[1])


def _make_atomic() -> None:
    lock = threading.RLock()
    original = responses.DynamoHandler.call_action

    def call_action(handler: responses.DynamoHandler) -> Any:
        with lock:
            return original(handler)

    responses.DynamoHandler.call_action = call_action  # type: ignore[method-assign]
