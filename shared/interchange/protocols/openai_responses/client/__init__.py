"""We call: requests out, answers in."""

from __future__ import annotations

from .face import Client

__all__ = ["Client"]
