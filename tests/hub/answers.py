"""Random answers of the hub, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.usage import Usage

TEXT = st.text(max_size=10)
COUNT = st.integers(0, 50)
STATE = st.builds(b.Continuation, st.sampled_from(["gemini", "anthropic_messages"]), TEXT, st.none() | TEXT)
CITATION = st.builds(b.Citation, st.just("gemini"), st.just({"a": 1}), st.none() | TEXT)
BLOCKS = st.one_of(
    st.builds(b.Text, TEXT, st.lists(CITATION, max_size=2).map(tuple), st.none(), st.none() | STATE),
    st.builds(b.Thinking, TEXT, st.none() | STATE),
    st.builds(b.RedactedThinking, STATE),
    st.builds(b.Refusal, TEXT),
    st.builds(b.ToolUse, TEXT, TEXT, TEXT, st.sampled_from(["function", "custom"]), st.none() | STATE),
    st.builds(b.ServerToolUse, TEXT, TEXT, TEXT, st.just("web_search"), st.just("gemini"), st.just({"x": 1})),
    st.builds(b.ServerToolResult, TEXT, st.just("web_search"), st.just("gemini"), st.just({"x": 1})),
    st.just(b.Image(b.Base64Source("image/png", "aGk="))),
    st.builds(
        lambda data, said: b.Audio(b.Base64Source("audio/wav", data), "wav", transcript=said), TEXT, st.none() | TEXT
    ),
    st.builds(b.Opaque, st.just("openai_chat"), st.just({"type": "x"})),
)
USAGE = st.builds(
    Usage,
    input=COUNT,
    cache_read=COUNT,
    cache_write_5m=COUNT,
    output=COUNT,
    reasoning=COUNT,
    output_audio=COUNT,
    tool_calls=st.dictionaries(st.sampled_from(["web_search", "mcp"]), COUNT),
    service_tier=st.none() | st.sampled_from(["default", "flex"]),
)
STOPS = st.builds(e.Stop, st.sampled_from(e.StopReason), st.none() | TEXT, st.none() | TEXT)
LOGPROBS = st.lists(st.just({"token": "a", "logprob": -1.0}), min_size=1, max_size=2).map(tuple)


@st.composite
def responses(draw: st.DrawFn) -> e.Response:
    choices = []
    for number in range(draw(st.integers(1, 3))):
        logprobs = draw(st.none() | LOGPROBS)
        choices.append(
            e.Choice(
                blocks=tuple(draw(st.lists(BLOCKS, max_size=4))),
                stop=draw(STOPS),
                logprobs=None if logprobs is None else e.Logprobs(number, logprobs),
            )
        )
    usage = draw(st.none() | USAGE)
    return e.Response(draw(st.none() | TEXT), draw(st.none() | TEXT), draw(st.none() | COUNT), tuple(choices), usage)
