"""Numbers and words that no vendor takes, in a request that is to be translated.

A vendor's refusal would name its own field or none, and a word that nobody knows would be brought to the nearest effort
that somebody charges for. A request that is carried through is its vendor's to judge: new words work there on the day
they ship.
"""

from __future__ import annotations

from collections.abc import Mapping

from interchange.catalog.billed import CONTAINERS, UNPRICED, bills_by
from interchange.catalog.models import Model
from interchange.hub.failure import invalid
from interchange.hub.request import EFFORTS, HostedTool, Request, ToolMode

from .bound import REGIONS, TIERS

RANGES: dict[str, tuple[int, int]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "top_logprobs": (0, 20),
    "n": (1, 128),
}
"""The widest that a vendor states: https://platform.openai.com/docs/api-reference/chat/create,
https://ai.google.dev/api/generate-content#v1beta.GenerationConfig."""
VERBOSITIES = ("low", "medium", "high")
DISPLAYS = ("summarized", "omitted", "full")
SUMMARIES = ("auto", "concise", "detailed")
LOCATIONS = ("approximate",)
MODALITIES = ("text", "audio", "image", "video")
SEARCH_SIZES = ("low", "medium", "high")


def refuse_values(request: Request) -> None:
    """Raises RequestError naming the hub's field."""
    for name, (least, most) in RANGES.items():
        value = getattr(request, name)
        if value is not None and not least <= value <= most:
            raise invalid(f"{name}: expected a number from {least} to {most}, but got {value}", name, "invalid_value")
    _word(request.verbosity, VERBOSITIES, "verbosity")
    if request.reasoning is not None:
        _word(request.reasoning.effort, EFFORTS, "reasoning_effort")
        _word(request.reasoning.display, DISPLAYS, "thinking.display")
        _word(request.reasoning.summary, SUMMARIES, "reasoning.summary")
    for modality in request.modalities:
        _word(modality, MODALITIES, "modalities")
    _choice(request)
    for number, tool in enumerate(request.tools):
        if isinstance(tool, HostedTool) and tool.kind == "web_search":
            _word((tool.user_location or {}).get("type"), LOCATIONS, f"tools[{number}].user_location.type")
            _word(tool.raw.get("search_context_size"), SEARCH_SIZES, f"tools[{number}].search_context_size")


SPEEDS = {**TIERS, **REGIONS}
"""Fields that ask for a tier or a region -> their words -> the names in a price of what may be served."""
SEVERAL = ("gif",)
"""Formats of several pictures in one."""
CONTAINER_FIELDS, LEAST_MEMORY = ("container", "environment"), "1g"
"""OpenAI's `code_interpreter` and `shell`: openai-python 3.57.0, `types/responses/{tool,container_auto}_param.py`."""
CHEAPER = ("flex", "batch")
BILLED = frozenset({"image_generation"})
"""Kinds of vendor-run tools that are billed by what they make, beside the answer's tokens."""


def refuse_unpriced(request: Request, model: Model) -> None:
    """Raises RequestError naming the tool or the field: nothing is made for which the model has no price, nor at a
    speed or in a place that has none, and no model makes it that nobody priced."""
    _refuse_speeds(request, model)
    _refuse_fields(request, model)
    _refuse_containers(request, model)
    for number, tool in enumerate(request.tools):
        if not isinstance(tool, HostedTool) or tool.kind not in BILLED:
            continue
        if tool.kind not in (model.price.per_call or {}):
            said = f"the provider charges for what `{tool.kind}` makes, and this model has no price for it"
            raise invalid(f"tools[{number}]: {said}; POST /v1/images/generations makes pictures", f"tools[{number}]")
        for path, holder in (("model", tool.raw), ("svg.model", tool.raw.get("svg"))):
            if isinstance(holder, Mapping) and holder.get("model") is not None:
                where = f"tools[{number}].{path}"
                raise invalid(f"{where}: another model has another price; leave it out", where, "unsupported_parameter")
        if tool.raw.get("output_format") in SEVERAL or tool.raw.get("frame_count") is not None:
            where = f"tools[{number}].output_format"
            raise invalid(f"{where}: the price is of one picture, and has none of several", where, "unsupported_value")


def _refuse_fields(request: Request, model: Model) -> None:
    """A field that is said to be off asks for nothing."""
    for route in model.routes:
        for name, why in UNPRICED.get(route.provider, {}).items():
            value = request.extra.get(name)
            if value and not (isinstance(value, Mapping) and value.get("mode") == "off"):
                raise invalid(f"{name}: {why}", name, "unsupported_parameter")


def _refuse_containers(request: Request, model: Model) -> None:
    if not any(route.provider in CONTAINERS for route in model.routes):
        return
    for number, tool in enumerate(request.tools):
        if not isinstance(tool, HostedTool):
            continue
        for name in CONTAINER_FIELDS:
            holder = tool.raw.get(name)
            memory = holder.get("memory_limit") if isinstance(holder, Mapping) else None
            if memory not in (None, LEAST_MEMORY):
                path = f"tools[{number}].{name}.memory_limit"
                raise invalid(f"{path}: only a container of {LEAST_MEMORY} has a price here", path, "unsupported_value")


def _refuse_speeds(request: Request, model: Model) -> None:
    """Refuses a tier without a price. One cheaper than the base rates may be unpriced: it is charged at them."""
    for name, words in SPEEDS.items():
        word = request.service_tier if name == "service_tier" else request.extra.get(name)
        if word is None or not bills_by(model, name):
            continue
        served = words.get(word, (word,)) if isinstance(word, str) else (str(word),)
        priced = {*model.price.service_tiers, *model.price.regions, *CHEAPER}
        if served and not priced & set(served):
            raise invalid(f"{name}: {word!r} has no price with this model", name, "unsupported_value")


def _choice(request: Request) -> None:
    """An allowed subset of the caller's own tools that names none of them would leave the model without any."""
    choice = request.tool_choice
    if choice is None or choice.mode is ToolMode.NAMED or any(isinstance(tool, HostedTool) for tool in request.tools):
        return
    declared = {tool.name for tool in request.tools}
    for name in choice.names:
        if name not in declared and not request.mcp_servers:
            raise invalid(f"tool_choice: {name!r} is no tool of this request", "tool_choice", "invalid_value")


def _word(word: object, known: tuple[str, ...], path: str) -> None:
    if word is not None and word not in known:
        words = ", ".join(f"'{one}'" for one in known)
        raise invalid(f"{path}: {word!r} is none of {words}", path, "invalid_value")
