"""A picture that a vendor does not take, in each vendor's words: agents that understand take it out of the history.

The codes are OpenAI's (`types/responses/response_error.py`). Claude Code looks for "image exceeds ... maximum" and
"Could not process image".
"""

from __future__ import annotations

import re

TOO_LARGE, UNREADABLE = "image_too_large", "image_parse_error"
CODES = frozenset({
    TOO_LARGE, UNREADABLE, "image_too_small", "image_file_too_large", "invalid_image", "invalid_image_format",
    "invalid_image_mode", "invalid_base64_image", "unsupported_image_media_type", "empty_image_file",
})  # fmt: skip
LARGE = frozenset({TOO_LARGE, "image_file_too_large"})
_LARGE = re.compile(
    r"image(?:s| size| file| dimensions?)? (?:exceeds?|is too (?:large|big)|are too large)"
    r"|image\b.{0,60}(?:exceed\w* (?:the )?max\w*|too large|larger than)|(?:exceed\w*|larger than) .{0,40}max\w* image",
    re.IGNORECASE | re.DOTALL,
)
_UNREADABLE = re.compile(
    r"could not process image|unable to process (?:the )?input image|unsupported image"
    r"|(?:image|picture)\b.{0,60}(?:could not be (?:read|parsed|decoded|processed)|not (?:a )?valid|corrupt|malformed)"
    r"|(?:invalid|corrupt\w*|unreadable) (?:base64 )?(?:input )?image|failed to (?:decode|parse|load) (?:the )?image"
    r"|does not (?:appear to be|represent) (?:a )?valid image|does not match .{0,60}image/\w+ media type",
    re.IGNORECASE | re.DOTALL,
)
"""From recorded refusals and public reports of OpenAI, Google, xAI and Anthropic."""


def read_refused_image(message: str) -> str | None:
    """The code of a refusal for a picture, None for any other message."""
    if _LARGE.search(message):
        return TOO_LARGE
    return UNREADABLE if _UNREADABLE.search(message) else None
