"""Converse's rules for a conversation as a whole. Its own refusals speak of turns that the caller never saw."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile

from .content import cache_point, write_blocks


def check_turns(messages: Sequence[b.Message]) -> None:
    """Every call has one result, before the next answer: what else the user says in between is of the same turn, behind
    the results. Raises RequestError naming the call or the result."""
    waiting: dict[str, str] = {}
    answered: set[str] = set()
    answering = False
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        if message.role is b.Role.ASSISTANT:
            if answering:
                _require(waiting, answered)
                waiting, answered, answering = {}, set(), False
            calls = [(at, block) for at, block in enumerate(message.content) if isinstance(block, b.ToolUse)]
            waiting |= {block.id: f"{path}.content[{at}]" for at, block in calls}
        elif message.role is b.Role.USER:
            answering = True
            _answer(message, path, waiting, answered)
    _require(waiting, answered)


def _answer(message: b.Message, path: str, waiting: Mapping[str, str], answered: set[str]) -> None:
    for number, block in enumerate(message.content):
        if not isinstance(block, b.ToolResult):
            continue
        here = f"{path}.content[{number}]"
        if block.tool_use_id not in waiting:
            raise invalid(f"{here}: no tool call just before it has the id {block.tool_use_id!r}", here)
        if block.tool_use_id in answered:
            raise invalid(f"{here}: more than one result for the tool call {block.tool_use_id!r}", here)
        answered.add(block.tool_use_id)


def _require(waiting: Mapping[str, str], answered: Container[str]) -> None:
    for name, here in waiting.items():
        if name not in answered:
            raise _missing(name, here)


def _missing(name: str, path: str) -> Exception:
    return invalid(f"{path}: the tool call {name!r} has no result in the turn after it", path)


def write_messages(messages: Iterable[b.Message], profile: Profile, losses: Losses) -> list[JsonObject]:
    """Roles alternate, as Converse demands: neighbours of one role are merged. System text inside a conversation keeps
    its place as user text, since Converse has no such turn."""
    out: list[JsonObject] = []
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        role = "assistant" if message.role is b.Role.ASSISTANT else "user"
        content = write_blocks(message.content, f"{path}.content", profile, losses)
        if message.torn or lacks_thoughts(message.content, content):
            content = [item for item in content if THOUGHT not in item]
        if message.role in (b.Role.SYSTEM, b.Role.DEVELOPER):
            losses.drop(f"{path}.role", "sent as text of the user: Converse has one instruction, at the top")
        if message.name is not None:
            losses.drop(f"{path}.name", "Converse has no participant names")
        for name in message.extra or ():
            losses.drop(f"{path}.{name}", "Converse has no such field of a message")
        if not content:
            continue
        if out and out[-1]["role"] == role:
            out[-1]["content"] += content
        else:
            out.append({"role": role, "content": content})
    for turn in out:
        turn["content"].sort(key=lambda item: "toolResult" not in item)  # results stand first in their turn
    return _standing(out)


THOUGHT = "reasoningContent"


def lacks_thoughts(said: Sequence[b.Block], written: Sequence[JsonObject]) -> bool:
    """True for a turn of whose thoughts some cannot go back: Claude takes them all, where they stood, or none
    (decision 0076)."""
    thoughts = sum(isinstance(block, b.Thinking | b.RedactedThinking) for block in said)
    return thoughts > sum(THOUGHT in item for item in written)


def begun_without_thought(turns: Sequence[JsonObject]) -> bool:
    """True where the open tool loop, or a prefilled answer, does not begin with a thought: Claude refuses
    `thinking: enabled` then ("Expected `thinking` or `redacted_thinking`, but found `text`")."""
    at = next((at for at in reversed(range(len(turns))) if turns[at]["role"] == "assistant"), None)
    if at is None or THOUGHT in turns[at]["content"][0]:
        return False
    calls = any("toolUse" in item for item in turns[at]["content"])
    return at == len(turns) - 1 or calls


BEGUN = "(The conversation begins with the answer below.)"
SEEN = "(See the document.)"


def _standing(turns: list[JsonObject]) -> list[JsonObject]:
    """Brings turns to what Converse demands beyond its types: a user's turn first ("A conversation must start with a
    user message"), text beside a document, and no two documents of one name, in whichever turn (recorded in
    aws-samples/generative-ai-use-cases#1685, "Messages can't contain duplicate document names")."""
    if turns and turns[0]["role"] == "assistant":
        turns = [{"role": "user", "content": [{"text": BEGUN}]}, *turns]
    taken: set[str] = set()
    for turn in turns:
        for document in _documents(turn["content"]):
            document["name"] = _unused(document["name"], taken)
        if any("document" in item for item in turn["content"]) and not any("text" in item for item in turn["content"]):
            turn["content"].append({"text": SEEN})
    return turns


def _documents(content: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for item in content:
        if "document" in item:
            yield item["document"]
        elif "toolResult" in item:
            yield from _documents(item["toolResult"]["content"])


def _unused(name: str, taken: set[str]) -> str:
    """The name itself the first time, so that a prefix stays as it is when the conversation grows."""
    found, count = name, 1
    while found.lower() in taken:
        count += 1
        found = f"{name[:190]} {count}"
    taken.add(found.lower())
    return found


def write_system(blocks: Iterable[b.Block], profile: Profile, losses: Losses) -> list[JsonObject]:
    """`system`: text, and its breakpoints."""
    out: list[JsonObject] = []
    for number, block in enumerate(blocks):
        path = f"system[{number}]"
        if not isinstance(block, b.Text):
            raise invalid(f"{path}: the system prompt is text for this model", path)
        if block.text.strip():
            out += [{"text": block.text}, *cache_point(block.cache, profile, path, losses)]
    return out
