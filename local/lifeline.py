"""A process that ends when the one that started it is gone, even by a signal that nobody can catch."""

from __future__ import annotations

import os
import threading
import time

EVERY_S = 0.5


def end_with(parent: int) -> None:
    """`parent` is the id of the process that started this one."""
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="lifeline").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY_S)
    os._exit(0)
