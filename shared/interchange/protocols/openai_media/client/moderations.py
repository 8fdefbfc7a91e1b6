"""The client face of POST /v1/moderations. https://platform.openai.com/docs/api-reference/moderations/create"""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.losses import Losses
from interchange.hub.media import ModerationRequest
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.media import Posted
from interchange.wire import codec


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "openai_media"

    def write_request(self, request: ModerationRequest, profile: Profile, losses: Losses) -> Posted:
        return Posted("/moderations", codec.dumps({**request.body, "model": profile.model}))

    def read_response(self, raw: bytes, _request: ModerationRequest) -> dict[str, Any]:
        body = codec.loads(raw)
        if not isinstance(body, dict) or not _listed(body.get("results")):
            raise ValueError("the answer holds no results")
        return body

    def read_usage(self, raw: bytes, request: ModerationRequest) -> tuple[Usage | None, int]:
        return None, len(self.read_response(raw, request)["results"])


def _listed(results: Any) -> bool:
    return isinstance(results, list) and all(isinstance(result, dict) for result in results)
