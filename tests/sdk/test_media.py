"""Embeddings, moderations and images by the stock SDKs against the running gateway."""

from __future__ import annotations

import base64
import json
import math
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.sdk.gateway import Gateway

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAINTERS = ("gpt-image-1", "grok-imagine-image", "gemini-2.5-flash-image")


@pytest.fixture
def client(gateway: Gateway) -> openai.OpenAI:
    return openai.OpenAI(api_key=gateway.key, base_url=f"{gateway.url}/v1", max_retries=0)


@pytest.mark.parametrize("model", ["text-embedding-3-small", "gemini-embedding-001"])
def test_vectors(client: openai.OpenAI, model: str) -> None:
    """The SDK asks for base64 by itself, and decodes it: the dimensions tell whether it was."""
    answer = client.embeddings.create(model=model, input=["one", "two"], dimensions=256)
    assert [len(item.embedding) for item in answer.data] == [256, 256]
    assert math.isclose(sum(x * x for x in answer.data[0].embedding), 1, rel_tol=1e-3)
    plain = client.embeddings.create(model=model, input="one", dimensions=256, encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(answer.data[0].embedding, abs=1e-6)
    assert plain.model == model


@pytest.mark.parametrize(
    ("model", "size"),
    [("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072), ("gemini-embedding-001", 3072)],
)
def test_a_thousand_vectors_of_the_models_own_size(client: openai.OpenAI, model: str, size: int) -> None:
    """As LangChain asks for them."""
    answer = client.embeddings.create(model=model, input=[f"text {number}" for number in range(1000)])
    assert {len(item.embedding) for item in answer.data} == {size}
    assert [item.index for item in answer.data] == list(range(1000))


def test_vectors_are_charged_by_the_token(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "vectors", "--credit", "1")
    body = {"model": "text-embedding-3-small", "input": "x" * 4000}
    answer = gateway.post("/v1/embeddings", body, authorization=f"Bearer {made['key']}")
    assert answer.json()["usage"]["prompt_tokens"] == 1000
    shown = gateway.operator("account", "show", made["account"])
    assert Decimal(shown["charged_usd"]) == Decimal("0.00002") == Decimal(answer.headers["x-interchange-charge-usd"])


def test_verdicts(client: openai.OpenAI) -> None:
    answer = client.moderations.create(model="omni-moderation-latest", input=["fine", "[simulate:flag]"])
    assert [one.flagged for one in answer.results] == [False, True]
    unnamed = client.moderations.create(input="fine")
    assert unnamed.model == "omni-moderation-latest"
    assert unnamed.results[0].categories.harassment_threatening is False


@pytest.mark.parametrize("model", PAINTERS)
def test_pictures(client: openai.OpenAI, model: str) -> None:
    made = client.images.generate(model=model, prompt="a red circle")
    assert made.data
    edited = client.images.edit(model=model, prompt="blue", image=("a.png", PNG, "image/png"))
    assert edited.data
    for answer in (made.data[0], edited.data[0]):
        if answer.b64_json:
            assert base64.b64decode(answer.b64_json).startswith(b"\x89PNG")
        else:
            assert str(answer.url).startswith("https://")


def test_several_inputs_and_a_mask(client: openai.OpenAI) -> None:
    answer = client.images.edit(
        model="gpt-image-1", prompt="collage", image=[("a.png", PNG), ("b.png", PNG)], mask=("m.png", PNG), n=2
    )
    assert answer.data
    assert len(answer.data) == 2


@pytest.mark.parametrize("model", PAINTERS)
def test_a_stream_of_pictures(client: openai.OpenAI, model: str) -> None:
    stream: Any = (
        client.images.generate(model=model, prompt="x", stream=True, response_format="b64_json")
        if (model == "grok-imagine-image")
        else client.images.generate(model=model, prompt="x", stream=True, partial_images=1)
    )
    events = list(stream)
    assert events[-1].type == "image_generation.completed"
    assert base64.b64decode(events[-1].b64_json)
    assert len(events) == (2 if model == "gpt-image-1" else 1)


def test_an_upload_that_breaks_off_leaves_no_hold(gateway: Gateway) -> None:
    import socket

    made = gateway.operator("account", "create", "--name", "gone", "--credit", "1")
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as wire:
        head = f"POST /v1/images/edits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {made['key']}\r\n"
        wire.sendall(
            f"{head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 99999\r\n\r\n--x".encode()
        )
    shown = gateway.operator("account", "show", made["account"])
    assert (shown["held_usd"], shown["charged_usd"]) == ("0", "0")


def test_a_model_of_another_kind(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="gpt-image-1"):
        client.images.generate(model="text-embedding-3-small", prompt="x")


def test_the_node_sdk(gateway: Gateway, node: Path) -> None:
    command = ["node", "media.mjs", gateway.url, gateway.key]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert {name: found[:2] for name, found in out["embeddings"].items()} == {
        "text-embedding-3-small": [2, 256],
        "gemini-embedding-001": [2, 256],
    }
    assert all(out["images"][model] == [True, True] for model in PAINTERS)
    assert out["events"] == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
