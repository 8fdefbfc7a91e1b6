"""Nulls that a strict schema made, left out again.

Strict schemas have no optional properties: one becomes nullable, and the model answers null for it. The caller's own
schema may forbid that null, and a typed client then fails on an answer that is right. So a null is taken out of the
text, while it streams, wherever the caller's schema has the property optional and does not let it be null. Which of
several alternatives an object is may show behind the null: it then waits for what tells, at most to the object's end.
Where that stands behind the object, in what holds it, the null stays: to wait longer would hold back the stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.blocks import Raw
from interchange.hub.request import FunctionTool, Request
from interchange.wire import codec

from .alternatives import Alternatives, Way, Ways, left

_SPACE = " \t\r\n"
TELLING = 200
"""Signs of a listed value that could tell alternatives apart."""


def watched(request: Request) -> tuple[dict[str, Raw], Raw | None]:
    """The schemas of strict tools, by name, and of the answer, where they have optional properties."""
    tools = {
        tool.name: tool.schema
        for tool in request.tools
        if isinstance(tool, FunctionTool) and tool.strict and tool.schema is not None and _optional(tool.schema)
    }
    asked = request.output_format
    schema = asked.schema if asked is not None and asked.strict is not False else None
    return tools, schema if schema is not None and _optional(schema) else None


def _optional(schema: Raw) -> bool:
    """True where some object below has a property that it does not require."""
    waiting: list[Any] = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Mapping):
            named, required = found.get("properties"), found.get("required")
            needed = {one for one in required if isinstance(one, str)} if isinstance(required, list) else set()
            if isinstance(named, Mapping) and set(named) - needed:
                return True
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return False


@dataclass(slots=True)
class _Open:
    """An object or array that is being read. `ways`: what it can be, as far as is known; `waiting`: its nulls that one
    of these has and another has not, as they stand behind a comma, by name."""

    ways: Ways
    array: bool
    at: int = 0
    """The place of the item that is read."""
    emitted: bool = False
    key: str = ""
    seen: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)

    def leave(self, part: Ways) -> None:
        """Keeps the ways that lead to one of the part's."""
        led = {number for way in part for number in way.above}
        self.ways = [way for number, way in enumerate(self.ways) if number in led] or self.ways


