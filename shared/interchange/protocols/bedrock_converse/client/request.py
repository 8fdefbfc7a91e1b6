"""Parameters and reasoning, hub -> Converse.

How much to think, hub -> wire: Claude's own `thinking` and `output_config` as `additionalModelRequestFields`.

Traits: "thinking" is "budget" or "adaptive" (https://docs.aws.amazon.com/bedrock/latest/userguide/
claude-messages-adaptive-thinking.html: from Claude Opus 4.7 on a budget is refused), absent for a model that does not
think; "efforts" the words that it takes (low, medium, high where not said); "can_disable" False for one that always
thinks.
"""

from __future__ import annotations

import re
from typing import Any

from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire import codec
from interchange.wire.schema import MESSAGES_OUTPUT, sanitize

from ..words import EFFORT_BUDGETS, INFERENCE, LEAST_BUDGET
from .tools import forced

SAMPLING = frozenset({"temperature", "top_p", "top_k"})


TAG = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,-.]{0,256}")
"""A name or a value of `requestMetadata`, of which there are 16: botocore's service model of bedrock-runtime."""
MOST_TAGS = 16


TOP_K_MOST = {"inferenceConfig.topK": 128}
"""https://docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html: "0-128"."""


def write_metadata(request: r.Request, losses: Losses) -> JsonObject:
    """`requestMetadata`; what has no place in it is a loss, as it says nothing to the model."""
    out: JsonObject = {}
    for name, value in (request.metadata or {}).items():
        if name and TAG.fullmatch(name) and TAG.fullmatch(str(value)) and len(out) < MOST_TAGS:
            out[name] = str(value)
        else:
            losses.drop("metadata", "Converse takes 16 entries, of 256 letters, digits and plain signs")
    return out


def _unsampled(name: str, value: float, profile: Profile, losses: Losses) -> bool:
    """True for a sampling parameter that the model does not take. 1 is what the absence of most of them means."""
    if name not in SAMPLING or profile.traits.get("sampling") is not False:
        return False
    if value != 1 or name == "top_k":
        losses.drop(name, "this model takes no sampling parameters")
    return True


def write_inference(request: r.Request, profile: Profile, thinking: bool, losses: Losses) -> JsonObject:
    out: JsonObject = {}
    for name, said in INFERENCE.items():
        value = getattr(request, name)
        if value is None or _unsampled(name, value, profile, losses):
            continue
        if thinking and name in ("temperature", "top_p"):
            losses.drop(name, "not allowed together with thinking")
            continue
        if name in ("temperature", "top_p") and not 0 <= value <= 1:
            raise invalid(f"{name}: this model takes 0 to 1, not {value}", name)
        out[said] = value
    if profile.traits.get("sampling") == "one" and "temperature" in out and "topP" in out:
        if out["temperature"] == 1:
            del out["temperature"]
        elif out.pop("topP") != 1:
            losses.drop("top_p", "this model takes temperature or top_p, not both")
    if request.stop:
        out["stopSequences"] = list(request.stop)
    return out


def write_top_k(request: r.Request, profile: Profile, losses: Losses) -> dict[str, Any]:
    """Among the model's own fields, where it has one: trait "top_k" is where ("inferenceConfig.topK" of Nova), False
    for a model without (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html)."""
    if request.top_k is None or _unsampled("top_k", request.top_k, profile, losses):
        return {}
    where = profile.traits.get("top_k", "top_k")
    if where is False:
        losses.drop("top_k", "this model has no such parameter")
        return {}
    if request.top_k > TOP_K_MOST.get(where, request.top_k):
        raise invalid(f"top_k: this model takes 0 to {TOP_K_MOST[where]}, not {request.top_k}", "top_k")
    out: Any = request.top_k
    for name in reversed(str(where).split(".")):
        out = {name: out}
    return dict(out)


