"""`generationConfig`: sampling, limits, the form of the answer.

How much to think, as `thinkingConfig`.

Traits of the model: "thinking" is "level" (Gemini 3: `thinkingLevel`) or "budget" (2.5: `thinkingBudget` in tokens),
absent for a model that does not think; "levels" the words it takes; "budget_range" [least, most]; "can_disable".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import OutputFormat, OutputKind, Reasoning, Request, ThinkingMode
from interchange.protocols.account import account
from interchange.protocols.faces import Profile

from ..words import EFFORT_BUDGET, EFFORT_LEVEL, LEVELS
from .tools import Tools

MAX_STOPS = 5
"""https://ai.google.dev/api/generate-content#v1beta.GenerationConfig: "up to 5"."""
SEED_LIMIT = 2**31
"""`seed` is an int32 on the wire."""
RENAMED: tuple[tuple[str, str], ...] = (
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("max_tokens", "maxOutputTokens"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
    ("seed", "seed"),
    ("logprobs", "responseLogprobs"),
    ("top_logprobs", "logprobs"),
)
"""Request fields that are the same thing under another name."""
SAMPLING = (("temperature", "temperature"), ("topP", "top_p"), ("topK", "top_k"))
"""Refused with a 400 from Gemini 3.6 Flash and 3.5 Flash-Lite on
(https://ai.google.dev/gemini-api/docs/generate-content/whats-new-gemini-3.6), as is an ending with a model's turn."""
KNOWN = frozenset(name for name, _ in RENAMED) | {"parallel_tool_calls", "store", "audio"}
"""Request fields that are written or judged here, beside those that every client reads."""


@dataclass(frozen=True, slots=True)
class Generation:
    profile: Profile
    losses: Losses
    tools: Tools

    def write(self, request: Request) -> dict[str, Any]:
        account(request, KNOWN, self.losses, "Gemini has no such parameter")
        if request.store:
            self.losses.drop("store", "Gemini does not store answers for later")
        values = ((name, getattr(request, field)) for field, name in RENAMED)
        config: dict[str, Any] = {name: value for name, value in values if value is not None}
        if request.top_logprobs is not None and request.logprobs is None:
            config["responseLogprobs"] = True  # Responses has no switch of its own for it
        self._leave_out(config)
        if request.max_tokens == 0:  # which Messages takes, to fill a cache
            raise invalid("max_tokens: this model takes 1 at least", "max_tokens")
        if request.stop:
            if len(request.stop) > MAX_STOPS:
                raise invalid(f"stop: this model takes at most {MAX_STOPS} stop sequences", "stop")
            if "" in request.stop:
                raise invalid("stop: this model takes no empty stop sequence", "stop")
            config["stopSequences"] = list(request.stop)
        if request.n is not None and request.n != 1:
            most = self.profile.traits.get("candidates", 8)
            if not 1 <= request.n <= most:
                raise invalid(f"n: this model gives 1 to {most} answers at a time", "n")
            config["candidateCount"] = request.n
        config.update(self._form(request.output_format))
        config.update(self._media(request))
        if request.reasoning is not None:
            thinking = write_thinking(request.reasoning, self.profile.traits, self.losses)
            if thinking:
                config["thinkingConfig"] = thinking
        return config

    def _leave_out(self, config: dict[str, Any]) -> None:
        """Numbers that this model does not take. A penalty of 0 is none: any other is refused from Gemini 2.5 on
        (google-gemini/cookbook#1290, vercel/ai#8943: "Penalty is not enabled for this model")."""
        for name, said in (("frequencyPenalty", "frequency_penalty"), ("presencePenalty", "presence_penalty")):
            if name in config and self.profile.traits.get("penalties") is False and config.pop(name):
                self.losses.drop(said, "this model takes no penalties")
        if self.profile.traits.get("sampling") is False:
            for name, said in SAMPLING:
                value = config.pop(name, None)
                if value is not None and (value != 1 or name == "topK"):  # 1 is the others' absence
                    self.losses.drop(said, "this model takes no sampling parameters")
        if not -SEED_LIMIT <= config.get("seed", 0) < SEED_LIMIT:
            del config["seed"]
            self.losses.drop("seed", "Gemini takes seeds of 32 bits")

    def _form(self, form: OutputFormat | None) -> dict[str, Any]:
        if form is None or form.kind is OutputKind.TEXT:
            return {}
        if self.profile.traits.get("structured_output") is False:
            raise invalid("response_format: this model cannot be held to JSON", "response_format")
        if form.kind is OutputKind.SCHEMA and form.schema is None:
            raise invalid("response_format: a json_schema format needs a schema", "response_format")
        if form.schema is None:
            return {"responseMimeType": "application/json"}
        schema = self.tools.schema(form.schema, "response_format.json_schema.schema")
        if form.description and "description" not in schema:
            schema = {**schema, "description": form.description}
        name = "responseJsonSchema" if self.tools.dialect.json_schema else "responseSchema"
        return {"responseMimeType": "application/json", name: schema}

    def _media(self, request: Request) -> dict[str, Any]:
        config: dict[str, Any] = {}
        if request.modalities:
            config["responseModalities"] = [modality.upper() for modality in request.modalities]
        if request.audio is not None:
            voice = _voice(request.audio)
            if voice is not None:
                config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
            if request.audio.get("format") not in (None, "pcm16"):
                self.losses.drop("audio.format", "Gemini speaks in pcm16, at 24 kHz")
        return config


def _voice(audio: Mapping[str, Any]) -> str | None:
    voice = audio.get("voice")
    if isinstance(voice, Mapping):
        raise invalid("audio.voice: this model has named voices only", "audio.voice")
    return voice


DYNAMIC = -1
SPENT = "thinking.budget_tokens"
LEVEL_LIMITS: tuple[tuple[int, str], ...] = ((1024, "low"), (8192, "medium"))
"""Budgets that a level stands for; greater ones are "high". The reverse of Google's own table (vocabulary)."""


def write_thinking(asked: Reasoning, traits: Mapping[str, Any], losses: Losses) -> dict[str, Any]:
    """`thinkingConfig`, or nothing. A budget or level that the model does not have is brought to the nearest one, and
    reported: the amount of thought steers the answer and does not change what was asked."""
    field = "reasoning_effort" if asked.effort is not None else "thinking"
    off = asked.mode is ThinkingMode.DISABLED or asked.effort == "none" or asked.budget == 0
    style = traits.get("thinking")
    if style not in ("level", "budget"):
        if not off:
            losses.drop(field, "this model has no reasoning setting")
        return {}
    if asked.display == "full":
        losses.drop("thinking.display", "Gemini shows summaries of its thoughts")
    config = {} if off or asked.display == "omitted" or asked == Reasoning() else {"includeThoughts": True}
    if style == "level":
        return {**config, **_level(asked, off, traits, field, losses)}
    return {**config, **_budget(asked, off, traits, field, losses)}


def _level(asked: Reasoning, off: bool, traits: Mapping[str, Any], field: str, losses: Losses) -> dict[str, Any]:
    levels = [level for level in LEVELS if level in traits.get("levels", LEVELS[:4])]
    if off:
        if traits.get("can_disable"):
            return {"thinkingBudget": 0}
        losses.drop(field, f"this model always thinks: sent as {levels[0]}")
        return {"thinkingLevel": levels[0].upper()}
    if asked.effort is not None:
        wanted = EFFORT_LEVEL.get(asked.effort, "high")
        if asked.budget is not None:
            losses.drop(SPENT, "this model thinks by level, and the effort says which")
    elif asked.budget is not None and asked.budget != DYNAMIC:
        wanted = next((level for limit, level in LEVEL_LIMITS if asked.budget <= limit), "high")
        losses.drop(SPENT, f"this model thinks by level: sent as {_nearest(wanted, levels)}")
    else:
        return {}
    level = _nearest(wanted, levels)
    if level != wanted or asked.effort not in (None, *LEVELS):
        losses.drop(field, f"sent as {level}")
    return {"thinkingLevel": level.upper()}


def _nearest(wanted: str, levels: list[str]) -> str:
    """The level itself, else the next stronger one, else the strongest."""
    return next((level for level in levels if LEVELS.index(level) >= LEVELS.index(wanted)), levels[-1])


def _budget(asked: Reasoning, off: bool, traits: Mapping[str, Any], field: str, losses: Losses) -> dict[str, Any]:
    least, most = traits.get("budget_range", (0, EFFORT_BUDGET["high"]))
    if off:
        if traits.get("can_disable", least == 0):
            return {"thinkingBudget": 0}
        losses.drop(field, f"this model always thinks: sent as {least} tokens")
        return {"thinkingBudget": least}
    if asked.budget is not None:
        budget = asked.budget
        if asked.effort is not None:
            losses.drop(field, "this model thinks by budget, and one is given")
    elif asked.effort is not None:
        budget = EFFORT_BUDGET.get(asked.effort, most)
        if asked.effort not in EFFORT_LEVEL:
            losses.drop(field, "this model has no such effort: sent as its greatest budget")
    else:
        return {"thinkingBudget": DYNAMIC} if asked.mode is ThinkingMode.ADAPTIVE else {}
    if budget == DYNAMIC:
        return {"thinkingBudget": DYNAMIC}
    within = max(least, min(most, budget))
    if within != budget and asked.budget is not None:
        losses.drop(SPENT, f"this model thinks for {least} to {most} tokens: sent as {within}")
    return {"thinkingBudget": within}
