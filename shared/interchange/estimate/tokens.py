"""Counts the o200k tokens of a text.

Texts are cut into pieces by the vocabulary's own pattern, and the bytes of each piece merged pair by pair. The pattern
speaks of Unicode classes, which `re` does not have: characters beyond ASCII are replaced by an ASCII one of their class
first, so that one expression over a text of the same length gives the same cuts.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from .vocabulary import ranks

SAMPLED = 200_000
"""Characters beyond which a text is counted by samples: a count must not take seconds."""
SAMPLES = 40
LONGEST_PIECE = 256
"""Bytes; a longer one (a line of one letter) is cut, since merging takes the square of its length."""

_UPPER, _LOWER, _OTHER, _DIGIT, _SPACE, _SIGN = "A", "a", "\x01", "0", "\t", "!"
_CLASSES = {"Lu": _UPPER, "Lt": _UPPER, "Ll": _LOWER, "Lm": _OTHER, "Lo": _OTHER,
            "Mn": _OTHER, "Mc": _OTHER, "Me": _OTHER, "Nd": _DIGIT, "Nl": _DIGIT, "No": _DIGIT,
            "Zs": _SPACE, "Zl": _SPACE, "Zp": _SPACE}  # fmt: skip
_SUFFIX = r"(?:'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))?"
_PIECE = (
    rf"[^\r\nA-Za-z\x010-9]?[A-Z\x01]*[a-z\x01]+{_SUFFIX}"
    rf"|[^\r\nA-Za-z\x010-9]?[A-Z\x01]+[a-z\x01]*{_SUFFIX}"
    r"|[0-9]{1,3}"
    r"| ?[^\sA-Za-z\x010-9]+[\r\n/]*"
    r"|\s*[\r\n]+"
    r"|\s+(?!\S)"
    r"|\s+"
)


class _Classes(dict[int, str]):
    """Table for `str.translate`: a character beyond ASCII -> one of its class. ASCII stays."""

    def __missing__(self, code: int) -> str:
        found = chr(code) if 1 < code < 128 else _CLASSES.get(unicodedata.category(chr(code)), _SIGN)
        self[code] = found
        return found


_TO_CLASSES = _Classes()


def count_tokens(text: str) -> int:
    if len(text) <= SAMPLED:
        return _count(text)
    size = SAMPLED // SAMPLES
    step = len(text) // SAMPLES
    counted = sum(_count(text[number * step : number * step + size]) for number in range(SAMPLES))
    return counted * len(text) // (size * SAMPLES)


def utf8_size(text: str) -> int:
    """Bytes: no text has more tokens. Half of a character pair counts as a whole character."""
    return len(text.encode("utf-8", "surrogatepass"))


def _count(text: str) -> int:
    return sum(_tokens_of(piece) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    shape = text if text.isascii() and "\x01" not in text else text.translate(_TO_CLASSES)
    for found in _pattern().finditer(shape):
        yield text[found.start() : found.end()]


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Made when it is first needed: it takes longer than the rest of this module."""
    return re.compile(_PIECE, re.ASCII)


@functools.lru_cache(maxsize=1 << 15)
def _tokens_of(piece: str) -> int:
    raw = piece.encode("utf-8", "replace")
    if raw in ranks():
        return 1
    return sum(_merged(raw[start : start + LONGEST_PIECE]) for start in range(0, len(raw), LONGEST_PIECE))


def _merged(raw: bytes) -> int:
    """The parts left when no two neighbours make a token. A merge changes the scores of its neighbours alone."""
    known = ranks()
    never = len(known)
    parts = [raw[place : place + 1] for place in range(len(raw))]
    scores = [known.get(left + right, never) for left, right in pairwise(parts)]
    while scores and (best := min(scores)) != never:
        place = scores.index(best)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
        del scores[place]
        for left in (place - 1, place):
            if 0 <= left < len(scores):
                scores[left] = known.get(parts[left] + parts[left + 1], never)
    return len(parts)