def write_output(request: r.Request, profile: Profile, losses: Losses) -> JsonObject:
    """`outputConfig.textFormat`. Objects have to be closed, as for Claude elsewhere:
    https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html."""
    wanted = request.output_format
    if wanted is None or wanted.kind is r.OutputKind.TEXT:
        return {}
    if profile.traits.get("structured_output") is False:
        raise invalid("response_format: this model cannot be held to a schema", "response_format")
    if wanted.kind is r.OutputKind.JSON:
        raise invalid("response_format: this model needs a schema (type json_schema)", "response_format")
    if wanted.schema is None:
        raise invalid("response_format: a json_schema format needs a schema", "response_format")
    adapted, dropped = sanitize(wanted.schema, MESSAGES_OUTPUT)
    for item in dropped:
        losses.drop(f"response_format.json_schema.schema.{item.path}".rstrip("."), item.reason)
    schema: JsonObject = {"schema": codec.dumps_text(adapted), "name": wanted.name or "answer"}
    if wanted.description:
        schema["description"] = wanted.description
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


EFFORTS = tuple(EFFORT_BUDGETS)


def write_reasoning(request: r.Request, profile: Profile, losses: Losses, begun_without: bool) -> dict[str, Any]:
    """The fields; none where thinking is not asked for, or a loss says why not. `begun_without`: the turn to go on with
    began without a thought."""
    asked, style = request.reasoning, profile.traits.get("thinking")
    if asked is None:
        return {}
    field = "reasoning_effort" if asked.effort else "thinking"
    if asked.mode is r.ThinkingMode.DISABLED or asked.effort == "none":
        return _off(profile, losses, field)
    if style not in ("budget", "adaptive"):
        losses.drop(field, "this model has no reasoning setting")
        return {}
    if forced(request):
        losses.drop(field, "not allowed together with a forced tool")
        return {}
    if asked.display not in (None, "full"):
        losses.drop("thinking.display", "Converse shows the thinking that there is")
    if style == "adaptive":
        return _adaptive(asked, profile, losses)
    if begun_without:
        losses.drop(field, "the turn to go on with began without thinking")
        return {}
    return _budget(asked, (request.max_tokens or profile.max_output or EFFORT_BUDGETS["max"]) - 1, losses, field)


def _off(profile: Profile, losses: Losses, field: str) -> dict[str, Any]:
    if profile.traits.get("thinking") != "adaptive":
        return {}
    if profile.traits.get("can_disable") is False:
        losses.drop(field, "this model always thinks")
        return {}
    return {"thinking": {"type": "disabled"}}


def _adaptive(asked: r.Reasoning, profile: Profile, losses: Losses) -> dict[str, Any]:
    if asked.budget is not None and asked.budget > 0:
        losses.drop("thinking.budget_tokens", "this model thinks as it sees fit, steered by an effort")
    out: dict[str, Any] = {"thinking": {"type": "adaptive"}}
    if asked.effort is None:
        return out
    able = [word for word in EFFORTS if word in profile.traits.get("efforts", ("low", "medium", "high"))]
    wanted = EFFORTS.index(asked.effort) if asked.effort in EFFORTS else EFFORTS.index("medium")
    found = next((word for word in able if EFFORTS.index(word) >= wanted), able[-1])
    if found != asked.effort:
        losses.drop("reasoning_effort", f"sent as {found}")
    return {**out, "output_config": {"effort": found}}


def _budget(asked: r.Reasoning, ceiling: int, losses: Losses, field: str) -> dict[str, Any]:
    if ceiling < LEAST_BUDGET:
        losses.drop(field, "max_tokens leaves no room for thinking")
        return {}
    wanted = asked.budget if asked.budget and asked.budget > 0 else None
    if asked.effort is not None and asked.effort not in EFFORT_BUDGETS:
        losses.drop(field, "sent as medium: this model has no such effort")
    budget = max(LEAST_BUDGET, min(wanted or EFFORT_BUDGETS.get(asked.effort or "medium", 8192), ceiling))
    if wanted not in (None, budget):
        losses.drop("thinking.budget_tokens", f"sent as {budget}: at least {LEAST_BUDGET}, less than max_tokens")
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}
