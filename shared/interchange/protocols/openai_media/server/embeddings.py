"""POST /v1/embeddings. https://platform.openai.com/docs/api-reference/embeddings/create

The stock SDKs ask for `encoding_format: "base64"` (little-endian float32) whenever their caller says nothing, and
decode it themselves; not every compatible server knows the word, so the answer's encoding is made right here.
"""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import RequestError, invalid
from interchange.hub.media import EmbeddingRequest, Embeddings, Form
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import Answered, Posted
from interchange.wire import codec, splice

from ..carry import renamed
from ..embedding_words import read_floats, read_object
from .fields import integer, missing, mistyped, text, word

MOST_INPUTS = 2048
MOST_DIMENSIONS = 65_536
_READ = frozenset({"model", "input", "dimensions", "encoding_format", "user"})


@dataclass(frozen=True, slots=True)
class Server:
    protocol: str = "openai_media"

    def read_request(self, form: Form) -> EmbeddingRequest:
        fields = form.fields
        return EmbeddingRequest(
            inputs=tuple(_inputs(fields.get("input"))),
            dimensions=integer(form, "dimensions", 1, MOST_DIMENSIONS),
            encoding=word(fields, "encoding_format", ("float", "base64")) or "float",
            user=text(fields, "user"),
            extra={name: value for name, value in fields.items() if name not in _READ and value is not None},
        )

    def passes(self, _request: EmbeddingRequest, _profile: Profile) -> bool:
        return True

    def write_request(self, form: Form, _request: EmbeddingRequest, profile: Profile) -> Posted:
        """A null `encoding_format` stays behind: compatible servers refuse it."""
        raw = renamed(form, profile.model)
        for name in ("encoding_format", "dimensions", "user"):
            if name in form.fields and form.fields[name] is None:
                raw = splice.remove(raw, name)
        return Posted("/embeddings", raw)

    def write_passed(self, raw: bytes, request: EmbeddingRequest, model: str) -> Answered:
        body = read_object(raw)
        if all(isinstance(item["embedding"], str) == (request.encoding == "base64") for item in body["data"]):
            return Answered(splice.replace(raw, model, "model"))
        data = [{**item, "embedding": _written(read_floats(item["embedding"]), request)} for item in body["data"]]
        return Answered(codec.dumps({**body, "model": model, "data": data}))

    def write_response(self, answer: Embeddings, request: EmbeddingRequest, envelope: Envelope) -> Answered:
        data = [
            {"object": "embedding", "index": number, "embedding": _written(vector, request)}
            for number, vector in enumerate(answer.vectors)
        ]
        tokens = answer.usage.total_input if answer.usage else envelope.estimate
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Answered(codec.dumps({"object": "list", "data": data, "model": envelope.model, "usage": usage}))


def _inputs(value: Any) -> Iterator[str | tuple[int, ...]]:
    """A text, texts, one list of token ids, or lists of them."""
    if value is None:
        raise missing("input")
    if isinstance(value, str):
        yield _checked(value, "input")
        return
    if not isinstance(value, list):
        raise mistyped("input", "a string, an array of strings or an array of token ids")
    if not value:
        raise invalid("Invalid 'input': an empty array. At least one input is needed.", "input", "empty_array")
    if all(_is_token(item) for item in value):
        yield tuple(value)
        return
    if len(value) > MOST_INPUTS:
        raise invalid(
            f"Invalid 'input': {len(value)} inputs; at most {MOST_INPUTS} are taken.", "input", "array_above_max_length"
        )
    for number, item in enumerate(value):
        yield _checked(item, f"input[{number}]")


def _checked(item: Any, path: str) -> str | tuple[int, ...]:
    if isinstance(item, str):
        return item  # an empty one too: some models take it (recorded), and those that do not say so
    if isinstance(item, list) and item and all(_is_token(token) for token in item):
        return tuple(item)
    raise _wrong(item, path)


def _wrong(item: Any, path: str) -> RequestError:
    if item == []:
        return invalid(f"Invalid '{path}': an empty array.", path, "empty_array")
    return mistyped(path, "a string or an array of token ids")


def _is_token(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and item >= 0


def _written(vector: Sequence[float], request: EmbeddingRequest) -> Any:
    if request.encoding != "base64":
        return list(vector)
    packed = array("f", vector)
    if sys.byteorder == "big":
        packed.byteswap()
    return base64.b64encode(packed.tobytes()).decode()
