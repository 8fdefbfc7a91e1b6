"""Edits of a JSON object that leave every other byte as it was.

The pass-through lane promises identity: key order, nulls, padding, number spelling and escapes survive. So a member is
found in the text and its bytes are replaced; the document is never parsed and written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from interchange.dataclass import dataclass

from . import codec

_SPACE = b" \t\r\n"
_SCALAR = re.compile(rb"[^,\]\}\s]+")
_STRUCTURE = re.compile(rb'["\[\]{}]')
_BRACKET = re.compile(rb"[\[\]{}]")
_ESCAPED_KEY = re.compile(rb"\\u00[4-7]")
"""What a text must hold where some key of it may be spelled in escapes: a letter of ASCII by its number. All names that
are looked for are of these and the underscore."""
_BACKSLASH = 0x5C


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: the span of its key's first byte to its value's last, and of the value alone."""

    name: str
    start: int
    value_start: int
    end: int


def members(data: bytes, at: int = 0) -> Iterator[Member]:
    """The members of the object that starts at or after `at`. Raises ValueError where there is no object."""
    position = _skip(data, at)
    if data[position : position + 1] != b"{":
        raise ValueError("not a JSON object")
    position = _skip(data, position + 1)
    while data[position : position + 1] == b'"':
        key_end = _string_end(data, position)
        colon = _skip(data, key_end)
        if data[colon : colon + 1] != b":":
            raise ValueError("a member without a colon")
        value = _skip(data, colon + 1)
        end = _value_end(data, value)
        yield Member(codec.loads(data[position:key_end]), position, value, end)
        position = _skip(data, end)
        if data[position : position + 1] != b",":
            return
        position = _skip(data, position + 1)


def find(data: bytes, *path: str) -> Member | None:
    """The member at `path` below the top object; the last one where a name is repeated, as JSON readers take it."""
    at = 0
    found: Member | None = None
    for name in path:
        found = _member(data, at, name)
        if found is None or (name != path[-1] and data[found.value_start : found.value_start + 1] != b"{"):
            return None
        at = found.value_start
    return found


def _member(data: bytes, at: int, name: str) -> Member | None:
    """By a look for its name's bytes, where these show whether and where it stands; else member by member."""
    key = codec.dumps(name)
    if _ESCAPED_KEY.search(data) is None:
        start = data.find(key, at)
        if start < 0:
            return None
        opening = data.find(b"{", at)
        colon = _skip(data, start + len(key))
        alone = data.find(key, colon) < 0 and _BRACKET.search(data, opening + 1, start) is None
        if alone and data[start - 1] != _BACKSLASH and data[colon : colon + 1] == b":":
            value = _skip(data, colon + 1)
            return Member(name, start, value, _value_end(data, value))
    found: Member | None = None
    for member in members(data, at):
        if member.name == name:
            found = member
    return found


def replace(data: bytes, value: object, *path: str) -> bytes:
    """`data` with the value at `path` replaced; unchanged where there is no such member."""
    member = find(data, *path)
    return data if member is None else _replaced(data, member, value)


def _replaced(data: bytes, member: Member, value: object) -> bytes:
    # a view of the rest: a sum would copy megabytes of it twice
    return b"".join((data[: member.value_start], codec.dumps(value), memoryview(data)[member.end :]))


def put(data: bytes, value: object, name: str) -> bytes:
    """`data` with the top-level member set: replaced where it stands, else added at the end."""
    member = find(data, name)
    if member is not None:
        return _replaced(data, member, value)
    return _append(data, len(data), value, name)


def put_below(data: bytes, value: object, parent: str, name: str) -> bytes:
    """Like `put`, inside the object member `parent`, which is made where it is absent or null."""
    member = find(data, parent)
    if member is None or data[member.value_start : member.value_start + 1] != b"{":
        return put(data, {name: value}, parent)
    below = _member(data, member.value_start, name)
    if below is not None and below.end < member.end:
        return _replaced(data, below, value)
    return _append(data, member.end, value, name)


def remove(data: bytes, name: str) -> bytes:
    """`data` without the top-level member, and without the comma that set it apart."""
    member = find(data, name)
    if member is None:
        return data
    before = data[: member.start].rstrip(_SPACE)
    after = data[member.end :].lstrip(_SPACE)
    if before.endswith(b","):
        return before[:-1] + data[member.end :]
    if after.startswith(b","):
        return data[: member.start] + after[1:].lstrip(_SPACE)
    return data[: member.start] + data[member.end :]


def add_at(data: bytes, number: bytes, parents: Sequence[str], name: str) -> bytes:
    """Adds a number, in its JSON spelling, to the object at `parents`; unchanged where there is none, or where it has
    the member already."""
    member = find(data, *parents)
    if member is None or data[member.value_start : member.value_start + 1] != b"{" or find(data, *parents, name):
        return data
    return _added(data, member.end, number, name)


def _append(data: bytes, end: int, value: object, name: str) -> bytes:
    """Appends a member to the object that ends there. Raises ValueError where none does."""
    return _added(data, end, codec.dumps(value), name)


def _added(data: bytes, end: int, value: bytes, name: str) -> bytes:
    closing = data.rindex(b"}", 0, end)
    last = closing
    while data[last - 1] in _SPACE:
        last -= 1
    comma = b"" if data[last - 1 : last] == b"{" else b","
    return data[:last] + comma + codec.dumps(name) + b":" + value + data[last:]


def _skip(data: bytes, at: int) -> int:
    while data[at : at + 1] and data[at] in _SPACE:
        at += 1
    return at


def _value_end(data: bytes, at: int) -> int:
    first = data[at : at + 1]
    if first == b'"':
        return _string_end(data, at)
    if first not in (b"{", b"["):
        scalar = _SCALAR.match(data, at)
        if scalar is None:
            raise ValueError("not JSON")
        return scalar.end()
    depth = 0
    while found := _STRUCTURE.search(data, at):
        mark, at = found.group(), found.end()
        if mark == b'"':
            at = _string_end(data, at - 1)
        elif mark in (b"{", b"["):
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return at
    raise ValueError("an object or array without its end")


def _string_end(data: bytes, at: int) -> int:
    """Behind the closing quote of the string that begins there: found by jumps, since a picture is megabytes of it."""
    while (at := data.find(b'"', at + 1)) > 0:
        slash = at
        while data[slash - 1] == _BACKSLASH:
            slash -= 1
        if (at - slash) % 2 == 0:
            return at + 1
    raise ValueError("a string without its end")
