"""What a client with a mistaken base URL gets: the endpoint that it means, or one sentence that names it."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI
from starlette.testclient import TestClient

from interchange.api.application import json_family
from interchange.api.listing import PATHS, listing
from interchange.edge.app import Endpoint
from interchange.edge.base_url import ENDPOINTS, advise, meant
from interchange.edge.family import family
from interchange.exchange.http import Answer, Inbound
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer
from tests.exchange.world import SEAL, world

ROOTS = ("", "/", "/v1", "/v1/", "/v1/v1", "/api", "/api/v1", "/openai/v1", "/anthropic", "/anthropic/v1",
         "/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/chat", "/openai")  # fmt: skip
"""Base URLs that people type."""
ASKED = ("/chat/completions", "/messages", "/v1/messages", "/v1/messages/count_tokens", "/responses", "/embeddings",
         "/images/generations", "/images/edits", "/audio/speech", "/audio/transcriptions", "/models",
         "/v1/models")  # fmt: skip
"""What the SDKs put behind them."""


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("asked", ASKED)
def test_every_mistaken_base_url_means_the_endpoint(root: str, asked: str) -> None:
    assert meant(root + asked) == "/v1/" + asked.removeprefix("/v1").removeprefix("/")


@pytest.mark.parametrize("path", [f"/v1/{one}" for one in sorted(ENDPOINTS)])
def test_a_right_path_stays(path: str) -> None:
    assert meant(path) == path


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/v1/v1/models/gpt-4.1", "/v1/models/gpt-4.1"),
        ("/models/openai/gpt-4.1", "/v1/models/openai/gpt-4.1"),
        ("//v1//models/gpt-4.1", "/v1/models/gpt-4.1"),
        ("/v1/v1/responses/resp_1/input_items", "/v1/responses/resp_1/input_items"),
        ("/v1/responses/resp_1", "/v1/responses/resp_1"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
    ],
)
def test_ids_behind_an_endpoint_are_kept(asked: str, path: str) -> None:
    assert meant(asked) == path


@pytest.mark.parametrize(
    "path",
    [
        "/", "/console/", "/console/models", "/admin/accounts", "/v1/key", "/v1/files", "/v1/completions", "/healthz",
        "/v1/messages/batches", "/v1/threads/t_1/messages", "/openai/deployments/gpt-4o/chat/completions",
        "/v1/responses/compact",
    ],
)  # fmt: skip
def test_a_path_that_means_something_else_stays(path: str) -> None:
    assert meant(path) == path


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/completions", "POST /v1/chat/completions"),
        ("/completions", "POST /v1/chat/completions"),
        ("/v1/complete", "POST /v1/messages"),
        ("/v1/files", "POST /v1/chat/completions, /v1/messages or /v1/responses"),
        ("/v1/files/file-1/content", "inside the request"),
        ("/v1/batches", "POST /v1/chat/completions, /v1/messages or /v1/responses"),
        ("/v1/messages/batches/b_1/results", "POST /v1/chat/completions, /v1/messages or /v1/responses"),
        ("/v1/assistants", "previous_response_id"),
        ("/v1/conversations", "previous_response_id"),
        ("/v1/responses/input_tokens", "POST /v1/messages/count_tokens"),
        ("/v1/responses/compact", "POST /v1/responses"),
        ("/v1/responses/resp_1/cancel", "POST /v1/responses"),
        ("/openai/deployments/gpt-4o/chat/completions", "OpenAI client instead of AzureOpenAI"),
        ("/v1beta/models/gemini-2.5-flash:generateContent", "POST /v1/chat/completions, /v1/messages or /v1/responses"),
        ("/v1/models/gemini-2.5-flash:streamGenerateContent", "POST /v1/chat/completions"),
        ("/v1beta/models/gemini-embedding-001:batchEmbedContents", "POST /v1/embeddings"),
        ("/model/anthropic.claude-sonnet-4-5/invoke", "POST /v1/messages"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/claude:rawPredict", "POST /v1/messages"),
        ("/api/chat", "with this gateway's address and /v1 at its end"),
        ("/v1/images/variations", "POST /v1/images/edits"),
    ],
)
def test_a_path_of_another_api_is_told_the_endpoint_to_use(path: str, named: str) -> None:
    assert meant(path) == path
    assert named in (advise(path) or "")


def through(app: Any) -> Any:
    """An HTTP client of the SDKs that asks the application itself."""
    return TestClient(app)


def test_the_sdks_are_answered_at_their_mistaken_base_url() -> None:
    """Whole applications, as the laptop and a function URL have them."""
    asked: list[str] = []

    async def answer(inbound: Inbound) -> Answer:
        asked.append(inbound.path)
        return Answer(200, {"content-type": "application/json"}, b'{"id":"x","choices":[],"content":[]}')

    with world() as here:
        chat, _ = family("chat", [Endpoint("POST", "/v1/chat/completions", answer)], ChatServer(SEAL), here.services)
        messages, _ = family(
            "messages", [Endpoint("POST", "/v1/messages", answer)], MessagesServer(SEAL), here.services
        )
        for root in ("", "/", "/v1/", "/v1/v1", "/v1/chat/completions", "/openai/v1"):
            client = OpenAI(api_key="k", base_url=f"http://testserver{root}", http_client=through(chat))
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        for root in ("/", "/v1", "/v1/", "/v1/messages", "/anthropic", "/anthropic/v1"):
            anthropic = Anthropic(api_key="k", base_url=f"http://testserver{root}", http_client=through(messages))
            anthropic.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}])
    assert asked == ["/v1/chat/completions"] * 6 + ["/v1/messages"] * 6


def refused(path: str, **headers: str) -> tuple[int, Any]:
    with world() as here:
        plain, paged = ChatServer(SEAL), MessagesServer(SEAL)
        app, _ = json_family("models", [listing(here.services)], PATHS, plain, here.services, by_version=paged)
        answer = TestClient(app).post(path, json={}, headers=headers)
    return answer.status_code, answer.json()


def test_an_unknown_path_is_answered_in_the_callers_protocol() -> None:
    status, plain = refused("/v1/files")
    assert (status, plain["error"]["code"]) == (404, "unknown_url")
    status, paged = refused("/v1/files", **{"anthropic-version": "2023-06-01"})
    assert (status, paged["type"], paged["error"]["type"]) == (404, "error", "not_found_error")
    assert paged["error"]["message"] == plain["error"]["message"]


def test_another_api_is_a_404_even_where_its_path_takes_another_method() -> None:
    status, said = refused("/v1/models/gemini-2.5-flash:generateContent")
    assert (status, said["error"]["code"]) == (404, "unknown_url")


def test_a_path_of_which_nothing_is_known_names_both_base_urls() -> None:
    _, said = refused("/v2/talk")
    assert "with /v1 at its end for the OpenAI SDK" in said["error"]["message"]
    assert "own address for the Anthropic SDK" in said["error"]["message"]
