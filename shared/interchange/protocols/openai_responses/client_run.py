"""Tools of this protocol that the caller runs itself: its shell, its patches, its screen, its search for tools.

Their calls are items of their own. In the hub each is an ordinary call whose arguments are what the item holds, so that
a model that has no such tool can be given a function; and a call of that function is the item again.
Source: openai-python 3.57, `types/responses/response_{function_shell,apply_patch,computer}_tool_call.py`,
`response_input_item_param.py` and `tool_param.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import FunctionTool
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

Schema = Mapping[str, Any]
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


LOCAL_SHELL = _object(
    ("command",), command=TEXTS, env={"type": "object", "additionalProperties": TEXT}, timeout_ms=NUMBER, user=TEXT,
    working_directory=TEXT,
)  # fmt: skip
SHELL = _object(("commands",), commands=TEXTS, timeout_ms=NUMBER, max_output_length=NUMBER)
PATCH = _object(
    ("type", "path"), type={"type": "string", "enum": ["create_file", "update_file", "delete_file"]}, path=TEXT,
    diff={"type": "string", "description": "In V4A form; for create_file and update_file."},
)  # fmt: skip
POINT = _object(("x", "y"), x=NUMBER, y=NUMBER)
ACTIONS: dict[str, dict[str, Any]] = {
    "click": {"button": {"type": "string", "enum": ["left", "right", "wheel", "back", "forward"]}, "x": NUMBER,
              "y": NUMBER},
    "double_click": {"x": NUMBER, "y": NUMBER},
    "drag": {"path": {"type": "array", "items": POINT}},
    "keypress": {"keys": TEXTS},
    "move": {"x": NUMBER, "y": NUMBER},
    "screenshot": {},
    "scroll": {"x": NUMBER, "y": NUMBER, "scroll_x": NUMBER, "scroll_y": NUMBER},
    "type": {"text": TEXT},
    "wait": {},
}  # fmt: skip
"""By an action's `type`, the fields that it must have."""
ACTION = {
    "anyOf": [
        _object(("type", *fields), type={"type": "string", "enum": [word]}, **fields)
        for word, fields in ACTIONS.items()
    ]
}
_TYPES: Mapping[str, type] = {"string": str, "integer": int, "array": list, "object": dict}


@dataclass(frozen=True, slots=True)
class Ran:
    """`place` is the call item's field with what the model asks, "" where it is the item's own fields; `fixed` are
    fields of it that say nothing. `whole` tells arguments that such an item can hold."""

    call: str
    output: str
    place: str
    about: str
    schema: Schema
    whole: Callable[[dict[str, Any]], bool]
    fixed: Mapping[str, Any] = field(default_factory=dict)


def _has(arguments: dict[str, Any], schema: Schema) -> bool:
    """True where the required fields are there and each is of its type."""
    properties: Mapping[str, Any] = schema["properties"]
    return all(name in arguments for name in schema["required"]) and all(
        _fits(arguments[name], properties[name]) for name in arguments if name in properties
    )


