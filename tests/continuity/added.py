"""More vendors than the four: Bedrock, and providers that an operator has added as data, one for each wire format.

`everyone` puts them into the world with a model each; their state is their own, whoever else speaks the format.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from interchange import wiring
from interchange.aws.sigv4 import Credentials
from interchange.catalog.load import load, read
from interchange.catalog.lookup import Catalog
from interchange.providers.bedrock import bedrock
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from interchange.wiring.vendors import shared_protocols
from tests.exchange.world import Says, World

from .converse import converse
from .vendors import Refused, Vendor, Vendors, anthropic, chat, four, gemini, responses

PRICE = {"input": "1", "output": "2"}
REASONING = {"efforts": ["low", "medium", "high"]}
PROVIDERS: dict[str, Any] = {
    "thinker": {"base_url": "http://thinker", "protocol": "openai_chat",
                "dialect": {"reasoning_replay": "reasoning_content", "max_tokens": "max_tokens"}},
    "claudelike": {"base_url": "http://claudelike", "protocol": "anthropic_messages"},
    "gptlike": {"base_url": "http://gptlike", "protocol": "openai_responses"},
    "geminilike": {"base_url": "http://geminilike", "protocol": "gemini"},
}  # fmt: skip
TRAITS: dict[str, Any] = {
    "thinker": {"reasoning": REASONING}, "claudelike": {"thinking": "budget"}, "gptlike": {"reasoning": REASONING},
    "geminilike": {"thinking": "level", "signatures": True},
}  # fmt: skip
ADDED = [
    {"id": f"{name}-1", "routes": [{"provider": name, "model": f"{name}-up"}], "price": PRICE, "traits": traits,
     "max_output": 8000, "input": ["text", "image"]}
    for name, traits in TRAITS.items()
]  # fmt: skip


class Everyone(Vendors):
    def __call__(self, outgoing: Outgoing) -> Says:
        name = outgoing.url.split("//")[1].split("/")[0]
        if name in four().made:
            return super().__call__(outgoing)
        vendor, body, path = self.made[name], codec.loads(outgoing.body or b""), outgoing.url
        vendor.bodies.append(body)
        try:
            if "/converse" in path:
                return converse(vendor, body, path.endswith("-stream"), claude="claude" in path)
            if path.endswith("/messages"):
                return anthropic(vendor, body, bool(body.get("stream")))
            if "enerateContent" in path:
                return gemini(vendor, body, "streamGenerateContent" in path, strict=True)
            return (responses if path.endswith("/responses") else chat)(vendor, body, bool(body.get("stream")))
        except Refused as error:
            vendor.refused.append(str(error))
            told = {"error": {"message": str(error), "type": "invalid_request_error", "code": error.code}}
            return Says(400, chunks=[codec.dumps({"type": "error", "message": str(error), **told})])


def everyone(here: World) -> Everyone:
    """All of them in the world, with the whole catalog, a Claude that Bedrock alone serves, and money enough."""
    found = Everyone({**four().made, "bedrock": Vendor("bedrock"), **{name: Vendor(name) for name in PROVIDERS}})
    # Claude's signatures are one family wherever it runs:
    # https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
    found.made["bedrock"].states = found.made["anthropic"].states
    found.made["bedrock"].turns = found.made["anthropic"].turns
    listed = _catalog()
    added, _ = wiring.added_providers({}, listed)
    aws = bedrock(lambda: Credentials("a", "b", None), "us-east-1", "http://bedrock")
    providers = {**here.services.providers, **added, "bedrock": aws}
    here.services = replace(
        here.services, catalog=listed, providers=providers, shared=shared_protocols(providers, listed)
    )
    here.script.default = found
    here.fund("1000")
    return found


@functools.cache
def _catalog() -> Catalog:
    built_in = load()
    claude = next(model for model in built_in.models if model.id == "claude-sonnet-4-5")
    route = next(route for route in claude.routes if route.provider == "bedrock")
    listed = read({"models": ADDED, "providers": PROVIDERS})
    hosted = replace(claude, id="claude-on-bedrock", routes=(route,), aliases=())
    return replace(listed, models=(*built_in.models, *listed.models, hosted))
