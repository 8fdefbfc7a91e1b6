"""Requests generated from the vendors' own types: whatever the stock SDKs let a caller write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Required, Union, get_args, get_origin

from hypothesis import strategies as st
from typing_extensions import get_type_hints, is_typeddict

Strategy = st.SearchStrategy[Any]
WORDS = st.integers(0, 9999).map(lambda number: f"w{number}w")
NAMES = st.integers(0, 99).map(lambda number: f"n{number}")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
OBJECT = NAMES.map(lambda name: {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]})
BY_NAME: Mapping[str, Strategy] = {
    "name": NAMES,
    "arguments": WORDS.map(lambda word: f'{{"a":"{word}"}}'),
    "input": WORDS.map(lambda word: {"a": word}),
    "parameters": OBJECT,
    "input_schema": OBJECT,
    "schema": OBJECT,
    "url": st.sampled_from(["https://a.example/x", f"data:image/png;base64,{PIXEL}"]),
    "data": st.just(PIXEL),
    "file_data": st.just("data:application/pdf;base64,JVBERi0xLjQK"),
    "media_type": st.sampled_from(["image/png", "application/pdf", "text/plain"]),
    "temperature": st.sampled_from([0.0, 0.3, 1.0]),
    "top_p": st.sampled_from([0.1, 0.5]),
    "n": st.sampled_from([1, 2]),
    "max_tokens": st.integers(2000, 8000),
    "max_completion_tokens": st.integers(2000, 8000),
    "max_output_tokens": st.integers(2000, 8000),
    "budget_tokens": st.integers(1024, 1900),
    "top_logprobs": st.integers(0, 5),
    "logit_bias": st.dictionaries(st.integers(0, 50_000).map(str), st.integers(-100, 100), min_size=1, max_size=2),
    "defer_loading": st.just(False),
}
"""What a type cannot say of a field: strings that must be JSON, base64, URLs, schemas; numbers with a range."""
ONE_OF_A_KIND = frozenset(
    {"messages", "input", "model", "tool_choice", "function_call", "functions", "tools"}
    | {"previous_response_id", "conversation", "prompt", "background"}
)
"""Fields that must agree with others, which the conversations compose; and what is always refused."""


def of(kind: Any, field: str = "") -> Strategy:
    """A strategy for what the type allows."""
    if field in BY_NAME:
        return BY_NAME[field]
    if is_typeddict(kind):
        return _typed(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of([of(one, field) for one in arguments if one is not type(None)])
    if origin in (list, Iterable, Sequence):
        return st.lists(of(arguments[0]), min_size=1, max_size=2)
    if origin is dict or origin is Mapping:
        return st.dictionaries(NAMES, WORDS, min_size=1, max_size=2)
    return _plain(kind)


def _plain(kind: Any) -> Strategy:
    match kind:
        case _ if kind is bool:
            return st.booleans()
        case _ if kind is int:
            return st.integers(1, 9)
        case _ if kind is float:
            return st.sampled_from([0.25, 0.5])
        case _:
            return WORDS  # str, and object


def _typed(kind: Any, leave_out: frozenset[str] = frozenset()) -> Strategy:
    hints = {name: hint for name, hint in get_type_hints(kind, include_extras=True).items() if name not in leave_out}
    required = {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is Required}
    optional = {name: hint for name, hint in hints.items() if name not in required}
    return _some_of(
        {name: of(hint, name) for name, hint in required.items()},
        {name: of(hint, name) for name, hint in optional.items()},
    )


@st.composite
def _some_of(draw: st.DrawFn, required: Mapping[str, Strategy], optional: Mapping[str, Strategy]) -> dict[str, Any]:
    """The required ones and a few of the rest: with all at once, most requests would be refused for some of them."""
    most = min(4, len(optional))
    chosen = draw(st.lists(st.sampled_from(sorted(optional)), max_size=most, unique=True)) if most else []
    return {name: draw(strategy) for name, strategy in {**required, **{n: optional[n] for n in chosen}}.items()}


def parameters(kind: Any) -> Strategy:
    """The fields of a request beside its conversation and its tools."""
    return _typed(kind, ONE_OF_A_KIND | {"stream"})
