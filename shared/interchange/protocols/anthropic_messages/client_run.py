"""Tools of this protocol that the caller runs itself and whose input its models know: shell, editor, memory, screen.
Their calls are ordinary `tool_use` blocks, so a model that does not know them is given functions of those names.
Sources: the SDK's `types/beta/beta_memory_tool_20250818_*_command.py`, and
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/{bash,text-editor,computer-use}-tool.
"""

from __future__ import annotations

from typing import Any

from interchange.hub.request import FunctionTool

from .words import Json

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
POINT = {"type": "array", "items": NUMBER, "description": "[x, y] in pixels"}


def _object(required: tuple[str, ...], **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def _one_of(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


BASH = _object((), command=TEXT, restart={**FLAG, "description": "True begins the shell anew."})
_FILE: Json = {
    "path": TEXT,
    "view_range": {"type": "array", "items": NUMBER, "description": "[first, last] line to view; -1 is the end"},
    "file_text": {**TEXT, "description": "The content, for create."},
    "old_str": {**TEXT, "description": "Text to replace, found once in the file, for str_replace."},
    "new_str": {**TEXT, "description": "What stands in its place, for str_replace."},
    "insert_line": {**NUMBER, "description": "The line after which to insert; 0 is the beginning."},
    "insert_text": {**TEXT, "description": "The text, for insert."},
}
EDITOR = _object(("command", "path"), command=_one_of("view", "create", "str_replace", "insert"), **_FILE)
UNDOING = _object(
    ("command", "path"), command=_one_of("view", "create", "str_replace", "insert", "undo_edit"),
    **{("new_str" if name == "insert_text" else name): value for name, value in _FILE.items()},
)  # fmt: skip
"""Of the editors before April 2025, which insert `new_str` and can undo."""
MEMORY = _object(
    ("command",), command=_one_of("view", "create", "str_replace", "insert", "delete", "rename"), **_FILE,
    old_path=TEXT, new_path=TEXT,
)  # fmt: skip
OLDEST = ("key", "type", "mouse_move", "left_click", "left_click_drag", "right_click", "middle_click", "double_click",
          "screenshot", "cursor_position")  # fmt: skip
LATER = ("left_mouse_down", "left_mouse_up", "triple_click", "scroll", "hold_key", "wait")
_SCREEN: Json = {
    "coordinate": POINT,
    "start_coordinate": POINT,
    "text": {**TEXT, "description": "What to type, or the keys to press (xdotool's names)."},
    "scroll_direction": _one_of("up", "down", "left", "right"),
    "scroll_amount": NUMBER,
    "duration": {"type": "number", "description": "Seconds, for hold_key and wait."},
    "region": {"type": "array", "items": NUMBER, "description": "[x0, y0, x1, y1], for zoom"},
}
KNOWN: tuple[tuple[str, str, Json], ...] = (
    ("bash_2", "Runs a command in a shell that stays open on the caller's machine.", BASH),
    ("text_editor_20241022", "Views and edits files on the caller's machine.", UNDOING),
    ("text_editor_20250124", "Views and edits files on the caller's machine.", UNDOING),
    ("text_editor_2", "Views and edits files on the caller's machine.", EDITOR),
    ("memory_2", "Keeps notes in files under /memories, which outlive the conversation. View it before you begin.",
     MEMORY),
    ("computer_20241022", "Acts on the caller's screen; answers with a screenshot.",
     _object(("action",), action=_one_of(*OLDEST), coordinate=POINT, text=TEXT)),
    ("computer_20250124", "Acts on the caller's screen; answers with a screenshot.",
     _object(("action",), action=_one_of(*OLDEST, *LATER), **_SCREEN)),
    ("computer_2", "Acts on the caller's screen; answers with a screenshot.",
     _object(("action",), action=_one_of(*OLDEST, *LATER, "zoom"), **_SCREEN)),
)  # fmt: skip
"""(beginning of a tool's `type`, what it does, its input), the first that matches."""
_PLACES = ("display_width_px", "display_height_px", "display_number", "max_characters")


def as_function(tool: Json) -> FunctionTool | None:
    """Function that stands for the tool with a model that does not know it; None for a tool that the vendor runs."""
    word, name = str(tool.get("type")), tool.get("name")
    for beginning, about, schema in KNOWN:
        if word.startswith(beginning) and isinstance(name, str):
            told = "".join(f" {place}: {tool[place]}." for place in _PLACES if tool.get(place) is not None)
            return FunctionTool(name, about + told, schema)
    return None
