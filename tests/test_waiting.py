"""Plain calls that wait for the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from interchange.waiting import can_wait, on_loop, pause, wait

NAME: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="")


async def _after(seconds: float, value: int) -> int:
    await asyncio.sleep(seconds)
    return value


def test_the_loop_goes_on_and_no_thread_waits() -> None:
    def act(value: int) -> tuple[int, int]:
        return wait(_after(0.01, value)) + wait(_after(0.01, value)), threading.get_ident()

    async def run() -> list[tuple[int, int]]:
        return await asyncio.gather(*(on_loop(act, number) for number in range(50)))

    assert asyncio.run(run()) == [(2 * number, threading.get_ident()) for number in range(50)]


def test_what_is_waited_for_raises_where_it_is_waited_for() -> None:
    async def refused() -> None:
        raise KeyError("no")

    def act() -> str:
        try:
            wait(refused())
        except KeyError as error:
            return repr(error)
        return "nothing"

    assert asyncio.run(on_loop(act)) == "KeyError('no')"


def test_what_the_call_raises_is_raised() -> None:
    def act() -> None:
        pause(0.0)
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(on_loop(act))


def test_who_stops_waiting_does_not_stop_the_call() -> None:
    done = []

    def act() -> None:
        pause(0.02)
        done.append(True)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await on_loop(act)
        assert not done
        await asyncio.sleep(0.05)

    asyncio.run(run())
    assert done == [True]


def test_the_tasks_variables_are_there() -> None:
    async def run() -> str:
        NAME.set("of the request")
        return await on_loop(NAME.get)

    assert asyncio.run(run()) == "of the request"


def test_anywhere_else_nothing_can_wait() -> None:
    assert not can_wait()
    pause(0.0)

    def act() -> list[bool]:
        seen = [can_wait()]
        other = threading.Thread(target=lambda: seen.append(can_wait()))
        other.start()
        other.join()
        return seen

    assert asyncio.run(on_loop(act)) == [True, False]
