"""Writes docs/compatibility.md: what becomes of everything a caller can say, for each pair of protocols.

`python -m scripts.compatibility`. Nothing here is told by hand: each sample is read by the server face and written by
the client face that serve requests, with the profile of a model of the built-in catalog, and the bodies are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interchange.catalog.load import load
from interchange.continuity.seal import Seal
from interchange.exchange.conversation.inline import pending
from interchange.exchange.conversation.losses import LossReport
from interchange.hub.blocks import Base64Source
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.protocols.anthropic_messages.server import Server as Messages
from interchange.protocols.faces import Client, Profile, Server
from interchange.protocols.openai_chat.server import Server as Chat
from interchange.protocols.openai_responses.server import Server as Responses
from interchange.providers.anthropic import anthropic
from interchange.providers.gemini import gemini
from interchange.providers.openai import openai
from interchange.providers.xai import xai
from interchange.rewrites import named_where_they_stood, rewrite
from interchange.upstream.budget import Budget
from scripts import compatibility_media as media
from scripts import compatibility_responses as responses
from scripts import compatibility_samples as samples

OUT = Path(__file__).resolve().parent.parent / "docs" / "compatibility.md"
SEAL = Seal(b"0123456789abcdef")
PROVIDERS = {provider.name: provider for provider in (openai("k"), anthropic("k"), gemini("k"), xai("k"))}
Json = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    title: str
    server: Server
    plain: Json
    samples: tuple[samples.Sample, ...]


@dataclass(frozen=True)
class Target:
    title: str
    provider: str
    protocol: str
    model: str
    """Of the built-in catalog."""


CALLERS = (
    Caller("Chat completions", Chat(SEAL), samples.CHAT, samples.CHAT_SAMPLES),
    Caller("Messages", Messages(SEAL), samples.MESSAGES, samples.MESSAGES_SAMPLES),
    Caller("Responses", Responses(SEAL), responses.PLAIN, responses.SAMPLES),
)
TARGETS = (
    Target("OpenAI, chat completions", "openai", "openai_chat", "gpt-4.1"),
    Target("OpenAI, Responses", "openai", "openai_responses", "gpt-5.4"),
    Target("xAI, chat completions", "xai", "openai_chat", "grok-4.3"),
    Target("Claude", "anthropic", "anthropic_messages", "claude-sonnet-4-5"),
    Target("Gemini", "gemini", "gemini", "gemini-3.5-flash"),
)
KEPT, ADAPTED, DROPPED, REFUSED, IMPLIED, LEFT_OUT = "kept", "adapted", "dropped", "refused", "implied", "left out"


@dataclass(frozen=True)
class Outcome:
    word: str
    how: str = ""


@dataclass(frozen=True)
class Face:
    """A client face as a route has it."""

    client: Client
    profile: Profile
    fetches: frozenset[str]

    def write(self, request: Request, losses: Losses) -> Json:
        """Writes as the exchange does: what the provider cannot download is fetched first."""
        ready = asyncio.run(pending(request, self.fetches).fetched(_fetched))
        taken, inverse = rewrite(ready, self.client.rules(self.profile), losses)
        with named_where_they_stood(inverse.moved, losses):
            return self.client.write_request(taken, self.profile, losses)


async def _fetched(url: str, _param: str, _budget: Budget) -> Base64Source:
    return Base64Source("application/pdf" if url.endswith(".pdf") else "image/png", samples.PDF)


def face_of(target: Target) -> Face:
    model = load().find(target.model)
    assert model is not None
    route = next(route for route in model.routes if route.provider == target.provider)
    provider = PROVIDERS[target.provider]
    profile = Profile(route.model, frozenset(model.input), model.max_output, {**model.traits, **route.traits})
    return Face(provider.clients[target.protocol], profile, provider.fetches)


def outcome(caller: Caller, sample: samples.Sample, face: Face) -> Outcome:
    before = _without_nulls({**caller.plain, **(sample.beside or {})})
    after = _without_nulls({**before, **sample.change})
    plain = face.write(caller.server.read_request(before), Losses())
    losses, report = Losses(), LossReport(caller.server, after)
    try:
        with report.refusals():
            written = face.write(caller.server.read_request(after), losses)
    except RequestError as error:
        return Outcome(REFUSED, error.failure.message)
    report.add(losses)
    changed = list(_changes(plain, written))
    reasons = "; ".join(f"`{loss.path}`: {loss.reason}" for loss in losses.items)
    if losses.items:
        return Outcome(ADAPTED if changed else DROPPED, reasons)
    if changed:
        return Outcome(KEPT, _places(changed))
    return Outcome(LEFT_OUT, sample.quiet) if sample.quiet else Outcome(IMPLIED)


def _without_nulls(body: Mapping[str, Any]) -> Json:
    return {name: value for name, value in body.items() if value is not None}


def _changes(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The paths at which `after` says something else."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _changes(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(old, new, f"{path}[{number}]")
    elif before != after:
        yield path


def _places(paths: list[str]) -> str:
    """The paths, or the object that they are all members of."""
    holders = {path.rpartition(".")[0] for path in paths}
    shown = holders if len(holders) == 1 and len(paths) > 1 and holders != {""} else paths
    return ", ".join(f"`{path}`" for path in shown)


def table(caller: Caller, target: Target) -> Iterator[str]:
    face = face_of(target)
    yield f"### {caller.title} → {target.title}\n"
    yield f"With the profile of `{target.model}`.\n"
    if caller.server.protocol == face.client.protocol:
        yield from _passed_through(caller)
        return
    yield "| | | outcome | where, or why |\n|---|---|---|---|"
    group = ""
    for sample in caller.samples:
        found = outcome(caller, sample, face)
        how = found.how.replace("|", "\\|").replace("\n", " ")
        yield f"| {'' if sample.group == group else sample.group} | {sample.name} | {found.word} | {how} |"
        group = sample.group
    yield ""


def _passed_through(caller: Caller) -> Iterator[str]:
    yield "The same protocol: the body goes out as it came, save for `model` and the wish for usage.\n"
    refused = []
    for sample in caller.samples:
        try:
            caller.server.read_request(_without_nulls({**caller.plain, **(sample.beside or {}), **sample.change}))
        except RequestError as error:
            refused.append(f"| {sample.name} | refused | {error.failure.message} |")
    if refused:
        yield "\n".join(["| | outcome | why |\n|---|---|---|", *refused, ""])


HEAD = """# Compatibility

What becomes of everything that a caller can say. Written by `python -m scripts.compatibility` out of the code that
serves requests; a test holds it to that.

| outcome | meaning |
|---|---|
| kept | the model gets it; the last column says where it stands in the upstream body |
| adapted | it is said in another way, or in part: the response header `x-interchange-dropped` names what is not said |
| dropped | it cannot be said: likewise named in `x-interchange-dropped`, and a 400 with `x-interchange-strict: true` |
| refused | it would change the meaning of the answer and cannot be said: a 400 with this message, and nothing is sent |
| implied | it asks for what happens anyway: nothing needs to be said |
| left out | it is meant for another vendor's model alone |
| made here | the provider need not be told: the gateway makes the answer so |

Models differ: what a table says of thinking, sampling and media holds for the model that it names. The traits of the
catalog (docs/catalog.md) decide for the others.
"""


def page() -> str:
    lines = [HEAD]
    for caller in CALLERS:
        lines.append(f"## {caller.title}\n")
        for target in TARGETS:
            lines += table(caller, target)
    lines += media.tables(PROVIDERS)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    OUT.write_text(page())
    print(f"{OUT.name} written")


if __name__ == "__main__":
    main()
