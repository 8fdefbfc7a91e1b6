"""opencode: a prompt, and another that continues its session with another model."""

import json

from commands import FOLDER, started, tell_of
from harness import BASE, KEY, MODELS


def prompt(home, model, text, again):
    options = {"baseURL": BASE, "apiKey": KEY}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {name: {} for name in MODELS}}
    settings = {"provider": {"i": provider}, "permission": {"bash": "allow"}, "autoupdate": False}
    settings["small_model"] = f"i/{model}"
    (home / "opencode.json").write_text(json.dumps(settings))
    command = (str(FOLDER / "node_modules" / ".bin" / "opencode"), "run", "--model", f"i/{model}")
    return started(home, *command, *(["--continue"] if again else []), text)


tell_of(prompt, "chat ")
