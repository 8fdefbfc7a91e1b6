"""We are called: requests in, answers out."""

from __future__ import annotations

from .face import Server

__all__ = ["Server"]
