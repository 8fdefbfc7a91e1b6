"""Walks the blocks of a request. What does not change stays the very same object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.request import Request

T = TypeVar("T")


def changed(items: tuple[T, ...], change: Callable[[T], T]) -> tuple[T, ...]:
    """The same tuple where nothing changed."""
    new = tuple(change(item) for item in items)
    return items if all(one is other for one, other in zip(items, new, strict=True)) else new


def blocks_changed(request: Request, change: Callable[[b.Block], b.Block]) -> Request:
    """Every block of system and messages, the ones inside results and documents first."""

    def inner(block: b.Block) -> b.Block:
        match block:
            case b.ToolResult(content=content):
                new = changed(content, inner)
                block = block if new is content else replace(block, content=new)
            case b.Document(source=b.BlocksSource(blocks)):
                new = changed(blocks, inner)
                block = block if new is blocks else replace(block, source=b.BlocksSource(new))
            case _:
                pass  # holds no blocks
        return change(block)

    def message(one: b.Message) -> b.Message:
        content = changed(one.content, inner)
        return one if content is one.content else replace(one, content=content)

    system, messages = changed(request.system, inner), changed(request.messages, message)
    if system is request.system and messages is request.messages:
        return request
    return replace(request, system=system, messages=messages)


def calls_of(request: Request) -> Iterator[b.ToolUse]:
    for message in request.messages:
        for block in message.content:
            if isinstance(block, b.ToolUse):
                yield block
