"""How an invocation ends where the service does not take its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from interchange.edge.runtime_answer import RuntimeAnswer
from interchange.edge.runtime_api import RuntimeApi


class Deaf:
    """A Runtime API that refuses the answer's connection, and takes an error."""

    def __init__(self) -> None:
        self.told: list[tuple[str, BaseException]] = []

    async def respond(self, _request_id: str, _echoed: Mapping[str, str]) -> Any:
        raise ConnectionRefusedError("nobody listens")

    async def invocation_error(self, request_id: str, error: BaseException, _echoed: Mapping[str, str]) -> None:
        self.told.append((request_id, error))


def test_an_answer_that_the_service_does_not_take_is_the_invocations_error() -> None:
    async def run() -> Deaf:
        api = Deaf()
        answer = RuntimeAnswer(cast(RuntimeApi, api), "r1", {}, b"")
        with pytest.raises(ConnectionRefusedError) as refused:
            await answer.send({"type": "http.response.start", "status": 200, "headers": []})
        await answer.finish(refused.value)
        return api

    ((request_id, error),) = asyncio.run(run()).told
    assert request_id == "r1"
    assert isinstance(error, ConnectionRefusedError)
