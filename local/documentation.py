"""The documentation on the laptop: rendered into a folder of this process when the first page is asked for."""

from __future__ import annotations

import atexit
import importlib
import shutil
import tempfile
from pathlib import Path

from starlette.types import ASGIApp

from scripts.pages.site import build


def documentation() -> ASGIApp:
    """The console's application, over the pages as docs/ has them now."""
    folder = Path(tempfile.mkdtemp(prefix="interchange-pages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    build(folder, signed=False)  # on this machine nobody is asked to sign
    served: ASGIApp = importlib.import_module("functions.console.app").made(folder)[0]
    return served
