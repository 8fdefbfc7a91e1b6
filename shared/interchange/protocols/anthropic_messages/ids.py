"""Ids of tool calls. The API takes `^[a-zA-Z0-9_-]+$` and refuses the rest."""

from __future__ import annotations

import hashlib
import re

_CONFORMING = re.compile(r"[a-zA-Z0-9_-]+")
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")


def conforming(identity: str) -> str:
    """The id itself where it conforms; else a deterministic one that no other id is brought to."""
    if _CONFORMING.fullmatch(identity):
        return identity
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_FORBIDDEN.sub('_', identity)[:40]}_{digest}"
