"""Paths that clients with a mistaken base URL ask for: the endpoint that they mean, or the advice that they need.

An SDK puts its endpoint's path behind the base URL that its user has typed, so `/v1` stands there twice or not at all,
a slash is doubled, or a whole endpoint is in front (https://github.com/openai/openai-python#configuring-the-http-client,
https://docs.anthropic.com/en/api/client-sdks: one base URL ends in `/v1`, the other does not).
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

ENDPOINTS = frozenset(
    {
        "audio/speech", "audio/transcriptions", "audio/translations", "chat/completions", "embeddings", "images/edits",
        "images/generations", "messages", "messages/count_tokens", "models", "moderations", "responses",
    }
)  # fmt: skip
"""What the vendors' clients ask for, behind `/v1/`."""
OPEN = frozenset({"models", "responses"})
"""Endpoints that take an id behind them."""
AHEAD = frozenset({"v1", "v1beta", "api", "openai", "anthropic", *"/".join(ENDPOINTS).split("/")})
"""What may stand in front of an endpoint without meaning another one."""
_DIRECT = frozenset(f"/v1/{path}" for path in ENDPOINTS)


def meant(path: str) -> str:
    """The path of the endpoint that is meant; `path` itself where it is right, or nothing is known of it."""
    if path in _DIRECT:
        return path
    words = [word for word in path.split("/") if word]
    known = next((at for at, word in enumerate(words) if word not in AHEAD), len(words))
    for start in range(min(known + 1, len(words))):
        if "/".join(words[start:]) in ENDPOINTS:
            return "/v1/" + "/".join(words[start:])
    return _plain(_with_id(path, words))


def _with_id(path: str, words: list[str]) -> str:
    """The endpoint behind the last `v1` in front, or behind nothing; then its id, which may be any."""
    start = next((at for at, word in enumerate(words) if word != "v1"), 0)
    return "/v1/" + "/".join(words[start:]) if words[start : start + 1] and words[start] in OPEN else path


def _plain(path: str) -> str:
    """Take off a `/v1` that stands there twice, and a slash at the end: of our own endpoints."""
    if not path.startswith(("/v1/", "//v1/")):
        return path
    words = [word for word in path.split("/") if word]
    own = next((at for at, word in enumerate(words) if word != "v1"), len(words))
    return "/".join(("/v1", *words[own:]))


def advise(path: str) -> str | None:
    """Suggests what to ask instead, for a path that is known not to be served; one sentence."""
    return next((said for form, said in _ADVICE if form.search(path)), None)


SERVED = (
    "no such endpoint; the base URL is this gateway's own address for the Anthropic SDK, and the same with /v1 at its "
    "end for the OpenAI SDK; it serves POST /v1/chat/completions, /v1/messages, /v1/responses, /v1/embeddings, "
    "/v1/images/generations, /v1/audio/transcriptions, /v1/audio/speech and GET /v1/models"
)
"""For a path of which nothing is known."""
_CONVERSE = "POST /v1/chat/completions, /v1/messages or /v1/responses"
_ADVICE = tuple(
    (re.compile(form), said)
    for form, said in (
        (r"/deployments/", "Azure's paths are not served: take the SDK's OpenAI client instead of AzureOpenAI, with "
         "this gateway's address and /v1 at its end as base URL; the body names the model of POST "
         "/v1/chat/completions, /v1/responses and /v1/embeddings"),
        (r":\w*[eE]mbedContents?$", "Gemini's own API is not served: ask POST /v1/embeddings for its models, with the "
         "OpenAI SDK"),
        (r":(streamGenerateContent|generateContent|countTokens|predict\w*)$|^/v1beta/",
         f"Gemini's own API is not served: ask {_CONVERSE} for its models, with the OpenAI or the Anthropic SDK"),
        (r"^/model/.+/(invoke|converse)", "Bedrock's own API is not served: take the SDK's Anthropic client instead of "
         "AnthropicBedrock, with this gateway's address as base URL; it asks POST /v1/messages"),
        (r"/publishers/", "Vertex AI's own API is not served: take the SDK's Anthropic client instead of "
         "AnthropicVertex, with this gateway's address as base URL; it asks POST /v1/messages"),
        (r"^/api/(chat|generate|tags|show|embed|embeddings|version)$", "Ollama's own API is not served: choose an "
         "OpenAI-compatible provider, with this gateway's address and /v1 at its end; it asks POST "
         "/v1/chat/completions"),
        (r"/batches(/|$)", f"there are no batches: send each request by itself to {_CONVERSE}"),
        (r"/files(/|$)", f"no files are kept: send a file's content inside the request, to {_CONVERSE}; a large "
         "recording goes by POST /v1/uploads/presign"),
        (r"/uploads(/|$)", "uploads begin with POST /v1/uploads/presign"),
        (r"/(assistants|threads|conversations)(/|$)", "conversations are continued by POST /v1/responses with "
         "previous_response_id, or by sending the whole history"),
        (r"/responses/input_tokens", "tokens are counted by POST /v1/messages/count_tokens, for every model"),
        (r"/responses/compact", "histories are not compacted here: send the input, shortened or whole, to POST "
         "/v1/responses"),
        (r"/responses/[^/]+/cancel", "nothing runs in the background, so nothing can be cancelled: POST /v1/responses "
         "answers on its own connection, which a client closes to stop it"),
        (r"/images/variations", "pictures are varied by POST /v1/images/edits"),
        (r"/realtime", "there are no realtime sessions: use POST /v1/audio/transcriptions, /v1/chat/completions and "
         "/v1/audio/speech"),
        (r"/rerank", "nothing is reranked here: POST /v1/embeddings gives vectors to compare"),
        (r"/complete$", "the older text completions are not served: use POST /v1/messages"),
        (r"/completions$", "the older text completions are not served: use POST /v1/chat/completions"),
    )
)  # fmt: skip


class Meant:
    """Serves a mistaken path as the endpoint that it means."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = meant(scope["path"])
            if path != scope["path"]:
                scope = {**scope, "path": path, "raw_path": None}
        await self._app(scope, receive, send)
