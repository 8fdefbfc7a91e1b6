"""Names that a chat body must not hold. Source: openai-python 3.57.0, `types/chat/completion_create_params.py`."""

from __future__ import annotations

from interchange.hub.held import Held
from interchange.hub.uploaded import NOT_OURS, foreign

HELD = (
    Held("skill_id", "skills are not kept here"),
    Held("file_id", NOT_OURS, under=frozenset({"file", "image_url", "input_audio"}), names=foreign),
    Held("id", "voices are not kept here; name one of the vendor's own", under=frozenset({"voice"})),
)
