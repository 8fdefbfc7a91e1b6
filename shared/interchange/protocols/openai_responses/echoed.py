"""Items of past answers as a caller sends them back -> items that the vendor takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.continuity.pairs import Behind, behind
from interchange.continuity.seal import MARK
from interchange.protocols.faces import JsonObject

from .words import is_own

ASSISTANT = {"message": "msg", "function_call": "fc", "custom_tool_call": "ctc"}
"""Items of an answer whose id may be left out -> how OpenAI's ids of them begin: another one is refused ("Invalid
'input[1].id': 'call_1'. Expected an ID that begins with 'fc'.")."""
PLAIN = frozenset({*ASSISTANT, "reasoning", "function_call_output", "custom_tool_call_output"})
"""Items that lose nothing with their nulls (openai-python `types/responses/response_input_item_param.py`); other types
have members that must be there, if only as a null."""
PARSED = ("parsed", "parsed_arguments")
"""What the SDK's helpers add to the items that they give (openai-python `types/responses/parsed_response.py`)."""


def taken_back(given: list[Any]) -> list[Any]:
    """`given` itself where nothing changes."""
    items = _unpaired(followed([_cleaned(item) for item in given if not _is_lost(item)]))
    same = len(items) == len(given) and all(new is old for new, old in zip(items, given, strict=True))
    return given if same else items


def unnamed(item: JsonObject) -> JsonObject:
    """Takes out the id. The SDK's type of an answer's message has one, so that its texts become the string of a message
    that a caller writes (openai-python `types/responses/easy_input_message_param.py`)."""
    rest = {name: value for name, value in item.items() if name != "id"}
    if _kind(item) != "message":
        return rest
    parts = item.get("content")
    texts = [_bare_text(part) for part in parts] if isinstance(parts, list) else [None]
    if None in texts:
        return rest
    rest.pop("status", None)
    return {**rest, "content": "".join(text for text in texts if text is not None)}


def _kind(item: JsonObject) -> str:
    return str(item.get("type") or "message")


def _bare_text(part: Any) -> str | None:
    plain = isinstance(part, dict) and part.get("type") == "output_text" and not part.get("annotations")
    return part["text"] if plain and isinstance(part.get("text"), str) else None


def _is_lost(item: Any) -> bool:
    """Reasoning that the vendor cannot continue: sealed for another one, or without a state and an id of its own by
    which it could be completed. And a search that another vendor made: what it found is in the text."""
    if not isinstance(item, dict) or item.get("type") not in ("reasoning", "web_search_call"):
        return False
    if item["type"] == "web_search_call":
        return is_own(item.get("id"))
    state = item.get("encrypted_content")
    if isinstance(state, str) and state:
        return state.startswith(MARK)
    return not isinstance(item.get("id"), str) or is_own(item["id"])


def _cleaned(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    kind = _kind(item)
    found = item
    if _has_strange_id(kind, item):
        found = unnamed(item) if kind != "reasoning" else {name: item[name] for name in item if name != "id"}
    found = _without_additions(found, nulls=kind in PLAIN)
    if kind == "reasoning":
        found = _reasoning(found)
    parts = found.get("content")
    if isinstance(parts, list):
        cleaned = [_without_additions(part, nulls=True) if isinstance(part, dict) else part for part in parts]
        if any(new is not old for new, old in zip(cleaned, parts, strict=True)):
            found = {**found, "content": cleaned}
    return found


def _has_strange_id(kind: str, item: JsonObject) -> bool:
    """An id that we gave, which the vendor would look up; or one of another form than its own."""
    identity = item.get("id")
    if not isinstance(identity, str):
        return False
    if kind == "reasoning":  # one of ours stands beside the vendor's own state, and the SDK's type wants some id
        return not identity.startswith("rs")
    if kind == "message" and item.get("role") != "assistant":
        return is_own(identity)
    return is_own(identity) or not identity.startswith(ASSISTANT.get(kind, ""))


def _without_additions(found: JsonObject, *, nulls: bool) -> JsonObject:
    """Takes out what an SDK reads into an answer or names in its own way (`async_`), and members that say nothing: xAI
    answers 422 to a null that its type does not have (Wei-Shaw/sub2api#5733)."""
    extra = [
        name
        for name, value in found.items()
        if name in PARSED or (value is None and (nulls or name.endswith("_")) and name != "output")
    ]
    return {name: value for name, value in found.items() if name not in extra} if extra else found


def _reasoning(item: JsonObject) -> JsonObject:
    """`status` is for reading only ("Unknown parameter: 'input[3].status'.": 1jehuang/jcode#1028), a summary has to be
    there."""
    if "status" in item:
        item = {name: value for name, value in item.items() if name != "status"}
    return item if "summary" in item else {**item, "summary": []}


def _unpaired(items: list[Any]) -> list[Any]:
    """Takes the ids from what a model said in one go without any of its reasoning: by an id the vendor finds that there
    was some, and refuses ("Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item":
    cline/cline#12242). What has no id is a new item."""
    out: list[Any] = []
    reasoned = False
    for item in items:
        kind = _kind(item) if isinstance(item, dict) else ""
        said = kind in ASSISTANT and (kind != "message" or item.get("role") == "assistant")
        if kind == "reasoning":
            reasoned = isinstance(item.get("id"), str) and not is_own(item["id"])  # without it, none is found by it
        elif kind.endswith("_output") or (kind == "message" and not said):
            reasoned = False
        out.append(unnamed(item) if said and not reasoned and "id" in item else item)
    return out


def followed(items: list[Any]) -> list[Any]:
    """The items without reasoning behind which its model said nothing, as where it was cut off: it is refused ("Item
    'rs_1' of type 'reasoning' was provided without its required following item.": continuedev/continue#8933);
    `items` itself where nothing changes."""
    out: list[Any] = []
    said = False
    for item in reversed(items):
        kind = _kind(item) if isinstance(item, dict) else ""
        if kind != "reasoning":
            said = not kind.endswith("_output") and (kind != "message" or item.get("role") == "assistant")
        if kind != "reasoning" or said:
            out.append(item)
    return items if len(out) == len(items) else out[::-1]


def paired(given: list[Any], turns: Mapping[str, bytes]) -> list[Any]:
    """The items, without the ids of those whose own reasoning the caller left out of a turn that has other reasoning;
    `given` itself where nothing changes. An item without an id is a new one, which needs none."""
    out: list[Any] = []
    known: Behind | None = None
    for item in given:
        kind = _kind(item) if isinstance(item, dict) else ""
        said = kind in ASSISTANT and (kind != "message" or item.get("role") == "assistant")
        if kind == "reasoning":
            state = item.get("encrypted_content")
            known = behind(state, turns) if isinstance(state, str) and state else None
        elif not said:
            known = None
        elif known is not None and not _expected(item, kind, known) and "id" in item:
            item = unnamed(item)
        out.append(item)
    return given if all(new is old for new, old in zip(out, given, strict=True)) else out


def _expected(item: JsonObject, kind: str, known: Behind) -> bool:
    """True for what was said behind the thought before it; one text of each is taken off."""
    if kind != "message":
        return item.get("call_id") in known.calls
    known.texts -= 1
    return known.texts >= 0
