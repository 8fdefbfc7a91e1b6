"""A table at which its caller dies: before a chosen call is made, or after it was made and before it answered."""

from __future__ import annotations

from typing import Any


class Killed(BaseException):
    """The process is dead. Nothing may catch this but the test."""


class Fuse:
    """Stands for boto3's client. Unlit it lets everything through."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._left: int | None = None
        self._after = False

    def light(self, calls: int, *, after: bool) -> None:
        """Dies at the call after `calls` more have been made."""
        self._left, self._after = calls, after

    def put_out(self) -> None:
        self._left = None

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def fused(**arguments: Any) -> Any:
            if self._left is None:
                return call(**arguments)
            self._left -= 1
            if self._left >= 0:
                return call(**arguments)
            if self._after:
                call(**arguments)
            raise Killed

        return fused