def _fits(value: Any, schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(_fits(value, one) for one in schema["anyOf"])
    kind = _TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    match value:
        case list():
            return all(_fits(item, schema["items"]) for item in value)
        case dict() if "required" in schema:
            return _has(value, schema)
        case dict():
            return all(_fits(item, schema["additionalProperties"]) for item in value.values())
        case _:
            return "enum" not in schema or value in schema["enum"]


def _patched(arguments: dict[str, Any]) -> bool:
    return _has(arguments, PATCH) and (arguments["type"] == "delete_file" or "diff" in arguments)


def _acted(arguments: dict[str, Any]) -> bool:
    given = arguments.get("actions", [arguments.get("action")])
    return isinstance(given, list) and bool(given) and all(_fits(one, ACTION) for one in given)


RUN: Mapping[str, Ran] = {
    "local_shell": Ran(
        "local_shell_call", "local_shell_call_output", "action", "Runs a command on the caller's machine.",
        LOCAL_SHELL, lambda arguments: _has(arguments, LOCAL_SHELL), {"type": "exec", "env": {}},
    ),
    "shell": Ran(
        "shell_call", "shell_call_output", "action", "Runs shell commands on the caller's machine.",
        SHELL, lambda arguments: _has(arguments, SHELL),
    ),
    "apply_patch": Ran(
        "apply_patch_call", "apply_patch_call_output", "operation", "Creates, updates or deletes one file.",
        PATCH, _patched,
    ),
    "computer": Ran(
        "computer_call", "computer_call_output", "", "Acts on the caller's screen; answers with a screenshot.",
        _object(("actions",), actions={"type": "array", "items": ACTION}), _acted, {"pending_safety_checks": []},
    ),
    "tool_search": Ran(
        "tool_search_call", "tool_search_output", "arguments", "Finds tools by what they do, and loads them.",
        _object((), query=TEXT), lambda arguments: True, {"execution": "client"},
    ),
}  # fmt: skip
"""By the hub's `ToolUse.kind`, which is the name of the function too."""
KINDS = {
    "local_shell": "local_shell", "shell": "shell", "apply_patch": "apply_patch", "computer": "computer",
    "computer_use_preview": "computer", "tool_search": "tool_search",
}  # fmt: skip
"""A declared tool's `type` -> its calls' kind."""
CALLS = {ran.call: kind for kind, ran in RUN.items()}
OUTPUTS = {ran.output: kind for kind, ran in RUN.items()}
_SCREEN = ("display_width", "display_height", "environment")


def as_function(tool: JsonObject) -> tuple[str, FunctionTool] | None:
    """Its calls' kind, and what a model without such a tool is given; None for a tool that the vendor runs."""
    word = str(tool.get("type"))
    kind = KINDS.get(word)
    environment = tool.get("environment")
    elsewhere = isinstance(environment, dict) and environment.get("type") != "local"
    if kind is None or (kind == "shell" and elsewhere) or (kind == "tool_search" and tool.get("execution") != "client"):
        return None
    ran = RUN[kind]
    schema: Any = ran.schema
    about = ran.about
    if word == "computer_use_preview":
        schema = _object(("action",), action=ACTION)
        about += "".join(f" {name}: {tool[name]}." for name in _SCREEN if name in tool)
    if kind == "tool_search":
        schema = tool["parameters"] if isinstance(tool.get("parameters"), dict) else schema
        about = tool["description"] if isinstance(tool.get("description"), str) else about
    return kind, FunctionTool(kind, about, schema)


def is_call(item: JsonObject) -> bool:
    """False for what the vendor ran: a search of its own has no call that anybody must answer."""
    kind = CALLS.get(str(item.get("type")))
    return kind is not None and (kind != "tool_search" or item.get("execution") == "client")


def is_output(item: JsonObject) -> bool:
    kind = OUTPUTS.get(str(item.get("type")))
    return kind is not None and (kind != "tool_search" or item.get("execution") == "client")


def read_call(item: JsonObject, path: str) -> b.ToolUse:
    kind = CALLS[item["type"]]
    ran = RUN[kind]
    identity = item.get("call_id") or item.get("id")
    if not isinstance(identity, str):
        raise invalid(f"Missing required parameter: '{path}.call_id'.", f"{path}.call_id", "missing_required_parameter")
    if ran.place:
        asked = item.get(ran.place)
    else:
        asked = {name: item[name] for name in ("action", "actions") if item.get(name) is not None}
    if isinstance(asked, str):
        return b.ToolUse(identity, kind, asked, kind, raw=item)
    if not isinstance(asked, dict):
        where = f"{path}.{ran.place}"
        raise invalid(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")
    said = {name: value for name, value in asked.items() if value is not None and ran.fixed.get(name) != value}
    return b.ToolUse(identity, kind, codec.dumps_text(said), kind, raw=item)


def read_output(item: JsonObject, path: str) -> b.ToolResult:
    """Reads a call's output as text that a model can read; a screenshot is a picture."""
    kind = OUTPUTS[item["type"]]
    identity = item.get("call_id") or item.get("id")
    if not isinstance(identity, str):
        raise invalid(f"Missing required parameter: '{path}.call_id'.", f"{path}.call_id", "missing_required_parameter")
    failed = item.get("status") == "failed"
    content: tuple[b.Block, ...]
    if kind == "computer":
        content = (_screenshot(item.get("output"), f"{path}.output"),)
    elif kind == "tool_search":
        content = tuple(b.Text(f"tool available: {name}") for name in _names(item.get("tools")))
    else:
        given = item.get("output")
        text = given if isinstance(given, str) else "" if given is None else codec.dumps_text(given)
        content = (b.Text(text or str(item.get("status") or "done")),)
    return b.ToolResult(identity, content, failed, raw=item)


def _screenshot(output: Any, path: str) -> b.Image:
    match output:
        case {"image_url": str(url)}:
            return b.Image(b.UrlSource(url))
        case _:
            where = f"{path}.image_url"
            raise invalid(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")


def _names(tools: Any) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict):
            yield str(tool.get("name") or tool.get("type"))


def write_call(kind: str, identity: str, call_id: str, arguments: str) -> JsonObject | None:
    """The item of a call; None where its arguments are none that such an item can hold."""
    ran = RUN[kind]
    try:
        said = codec.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not ran.whole(said):
        return None
    shape: JsonObject = {"id": identity, "type": ran.call, "status": "completed", "call_id": call_id}
    if kind == "tool_search":
        return {**shape, **ran.fixed, "arguments": said}
    if not ran.place:
        return {**shape, **ran.fixed, **said}
    return {**shape, ran.place: {**ran.fixed, **said}}
