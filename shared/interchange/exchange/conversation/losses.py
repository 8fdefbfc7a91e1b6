"""Losses and refusals of a translation, named by the fields of the caller's own body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Server


@dataclass(slots=True)
class LossReport:
    """The losses of one body. Look-ups are kept: a body is written more than once, and its losses stay the same."""

    server: Server
    body: JsonObject
    _places: Mapping[str, str] | None = field(default=None)
    _unread: tuple[str, ...] | None = field(default=None)

    def add(self, losses: Losses) -> None:
        """The writer's losses by the caller's paths, and those of the reader."""
        losses.items[:] = dict.fromkeys(replace(loss, path=self.path(loss.path)) for loss in losses.items)
        if self._unread is None:
            self._unread = tuple(self.server.unread(self.body))
        for path in self._unread:
            losses.drop(path, "not known here")

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """A refusal leaves with the caller's path for `param`, and at the head of its message."""
        try:
            yield
        except RequestError as refused:
            failure = refused.failure
            if failure.param is None:
                raise
            param, message = self.path(failure.param), failure.message
            if message.startswith(failure.param):
                message = param + message.removeprefix(failure.param)
            raise RequestError(replace(failure, param=param, message=message)) from refused

    def path(self, path: str) -> str:
        """The caller's own."""
        # imported when there is something to tell: most requests are said whole
        from interchange.hub.places import told

        if self._places is None:
            self._places = self.server.places(self.body)
        return told(path, self._places)
