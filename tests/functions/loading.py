"""A function's module, imported anew as a fresh Lambda would."""

from __future__ import annotations

import importlib
import sys
from typing import Any


def load(family: str) -> Any:
    name = f"functions.{family}.app"
    sys.modules.pop(name, None)
    return importlib.import_module(name)
