"""Names that a chat body must not hold. Source: openai-python 3.57.0, `types/chat/completion_create_params.py`."""

from __future__ import annotations

from interchange.hub.held import Held
from interchange.hub.uploaded import foreign

FILE = "files of the vendor's are not reached from here; send the content, or the id of an upload (/v1/uploads/presign)"
HELD = (
    Held("skill_id", "skills are not kept here"),
    Held("file_id", FILE, under=frozenset({"file", "image_url", "input_audio"}), names=foreign),
    Held("id", "voices are not kept here; name one of the vendor's own", under=frozenset({"voice"})),
)
