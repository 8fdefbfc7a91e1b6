"""Names of a function's arguments that one vendor takes and another does not: mapped, and restored in the calls.

Claude refuses the whole request for one of another form ("tools.0.custom.input_schema.properties: Property keys should
match pattern '^[a-zA-Z0-9_.-]{1,64}$'"), on Bedrock too; those of objects below are not looked at. Servers that stand
for a web API write such names: `filter[id]`, `$select` (beautyfree/appstore-connect-mcp#2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.request import FunctionTool, Request
from interchange.hub.rules import Rules
from interchange.wire import codec

from .each import blocks_changed

_OTHER = re.compile(r"[^a-zA-Z0-9_.-]")
LENGTH, DIGEST = 64, 8
OWN = "#/properties/"
_SPACE = " \t\r\n"
Keys = Mapping[str, str]
"""One name -> another."""


def renamed(request: Request, rules: Rules) -> tuple[Request, dict[str, Keys]]:
    """The request with names that the rules allow, and per tool those as sent -> as the caller has them."""
    form = rules.key_form
    if form is None:
        return request, {}
    found = {
        tool.name: _sent(tool.schema, form)
        for tool in request.tools
        if isinstance(tool, FunctionTool) and tool.schema is not None
    }
    found = {name: sent for name, sent in found.items() if sent}
    if not found:
        return request, {}
    tools = tuple(
        replace(tool, schema=_schema(tool.schema, found[tool.name]))
        if isinstance(tool, FunctionTool) and tool.name in found and tool.schema is not None
        else tool
        for tool in request.tools
    )
    request = blocks_changed(replace(request, tools=tools), lambda block: _block(block, found))
    return request, {name: {new: old for old, new in sent.items()} for name, sent in found.items()}


def _sent(schema: Mapping[str, Any], form: re.Pattern[str]) -> dict[str, str]:
    """The caller's name -> the one that is sent, for those of another form."""
    properties = schema.get("properties")
    names = list(properties) if isinstance(properties, Mapping) else []
    taken = {name for name in names if form.fullmatch(name)}
    sent: dict[str, str] = {}
    for name in names:
        if name not in taken:
            sent[name] = _name(name, taken | set(sent.values()))
    return sent


def _name(name: str, taken: set[str]) -> str:
    """The name with other signs left out, and a digest of it where that is long or another's."""
    clean = _OTHER.sub("_", name)
    if clean and len(clean) <= LENGTH and clean not in taken:
        return clean
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]
    return f"{clean[: LENGTH - DIGEST - 1]}_{digest}"


def _schema(schema: Mapping[str, Any], sent: Keys) -> dict[str, Any]:
    out: dict[str, Any] = _referring(schema, sent)
    out["properties"] = {sent.get(name, name): inner for name, inner in out["properties"].items()}
    for word in ("required", "propertyOrdering"):
        if isinstance(out.get(word), list):
            out[word] = [sent.get(name, name) if isinstance(name, str) else name for name in out[word]]
    return out


def _referring(value: Any, sent: Keys) -> Any:
    """References to the properties follow their names."""
    if isinstance(value, Mapping):
        return {
            name: _reference(inner, sent) if name == "$ref" and isinstance(inner, str) else _referring(inner, sent)
            for name, inner in value.items()
        }
    return [_referring(inner, sent) for inner in value] if isinstance(value, list) else value


def _reference(pointer: str, sent: Keys) -> str:
    if not pointer.startswith(OWN):
        return pointer
    name, slash, rest = pointer.removeprefix(OWN).partition("/")
    meant = unquote(name).replace("~1", "/").replace("~0", "~")
    return f"{OWN}{sent[meant]}{slash}{rest}" if meant in sent else pointer


def _block(block: b.Block, found: Mapping[str, Keys]) -> b.Block:
    """A call of the past, with the names that the model knows now."""
    if not isinstance(block, b.ToolUse) or block.name not in found or block.kind != "function":
        return block
    try:
        given = codec.loads(block.arguments)
    except ValueError:
        return block
    sent = found[block.name]
    if not isinstance(given, dict) or not any(name in sent for name in given):
        return block
    return replace(block, arguments=codec.dumps_text({sent.get(name, name): value for name, value in given.items()}))


@dataclass(slots=True)
class Renaming:
    """The JSON text of an object in, the same out with other names of its members."""

    names: Keys
    _depth: int = 0
    _object: bool = False
    _key: bool = False
    """A name may begin here."""
    _held: str = ""
    """A name that has begun, with its quotation mark."""
    _text: bool = False
    _escaped: bool = False

    def feed(self, text: str) -> str:
        return "".join([self._sign(sign) for sign in text])

    def finish(self) -> str:
        held, self._held = self._held, ""
        return held

    def _sign(self, sign: str) -> str:
        if not self._text:
            return self._outside(sign)
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._text = False
        if not self._held:
            return sign
        self._held += sign
        return "" if self._text else self._named()

    def _outside(self, sign: str) -> str:
        match sign:
            case '"':
                self._text = True
                if self._key:
                    self._key, self._held = False, sign
                    return ""
            case "{" | "[":
                self._object = self._object or (sign == "{" and self._depth == 0)
                self._depth += 1
                self._key = self._depth == 1 and self._object
            case "}" | "]":
                self._depth -= 1
            case ",":
                self._key = self._depth == 1 and self._object
            case _:
                pass  # numbers, words, spaces and colons say nothing of names
        return sign

    def _named(self) -> str:
        held = self.finish()
        try:
            name = codec.loads(held)
        except ValueError:
            return held
        return codec.dumps_text(self.names[name]) if name in self.names else held
