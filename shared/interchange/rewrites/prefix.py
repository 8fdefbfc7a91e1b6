"""The stable prefix: on vendors that cache by prefix, nothing that changes with every request may stand before it.

Claude Code begins its system prompt with a line for Anthropic's own accounting whose hash differs each time
(anthropics/claude-code#68900). Claude's API knows it; any other would find nothing of the conversation in its cache.
"""

from __future__ import annotations

import re

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import Request

TELEMETRY = re.compile(r"\s*x-anthropic-billing-header:[^\n]*\n*")


def without_telemetry(request: Request, losses: Losses) -> Request:
    """The system prompt without such lines. A block that held nothing else stays as an empty one, which writers pass
    over, so that the others keep their places."""
    system: list[b.Block] = []
    for number, block in enumerate(request.system):
        found = TELEMETRY.match(block.text) if isinstance(block, b.Text) else None
        if found is None or not isinstance(block, b.Text):
            system.append(block)
            continue
        losses.drop(f"system[{number}]", "a telemetry line for another vendor, which would change on every request")
        rest = block.text[found.end() :]
        system.append(replace(block, text=rest, cache=block.cache if rest.strip() else None))
    return request if tuple(system) == request.system else replace(request, system=tuple(system))
