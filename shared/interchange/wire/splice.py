"""Edits of a JSON object that leave every other byte as it was.

The pass-through lane promises identity: key order, nulls, padding, number spelling and escapes survive. So a member is
found in the text and its bytes are replaced; the document is never parsed and written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from interchange.dataclass import dataclass

from . import codec

_SPACE = b" \t\r\n"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(rb"[^,\]\}\s]+")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


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
        key = _match(_STRING, data, position)
        colon = _skip(data, key.end())
        if data[colon : colon + 1] != b":":
            raise ValueError("a member without a colon")
        value = _skip(data, colon + 1)
        end = _value_end(data, value)
        yield Member(codec.loads(key.group()), position, value, end)
        position = _skip(data, end)
        if data[position : position + 1] != b",":
            return
        position = _skip(data, position + 1)


def find(data: bytes, *path: str) -> Member | None:
    """The member at `path` below the top object; the last one where a name is repeated, as JSON readers take it."""
    at = 0
    found: Member | None = None
    for name in path:
        found = None
        for member in members(data, at):
            if member.name == name:
                found = member
        if found is None or (name != path[-1] and data[found.value_start : found.value_start + 1] != b"{"):
            return None
        at = found.value_start
    return found


def replace(data: bytes, value: object, *path: str) -> bytes:
    """`data` with the value at `path` replaced; unchanged where there is no such member."""
    member = find(data, *path)
    if member is None:
        return data
    return data[: member.value_start] + codec.dumps(value) + data[member.end :]


def put(data: bytes, value: object, name: str) -> bytes:
    """`data` with the top-level member set: replaced where it stands, else added at the end."""
    if find(data, name) is not None:
        return replace(data, value, name)
    return _append(data, 0, value, name)


def put_below(data: bytes, value: object, parent: str, name: str) -> bytes:
    """Like `put`, inside the object member `parent`, which is made where it is absent or null."""
    member = find(data, parent)
    if member is None or data[member.value_start : member.value_start + 1] != b"{":
        return put(data, {name: value}, parent)
    if find(data, parent, name) is not None:
        return replace(data, value, parent, name)
    return _append(data, member.value_start, value, name)


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


def _append(data: bytes, at: int, value: object, name: str) -> bytes:
    last = next(reversed(list(members(data, at))), None)
    text = codec.dumps(name) + b":" + codec.dumps(value)
    if last is None:
        opening = data.index(b"{", at) + 1
        return data[:opening] + text + data[opening:]
    return data[: last.end] + b"," + text + data[last.end :]


def _skip(data: bytes, at: int) -> int:
    while data[at : at + 1] and data[at] in _SPACE:
        at += 1
    return at


def _value_end(data: bytes, at: int) -> int:
    first = data[at : at + 1]
    if first == b'"':
        return _match(_STRING, data, at).end()
    if first not in (b"{", b"["):
        return _match(_SCALAR, data, at).end()
    depth = 0
    for token in _STRUCTURE.finditer(data, at):
        mark = token.group()
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return token.end()
    raise ValueError("an object or array without its end")


def _match(pattern: re.Pattern[bytes], data: bytes, at: int) -> re.Match[bytes]:
    found = pattern.match(data, at)
    if found is None:
        raise ValueError("not JSON")
    return found
