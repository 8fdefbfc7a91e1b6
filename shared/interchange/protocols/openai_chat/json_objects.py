"""Where a JSON object ends, in text that comes in pieces. Tool arguments are objects, and some providers glue two."""

from __future__ import annotations

import re

from interchange.dataclass import dataclass

_OUTSIDE = re.compile(r'["{}]')
_INSIDE = re.compile(r'["\\]')


@dataclass(slots=True)
class ObjectScanner:
    """`complete` once the first object has been closed. Text that does not begin with an object is never complete."""

    complete: bool = False
    _begun: bool = False
    _other: bool = False
    _depth: int = 0
    _in_string: bool = False
    _escaped: bool = False

    def feed(self, text: str) -> int | None:
        """The offset in `text` behind the brace that closes the object, None while it is open."""
        at = 0
        if not self._begun:
            at = len(text) - len(text.lstrip())
            if at == len(text):
                return None
            self._begun, self._other = True, text[at] != "{"
        if self._other or self.complete:
            return None
        if self._escaped and at < len(text):
            self._escaped, at = False, at + 1
        return self._scan(text, at)

    def _scan(self, text: str, at: int) -> int | None:
        while found := (_INSIDE if self._in_string else _OUTSIDE).search(text, at):
            at = found.end()
            match found.group():
                case '"':
                    self._in_string = not self._in_string
                case "\\":
                    self._escaped = at == len(text)
                    at += 1
                case "{":
                    self._depth += 1
                case _:
                    self._depth -= 1
                    if self._depth == 0:
                        self.complete = True
                        return at
        return None
