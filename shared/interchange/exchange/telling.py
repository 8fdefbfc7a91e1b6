"""Losses and refusals of a translation, told by the fields of the caller's own body."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols import JsonObject, Server


def tell(losses: Losses, server: Server, body: JsonObject) -> None:
    """The writer's losses by the caller's paths, and those of the reader."""
    if losses.items:
        from interchange.hub.places import told

        places = server.places(body)
        losses.items[:] = dict.fromkeys(replace(loss, path=told(loss.path, places)) for loss in losses.items)
    for path in server.unread(body):
        losses.drop(path, "not known here")


@contextmanager
def told_to(server: Server, body: JsonObject) -> Iterator[None]:
    """A refusal leaves with the caller's path for `param`, and at the head of its message."""
    try:
        yield
    except RequestError as refused:
        failure = refused.failure
        if failure.param is None:
            raise
        from interchange.hub.places import told

        param = told(failure.param, server.places(body))
        message = failure.message
        if message.startswith(failure.param):
            message = param + message.removeprefix(failure.param)
        raise RequestError(replace(failure, param=param, message=message)) from refused
