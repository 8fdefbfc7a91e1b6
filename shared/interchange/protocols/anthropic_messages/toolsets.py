"""Families of tools that the caller runs, declared by one entry: a screen (`computer_toolset_20260801`), a browser
(`browser_toolset_20260801`). A call is a `tool_use` by the member's name, with the family as `toolset_name`.

A model that does not know the family is given a function for each member, called by both names joined. Sources: the
SDK's `types/beta/beta_{computer,browser}_*_input.py` and `beta_{computer,browser}_toolset_configs_param.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.hub.request import FunctionTool

from .client_run import NUMBER, TEXT
from .words import Json

WHOLE: Json = {**NUMBER, "description": "Seconds."}
SECONDS: Json = {"type": "number", "description": "Seconds."}
DIRECTION: Json = {"type": "string", "enum": ["up", "down", "left", "right"]}
POINT: Json = {"type": "array", "items": NUMBER, "description": "[x, y] in pixels of the screenshot."}
REGION: Json = {"type": "array", "items": NUMBER, "description": "[x0, y0, x1, y1] in pixels of the screenshot."}
HELD: Json = {**TEXT, "description": 'Keys that are held meanwhile, as in "ctrl+shift".'}
KEYS: Json = {**TEXT, "description": 'A key or keys together, as in "Return" or "ctrl+s".'}


def _object(required: str = "", **properties: Json) -> Json:
    """`required` are names with spaces between."""
    out: Json = {"type": "object", "properties": properties}
    return {**out, "required": required.split()} if required else out


_AT = _object(coordinate=POINT, text=HELD)
COMPUTER: Mapping[str, tuple[str, Json]] = {
    "screenshot": ("Shows the screen.", _object()),
    "left_click": ("Clicks at a point, or where the cursor is.", _AT),
    "right_click": ("Clicks the right button at a point, or where the cursor is.", _AT),
    "middle_click": ("Clicks the middle button at a point, or where the cursor is.", _AT),
    "double_click": ("Clicks twice at a point, or where the cursor is.", _AT),
    "triple_click": ("Clicks three times at a point, or where the cursor is.", _AT),
    "left_click_drag": ("Drags from one point to another.",
                        _object("coordinate start_coordinate", coordinate=POINT, start_coordinate=POINT, text=HELD)),
    "left_mouse_down": ("Presses the left button where the cursor is, and holds it.", _object()),
    "left_mouse_up": ("Lets go of the left button.", _object()),
    "mouse_move": ("Moves the cursor without clicking.", _object("coordinate", coordinate=POINT)),
    "cursor_position": ("Tells where the cursor is.", _object()),
    "scroll": ("Scrolls at a point, or where the cursor is.",
               _object("scroll_amount scroll_direction", scroll_amount=NUMBER, scroll_direction=DIRECTION,
                       coordinate=POINT, text=HELD)),
    "key": ("Presses a key, or keys together.", _object("text", text=KEYS, repeat=NUMBER)),
    "hold_key": ("Holds a key down.", _object("duration text", duration=WHOLE, text=KEYS)),
    "type": ("Types text.", _object("text", text=TEXT)),
    "wait": ("Waits.", _object("duration", duration=WHOLE)),
    "zoom": ("Shows a part of the screen, enlarged.", _object("region", region=REGION)),
}  # fmt: skip
SPOT: Json = _object("type x y", type={**TEXT, "enum": ["coordinate"]}, x=NUMBER, y=NUMBER)
REF: Json = _object("type ref", type={**TEXT, "enum": ["ref"]},
                    ref={**TEXT, "description": "An element, as read_page or find named it."})  # fmt: skip
TARGET: Json = {"anyOf": [SPOT, REF]}
TAB: Json = {**TEXT, "description": "The tab; the active one unless given."}
_CLICK = _object("target", target=TARGET, modifiers=HELD, tab_id=TAB)
_SPOT = _object("target", target=SPOT, tab_id=TAB)
_TAB = _object(tab_id=TAB)
BROWSER: Mapping[str, tuple[str, Json]] = {
    "navigate": ('Opens an address, or goes "back", "forward" or "reload".', _object("url", url=TEXT, tab_id=TAB)),
    "screenshot": ("Shows the page as it is seen.", _TAB),
    "zoom": ("Shows a part of the page, enlarged.", _object("region", region=REGION, tab_id=TAB)),
    "read_page": ("Reads the page as a tree of elements with references.",
                  _object(depth=NUMBER, filter={**TEXT, "enum": ["all", "interactive"]}, ref=TEXT, tab_id=TAB)),
    "get_page_text": ("Reads the text of the page.", _TAB),
    "find": ("Finds elements by a description.", _object("query", query=TEXT, tab_id=TAB)),
    "left_click": ("Clicks at a point or on an element.", _CLICK),
    "right_click": ("Clicks the right button at a point or on an element.", _CLICK),
    "middle_click": ("Clicks the middle button at a point or on an element.", _CLICK),
    "double_click": ("Clicks twice at a point or on an element.", _CLICK),
    "triple_click": ("Clicks three times at a point or on an element.", _CLICK),
    "hover": ("Moves the cursor to a point or an element.", _object("target", target=TARGET, tab_id=TAB)),
    "mouse_move": ("Moves the cursor to a point.", _SPOT),
    "left_click_drag": ("Drags from one point to another.",
                        _object("from target", **{"from": SPOT}, target=SPOT, tab_id=TAB)),
    "left_mouse_down": ("Presses the left button at a point, and holds it.", _SPOT),
    "left_mouse_up": ("Lets go of the left button at a point.", _SPOT),
    "scroll": ("Scrolls at a point.",
               _object("scroll_direction target", scroll_direction=DIRECTION, target=SPOT, scroll_amount=NUMBER,
                       tab_id=TAB)),
    "scroll_to": ("Scrolls until an element is seen.", _object("target", target=REF, tab_id=TAB)),
    "type": ("Types text where the focus is.", _object("text", text=TEXT, tab_id=TAB)),
    "key": ("Presses a key, or keys together.", _object("text", text=KEYS, repeat=NUMBER, tab_id=TAB)),
    "hold_key": ("Holds a key down.", _object("duration text", duration=SECONDS, text=KEYS, tab_id=TAB)),
    "form_input": ("Sets a field of a form.",
                   _object("target value", target=REF, tab_id=TAB,
                           value={"anyOf": [TEXT, {"type": "number"}, {"type": "boolean"}]})),
    "file_upload": ("Gives files to a field of a form.",
                    _object("target", target=REF, paths={"type": "array", "items": TEXT},
                            document_ids={"type": "array", "items": TEXT}, tab_id=TAB)),
    "javascript_exec": ("Runs JavaScript in the page; the last expression is the result.",
                        _object("text", text=TEXT, tab_id=TAB)),
    "read_console": ("Reads what the console has said since the last time.", _TAB),
    "read_network": ("Reads the page's requests since the last time.", _TAB),
    "list_tabs": ("Lists the open tabs.", _object()),
    "new_tab": ("Opens a tab.", _object()),
    "switch_tab": ("Makes a tab the active one.", _object("tab_id", tab_id=TEXT)),
    "close_tab": ("Closes a tab.", _object("tab_id", tab_id=TEXT)),
    "wait": ("Waits.", _object("duration", duration=SECONDS, tab_id=TAB)),
}  # fmt: skip
FAMILIES: Mapping[str, Mapping[str, tuple[str, Json]]] = {"computer": COMPUTER, "browser": BROWSER}
MARK = "_toolset_"


def family(tool: Mapping[str, Any]) -> str | None:
    """The family that an entry of `tools` declares; None for any other tool."""
    name, mark, _ = str(tool.get("type")).partition(MARK)
    return name if mark and name in FAMILIES else None


def members(tool: Json) -> tuple[FunctionTool, ...]:
    """A function for each member that is not disabled; none for a tool that is no such family."""
    name = family(tool)
    return tuple(
        FunctionTool(joined(str(name), member), about, schema)
        for member, (about, schema) in (FAMILIES[name].items() if name is not None else ())
        if ((tool.get("configs") or {}).get(member) or {}).get("enabled") is not False
    )


def joined(name: str, member: str) -> str:
    return f"{name}__{member}"


def apart(name: str, asked: Mapping[str, Any]) -> Json:
    """The fields of a call that name its tool. `asked` is the request that the call answers."""
    space, mark, member = name.partition("__")
    if mark and member in FAMILIES.get(space, ()):
        tools = [tool for tool in asked.get("tools") or () if isinstance(tool, Mapping)]
        if any(family(tool) == space for tool in tools) and all(tool.get("name") != name for tool in tools):
            return {"name": member, "toolset_name": space}
    return {"name": name}


def tabs(state: Mapping[str, Any]) -> str:
    """The words of a `browser_state`, of which the vendor's own model is given words only, too."""
    return "\n".join(_lines(state))


def _lines(state: Mapping[str, Any]) -> Iterator[str]:
    for tab in state.get("tabs") or ():
        active = " (active)" if tab.get("active") else ""
        yield f"tab {tab.get('tab_id')}{active}: {tab.get('title')} {tab.get('url')}".rstrip()
    for change in state.get("state_changes") or ():
        told = ", ".join(f"{name} {value}" for name, value in change.items() if name != "type" and value is not None)
        yield f"{change.get('type')}: {told}"
