"""Models of what the JSON families take and answer. Prices are decimal strings in USD, per million tokens or a unit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from interchange.exchange.uploads import LONGEST_NAME, MEDIA_TYPE, MOST_BYTES, MOST_INLINE, SOUND, TAKEN
from interchange.whole import WHOLE, Count, Positive

Kind = Literal["chat", "embedding", "image", "transcription", "speech", "moderation"]
Named = Annotated[str, Field(min_length=1)]
Token = Count


class Open(BaseModel):
    """An object of a vendor's own format: fields that are not known here are carried all the same."""

    model_config = ConfigDict(extra="allow", strict=True)


class Deprecation(BaseModel):
    date: str = Field(description="when the model goes", examples=["2027-01-31"])
    successor: str | None = Field(description="which one is to be taken in its place")


class Prices(Open):
    """USD as decimal strings, per million tokens or per unit; without what has no price."""

    input: str = ""
    output: str = ""
    cache_read: str = ""
    cache_write_5m: str = ""
    cache_write_1h: str = ""
    per_minute: str = ""
    per_million_characters: str = ""
    per_image: dict[str, str] = {}
    per_call: dict[str, str] = {}


class Facts(BaseModel):
    """Facts that both shapes of a model carry beyond the vendors' own fields."""

    aliases: list[str] = Field(description="Further names that it answers to.")
    kind: Kind
    context_window: int | None
    max_output_tokens: int | None
    input_modalities: list[str]
    output_modalities: list[str]
    pricing: Prices
    supports_prompt_caching: bool
    supports_reasoning: bool = Field(description="Thinks before it answers.")
    endpoints: list[str]
    deprecation: Deprecation | None = Field(default=None, description="absent unless the model goes")


class OpenAIsModel(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str = Field(description="Who serves it first.")


class AnthropicsModel(BaseModel):
    type: Literal["model"]
    id: str
    display_name: str
    created_at: str
    max_input_tokens: int | None
    max_tokens: int | None
    capabilities: None


class Model(Facts, OpenAIsModel):
    """https://platform.openai.com/docs/api-reference/models/object"""


class ModelList(BaseModel):
    object: Literal["list"]
    data: list[Model]


class VersionedModel(Facts, AnthropicsModel):
    """https://docs.anthropic.com/en/api/models-list: for callers that send `anthropic-version`."""


class ModelPage(BaseModel):
    """A page of the list, for callers that send `anthropic-version`."""

    data: list[VersionedModel]
    has_more: bool
    first_id: str | None
    last_id: str | None


class EmbeddingRequest(Open):
    """https://platform.openai.com/docs/api-reference/embeddings/create"""

    model: Named = Field(description="Of kind embedding, such as text-embedding-3-small.")
    input: (
        Named
        | Annotated[list[Named], Field(min_length=1, max_length=2048)]
        | Annotated[list[Token], Field(min_length=1)]
        | Annotated[list[Annotated[list[Token], Field(min_length=1)]], Field(min_length=1, max_length=2048)]
    ) = Field(description="A text, texts, a list of tokens, or lists of them.")
    dimensions: Positive | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


class Embedding(Open):
    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(Open):
    prompt_tokens: int
    total_tokens: int


class Embeddings(Open):
    object: Literal["list"]
    model: str
    data: list[Embedding]
    usage: EmbeddingUsage


class TextPart(Open):
    type: Literal["text"]
    text: str


class Picture(Open):
    url: Named


class PicturePart(Open):
    type: Literal["image_url"]
    image_url: Picture


Part = Annotated[TextPart | PicturePart, Field(discriminator="type")]


class ModerationRequest(Open):
    """https://platform.openai.com/docs/api-reference/moderations/create"""

    model: Named | None = Field(default=None, description="Of kind moderation, such as omni-moderation-latest.")
    input: Named | Annotated[list[str], Field(min_length=1)] | Annotated[list[Part], Field(min_length=1)] = Field(
        description="A text, texts, or parts (`text`, `image_url`)."
    )


class Judgement(Open):
    flagged: bool
    categories: dict[str, bool | None]
    category_scores: dict[str, float | None]


class Moderation(Open):
    id: str
    model: str
    results: list[Judgement]


SEEN = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
SMALLER: JsonDict = {
    "anyOf": [
        {"properties": {"content_type": {"pattern": SOUND}}},
        {"properties": {"bytes": {"maximum": MOST_INLINE}}},
    ]
}
"""A picture or document goes into the request to the vendor, a sound does not."""


class UploadRequest(BaseModel):
    """A file that is about to be sent; fields that are not known here are passed over."""

    model_config = ConfigDict(strict=True, json_schema_extra=SMALLER)

    filename: Annotated[
        str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S", json_schema_extra={"pattern": SEEN})
    ]
    content_type: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_NAME,
            pattern=MEDIA_TYPE,
            examples=["audio/mpeg"],
            json_schema_extra={"pattern": TAKEN},
        ),
    ]
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES, description="The file's length."), WHOLE]


class Presigned(BaseModel):
    """The place where a file is put, and how."""

    file_id: str = Field(description="What the request that follows sends as `file_id`.")
    url: str
    method: str
    headers: dict[str, str]
    expires_at: int = Field(description="Seconds since 1970.")
    max_bytes: int
