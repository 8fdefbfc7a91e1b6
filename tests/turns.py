"""What processes that share the tests must do one after another, such as installing packages into one folder."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process of this machine is inside for the same folder."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"tests-{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
