"""POST /v1/moderations. https://platform.openai.com/docs/api-reference/moderations/create

Only one wire format has it, so it is carried as it comes.
"""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.media import Form, ModerationRequest
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import Answered, Posted
from interchange.wire import codec, splice

from ..carry import renamed
from .fields import missing, mistyped


@dataclass(frozen=True, slots=True)
class Server:
    protocol: str = "openai_media"

    def read_request(self, form: Form) -> ModerationRequest:
        given = form.fields.get("input")
        if given is None:
            raise missing("input")
        if given in ("", []):
            raise invalid("Invalid 'input': it is empty.", "input", "empty_input")
        if not isinstance(given, str | list) or (isinstance(given, list) and not _parts(given)):
            raise mistyped("input", "a string, an array of strings or an array of text and image parts")
        return ModerationRequest(form.fields)

    def passes(self, _request: ModerationRequest, _profile: Profile) -> bool:
        return True

    def write_request(self, form: Form, request: ModerationRequest, profile: Profile) -> Posted:
        return Posted("/moderations", renamed(form, profile.model))

    def write_passed(self, raw: bytes, request: ModerationRequest, model: str) -> Answered:
        return Answered(splice.replace(raw, model, "model"))

    def write_response(self, answer: Any, request: ModerationRequest, envelope: Envelope) -> Answered:
        return Answered(codec.dumps({**answer, "model": envelope.model}))


def _parts(given: list[Any]) -> bool:
    return all(isinstance(item, str) for item in given) or all(isinstance(item, dict) for item in given)
