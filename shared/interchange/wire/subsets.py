"""Each vendor's subset of JSON Schema, as data for `schema.sanitize`.

A subset is an allow-list: a keyword that is not in it is rewritten to an equal one, told to the model in the
description, or left out, and in the last two cases reported.
"""

from __future__ import annotations

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Subset:
    """`keywords` may stay. The switches say how a thing is said that the subset has no keyword for:

    refs            `$ref` to `#/$defs/Name` may stay; elsewhere references are put in place of themselves
    type_lists      `type` may be a list; else null becomes `nullable: true` and several types become `anyOf`
    closed          every object must say `additionalProperties: false`
    all_required    every property must be required (optional ones become nullable)
    describe        a constraint that has no keyword is appended to the description, so that the model still reads it
    enum_types      JSON types that may stand in `enum`; None means any
    formats         values of `format` per type that may stay; None means any
    min_items       values of `minItems` that may stay; None means any
    object_root     the root must be an object, without `anyOf`
    """

    name: str
    keywords: frozenset[str]
    refs: bool = True
    type_lists: bool = True
    closed: bool = False
    all_required: bool = False
    describe: bool = True
    enum_types: tuple[type, ...] | None = None
    formats: frozenset[str] | None = None
    min_items: frozenset[int] | None = None


_CORE = frozenset({"type", "title", "description", "enum", "properties", "required", "items", "anyOf"})
_TEXT_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})

OPENAPI = Subset(
    name="Gemini parameters",
    keywords=_CORE
    | {"format", "nullable", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum"}
    | {"minLength", "maxLength", "pattern", "default", "example", "propertyOrdering"},
    refs=False,
    type_lists=False,
    enum_types=(str,),
    formats=frozenset({"float", "double", "int32", "int64", "enum", "date-time"}),
)
"""`FunctionDeclaration.parameters` and `responseSchema`: the OpenAPI 3.0 subset of google-genai's `types.Schema`."""

GEMINI_JSON = Subset(
    name="Gemini JSON Schema",
    keywords=_CORE
    | {"$defs", "$ref", "format", "prefixItems", "minItems", "maxItems", "minimum", "maximum"}
    | {"additionalProperties", "propertyOrdering"}
    | {"pattern", "minLength", "maxLength", "default"},
    enum_types=(str, int, float),
)
"""`parametersJsonSchema` and `responseJsonSchema`. The first lines are the list in google-genai's description of
`response_json_schema` (`oneOf` is "interpreted the same as anyOf"); the last line's words are in recorded requests that
were answered 200."""

MESSAGES_OUTPUT = Subset(
    name="Messages structured output",
    keywords=_CORE | {"$defs", "$ref", "const", "format", "minItems", "additionalProperties"},
    closed=True,
    type_lists=False,
    formats=_TEXT_FORMATS,
    min_items=frozenset({0, 1}),
)
"""`output_config.format.schema` and strict tools of the Messages API: what the anthropic SDK's `transform_schema`
(lib/_parse/_transform.py) leaves standing, without `allOf`, which the API refuses around a reference."""

OPENAI_STRICT = Subset(
    name="OpenAI strict mode",
    keywords=_CORE
    | {"$defs", "$ref", "const", "pattern", "format", "additionalProperties", "multipleOf", "minimum", "maximum"}
    | {"exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"},
    closed=True,
    all_required=True,
    formats=_TEXT_FORMATS - {"uri"},
)
"""`strict: true` functions and response formats.
Source: platform.openai.com/docs/guides/structured-outputs#supported-schemas."""