@dataclass(slots=True)
class WithoutNulls:
    """JSON text in, the same text out, without those members. Text that is no object or array goes through."""

    schema: Raw
    _stack: list[_Open] = field(default_factory=list)
    _state: str = "value"
    _held: str = ""
    """A member that it is not known of yet whether it stays: from the comma before it on."""
    _key: str = ""
    _escaped: bool = False
    _found: Alternatives = field(init=False)
    _value: list[str] = field(default_factory=list)
    """The signs of a text, number or word whose value tells alternatives apart."""
    _ways: Ways = ()
    """Of that value."""

    def __post_init__(self) -> None:
        self._found = Alternatives(self.schema)

    def feed(self, text: str) -> str:
        return "".join([self._sign(sign) for sign in text]) if self._state != "through" else text

    def finish(self) -> str:
        held, self._held = self._held, ""
        return held

    def _sign(self, sign: str) -> str:
        match self._state:
            case "through":
                return sign
            case "text":
                return self._in_text(sign)
            case "key":
                return self._in_key(sign)
            case "colon":
                return self._hold(sign, "member" if sign == ":" else None)
            case "member":
                return self._member(sign)
            case "null":
                return self._null(sign)
            case "value":
                return sign if sign in _SPACE else self._begin(sign, self._nodes())
            case "scalar" if sign not in _SPACE and sign not in ",]}":
                self._value.append(sign)
                return sign
            case "scalar":
                self._told()
                return self._between(sign)
            case _:
                return self._between(sign)

    def _in_text(self, sign: str) -> str:
        if self._ways and len(self._value) < TELLING:
            self._value.append(sign)
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._told()
        return sign

    def _told(self) -> None:
        """After a text, number or word: what holds it is what lets it have this value."""
        self._state = "after"
        if not self._ways:
            return
        text = "".join(self._value)
        try:
            value = codec.loads(text)
        except ValueError:  # longer than what is kept of it
            value = text
        self._stack[-1].leave([way for way in self._ways if way.allows(value)])
        self._ways = ()

    def _in_key(self, sign: str) -> str:
        self._held += sign
        self._key += sign
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            try:
                key = str(codec.loads(self._key))
            except ValueError:
                return self._through()
            holder = self._stack[-1]
            holder.key = key
            holder.seen.add(key)
            holder.ways = left(holder.ways, lambda way: way.knows(key))
            self._state = "colon"
        return ""

    def _hold(self, sign: str, after: str | None) -> str:
        self._held += sign
        if after is not None:
            self._state = after
        elif sign not in _SPACE:
            return self._through()
        return ""

    def _member(self, sign: str) -> str:
        """The first sign of a member's value decides whether it stays."""
        if sign in _SPACE:
            self._held += sign
            return ""
        if sign == "n":
            self._held += sign
            self._key, self._state = sign, "null"
            return ""
        holder = self._stack[-1]
        return self._released() + self._begin(sign, self._found.member(holder.ways, holder.key))

    def _null(self, sign: str) -> str:
        self._held += sign
        self._key += sign
        if not "null".startswith(self._key):
            return self._through()
        if self._key == "null":
            self._state = "after"
            holder = self._stack[-1]
            holder.ways = left(holder.ways, lambda way: self._may_be_null(way, holder.key))
            wanted = self._wanted(holder, holder.key)
            if wanted:
                return self._released()
            if wanted is None:
                holder.waiting[holder.key] = self._held.lstrip(_SPACE).removeprefix(",")
            self._held = ""
        return ""

    def _wanted(self, holder: _Open, key: str) -> bool | None:
        """True where a null of the property stays; None where that depends on what the object is."""
        wanted = {self._wants(way, key) for way in holder.ways}
        return wanted.pop() if len(wanted) == 1 else None

    def _wants(self, way: Way, key: str) -> bool:
        """True where, by one way, the caller's schema allows the null or no rewrite made it."""
        return not way.knows(key) or way.requires(key) or self._found.nullable(way, key)

    def _may_be_null(self, way: Way, key: str) -> bool:
        """True where, by one way, the schema as it was sent allows the null."""
        return not way.requires(key) or self._found.nullable(way, key)

    def _released(self) -> str:
        """The held member's beginning; its comma only where another stands before it."""
        held, self._held = self._held, ""
        holder = self._stack[-1]
        if not holder.emitted:
            held = held.lstrip(_SPACE).removeprefix(",") if held.lstrip(_SPACE).startswith(",") else held
        holder.emitted = True
        return held

    def _settled(self, ended: bool = False) -> str:
        """The waiting nulls that stay, as far as is known; all the rest stay at the object's end."""
        holder = self._stack[-1]
        if ended and len(holder.ways) > 1:
            holder.ways = left(holder.ways, lambda way: way.names() <= holder.seen)
        kept = ""
        for key, text in list(holder.waiting.items()):
            wanted = self._wanted(holder, key)
            if wanted is None and not ended:
                continue
            del holder.waiting[key]
            if wanted is not False:
                kept += f",{text}" if holder.emitted else text
                holder.emitted = True
        return kept

    def _nodes(self) -> Ways:
        if not self._stack:
            return self._found.whole()
        return self._found.item(self._stack[-1].ways, self._stack[-1].at)

    def _begin(self, sign: str, ways: Ways) -> str:
        match sign:
            case "{" | "[":
                array = sign == "["
                self._stack.append(_Open(left(ways, lambda way: way.allows([] if array else {})), array))
                self._state = "value" if array else "first"
            case "]" if self._stack and self._stack[-1].array:
                return self._end(sign)
            case _ if not self._stack:
                return self._through() + sign
            case _:
                self._state = "text" if sign == '"' else "scalar"
                self._value = [sign]
                self._ways = ways if len(self._stack[-1].ways) > 1 else ()
        return sign

    def _between(self, sign: str) -> str:
        """After a value, or where a member may begin."""
        holder = self._stack[-1]
        if sign in _SPACE:
            if holder.array or self._state != "first":
                return sign if holder.array or not self._held else self._kept(sign)
            return self._kept(sign)
        match sign:
            case "}" | "]":
                self._held = ""
                return self._settled(ended=True) + self._end(sign)
            case "," if holder.array:
                holder.at += 1
                self._state = "value"
                return sign
            case ",":
                kept = self._settled()
                self._held, self._state = sign, "first"
                return kept
            case '"' if self._state == "first":
                self._held += sign
                self._key, self._state = sign, "key"
                return ""
            case _:
                return self._through() + sign

    def _kept(self, sign: str) -> str:
        self._held += sign
        return ""

    def _end(self, sign: str) -> str:
        ended = self._stack.pop()
        self._state = "after" if self._stack else "through"
        if self._stack:
            self._stack[-1].leave(ended.ways)
        return sign

    def _through(self) -> str:
        """No JSON: nothing more is looked at."""
        self._state = "through"
        waiting = [text for one in reversed(self._stack) for text in one.waiting.values()]
        return "".join(f",{text}" for text in waiting) + self.finish()
