"""Recognizes an answer of another family's provider that came with a status of success, and is none."""

from __future__ import annotations

import re
from typing import Any

from interchange.exchange.attempt_failed import AttemptFailed
from interchange.hub.failure import Failure, malformed
from interchange.hub.usage import Usage
from interchange.protocols.media import MediaClient
from interchange.protocols.openai import errors as openai_errors
from interchange.wire import codec
from interchange.wire.framing import is_text

PAGE = re.compile(rb"\s*<(?:!doctype|html|head)\b", re.IGNORECASE)
"""How a proxy's page begins; no picture, sound or transcript does."""
COUNTED = frozenset({"images", "embeddings", "moderations"})
"""Families whose answer is a list of things: an empty one is none."""
SOUND = frozenset({"speech"})
"""Families whose answer is bytes of a medium, which are never words."""
LOOKED_AT = 512
"""Bytes in which sound shows that it is none."""


def check(family: str, raw: bytes) -> None:
    """Raises AttemptFailed for an error, a page or nothing in the place of an answer."""
    failure = refused(family, raw)
    if failure is not None:
        raise AttemptFailed(failure, inside=True)


def counted(client: MediaClient, family: str, raw: bytes, request: Any) -> tuple[Usage | None, int]:
    """The vendor's numbers and how many things there are. Raises ValueError for an answer that holds none."""
    usage, items = client.read_usage(raw, request)
    if items == 0 and family in COUNTED:
        raise ValueError("the answer is empty")
    return usage, items


def refused(family: str, raw: bytes) -> Failure | None:
    """The failure in an answer's place, of all of it or of its first bytes; None where it may be an answer."""
    if not raw.strip():
        return malformed("the answer is empty")
    if PAGE.match(raw):
        return malformed("the answer is a page")
    if family in SOUND and not is_text(raw[:LOOKED_AT]):
        return None
    parsed = _parsed(raw)
    if isinstance(parsed, dict) and (parsed.get("error") or parsed.get("object") == "error"):
        return openai_errors.read_error(parsed)
    return malformed("the answer is no sound") if family in SOUND else None


def _parsed(raw: bytes) -> Any:
    if raw.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return codec.loads(raw)
    except ValueError:
        return None
