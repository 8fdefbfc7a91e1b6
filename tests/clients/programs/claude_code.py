"""Claude Code: a prompt, and another that continues its session with another model."""

import json

from commands import FOLDER, started, tell_of
from harness import KEY, URL


def prompt(home, model, text, again):
    told = started(
        home,
        str(FOLDER / "node_modules" / ".bin" / "claude"),
        "-p",
        text,
        *(["--continue"] if again else []),
        *("--output-format", "json", "--allowedTools", "Bash"),
        ANTHROPIC_BASE_URL=URL,
        ANTHROPIC_API_KEY=KEY,
        ANTHROPIC_MODEL=model,
        ANTHROPIC_DEFAULT_HAIKU_MODEL=model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
    )
    return json.loads(told)["result"]


tell_of(prompt, "messages ")
