"""Undoes the rewrites on the events of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Protocol

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import fold, unfold

from .calls import unlike
from .free_form import FreeForm
from .keys import Keys, Renaming
from .nulls import WithoutNulls
from .told_json import Unfenced


class Reader(Protocol):
    """Text in, text out, piece by piece."""

    def feed(self, text: str) -> str: ...

    def finish(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Both:
    """One after the other."""

    first: Reader
    second: Reader

    def feed(self, text: str) -> str:
        return self.second.feed(self.first.feed(text))

    def finish(self) -> str:
        return self.second.feed(self.first.finish()) + self.second.finish()


@dataclass(frozen=True, slots=True)
class Inverse:
    """`names`: as sent -> as the caller has it. `kinds`: of calls by the caller's own word. `free_form`, `keys`,
    `nulls`: by the name as sent. `answer`: the schema that the text of the answer is to be read by. `told`: that it is
    JSON was asked for in words. `moved`: places of the request as sent -> as the caller has them. `known`: the ids of
    its calls."""

    names: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    free_form: frozenset[str] = frozenset()
    keys: Mapping[str, Keys] = field(default_factory=dict)
    nulls: Mapping[str, b.Raw] = field(default_factory=dict)
    answer: b.Raw | None = None
    told: bool = False
    moved: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        read = self.told or self.answer is not None
        calls = self.names or self.prefixes or self.kinds or self.free_form or self.keys or self.nulls or self.known
        return bool(calls or read)

    def arguments(self, name: str) -> Reader | None:
        """The reader of a call's arguments, by its name as sent."""
        if name in self.free_form:
            return FreeForm()
        found: list[Reader] = []
        if name in self.nulls:
            found.append(WithoutNulls(self.nulls[name]))
        if name in self.keys:
            found.append(Renaming(self.keys[name]))
        return Both(*found) if len(found) > 1 else next(iter(found), None)

    def text(self) -> Reader | None:
        """Reader of a text of the answer."""
        if self.answer is not None:
            return WithoutNulls(self.answer)
        return Unfenced() if self.told else None

    def whole(self, response: e.Response) -> e.Response:
        """A whole answer is the fold of its stream, here too."""
        return fold(self.events(unfold(response))) if self else response

    def events(self, events: Iterable[e.Event]) -> Iterator[e.Event]:
        restoring = Restoring(self)
        for event in events:
            yield from restoring.read(event)

    def called(self, name: str) -> str:
        """The name as sent, of one that the model wrote."""
        if name not in self.declared:
            for prefix in self.prefixes:
                if name.removeprefix(prefix) in self.declared:
                    return name.removeprefix(prefix)
        return name


NOTHING = Inverse()


@dataclass(slots=True)
class Restoring:
    """Restores one stream. `_readers`: the open blocks whose text is read, by index; `_calls`: those that are calls."""

    inverse: Inverse
    _readers: dict[int, Reader] = field(default_factory=dict)
    _calls: set[int] = field(default_factory=set)

    def read(self, event: e.Event) -> Iterator[e.Event]:
        match event:
            case e.BlockStart(index, b.ToolUse() as call):
                yield from self._begin_call(event, index, call)
            case e.BlockStart(index, b.Text(text) as block) if (reader := self.inverse.text()) is not None:
                self._readers[index] = reader
                yield replace(event, block=replace(block, text=""))
                if text:
                    yield from self._said(e.TextDelta(index, text))
            case e.ArgumentsDelta(index) | e.TextDelta(index) if index in self._readers:
                yield from self._said(event)
            case e.BlockStop(index) if index in self._readers:
                yield from self._end(index)
                yield event
            case e.MessageStop() | e.StreamFailed():
                self._readers.clear()
                yield event
            case _:
                yield event

    def _begin_call(self, event: e.BlockStart, index: int, call: b.ToolUse) -> Iterator[e.Event]:
        name = self.inverse.called(call.name)
        restored = replace(call, id=unlike(call.id, self.inverse.known), name=self.inverse.names.get(name, name))
        if name in self.inverse.kinds:
            kind = self.inverse.kinds[name]
            restored = replace(restored, name=kind, kind=kind)
        if name in self.inverse.free_form:
            restored = replace(restored, kind="custom")
        reader = self.inverse.arguments(name)
        if reader is None:
            yield replace(event, block=restored)
            return
        self._readers[index] = reader
        self._calls.add(index)
        yield replace(event, block=replace(restored, arguments=""))
        if call.arguments:
            yield from self._said(e.ArgumentsDelta(index, call.arguments))

    def _said(self, event: e.ArgumentsDelta | e.TextDelta) -> Iterator[e.Event]:
        text = self._readers[event.index].feed(event.text)
        if text:
            yield replace(event, text=text)

    def _end(self, index: int) -> Iterator[e.Event]:
        rest = self._readers.pop(index).finish()
        if rest:
            yield e.ArgumentsDelta(index, rest) if index in self._calls else e.TextDelta(index, rest)
        self._calls.discard(index)
