"""Names that a Responses body must not hold. Source: openai-python 3.57.0, `types/responses/response_create_params.py`.

`previous_response_id`, `conversation`, `prompt` and `background` have their words in `request.py`.
"""

from __future__ import annotations

from interchange.hub.held import Held
from interchange.hub.uploaded import NOT_OURS, foreign

STORES = "vector stores are not kept here; send what is to be searched as content"
HELD = (
    Held("file_id", NOT_OURS, types=frozenset({"input_image", "input_file", "computer_screenshot"}),
         under=frozenset({"input_image_mask", "input_audio"}), names=foreign),
    Held("file_ids", NOT_OURS),
    Held("vector_store_ids", STORES),
    Held("skill_id", "skills are not kept here"),
    Held("tunnel_id", "tunnels of the vendor's are not reached from here; give a server_url"),
    Held("comparison_response_id", "answers are not kept at the vendor"),
    Held("background_options", "answers are not made in the background here", top=True),
)  # fmt: skip
