"""Names that a chat body must not hold. Source: openai-python 3.57.0, `types/chat/completion_create_params.py`."""

from __future__ import annotations

from interchange.hub.held import Held

FILE = "files are not kept here; send the content in file_data"
HELD = (
    Held("skill_id", "skills are not kept here"),
    Held("file_id", FILE, under=frozenset({"file"})),
    Held("id", "voices are not kept here; name one of the vendor's own", under=frozenset({"voice"})),
)
