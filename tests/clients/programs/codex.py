"""Codex: a prompt, and another that resumes its session with another model."""

import json

from commands import FOLDER, started, tell_of
from harness import BASE, KEY


def prompt(home, model, text, again):
    provider = f'{{name="i",base_url="{BASE}",env_key="INTERCHANGE_KEY",wire_api="responses"}}'
    asked = (
        *("--skip-git-repo-check", "--json", "--model", model, "--config", 'model_provider="i"'),
        *("--config", f"model_providers.i={provider}", "--config", 'model_reasoning_effort="low"'),
        *("--config", 'sandbox_mode="danger-full-access"', "--config", 'approval_policy="never"'),
    )
    command = ("exec", "resume", "--last", *asked, text) if again else ("exec", *asked, text)
    told = started(home, str(FOLDER / "node_modules" / ".bin" / "codex"), *command, INTERCHANGE_KEY=KEY)
    events = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    done = [event["item"] for event in events if event["type"] == "item.completed"]
    if not any(item["type"] == "command_execution" for item in done):
        return f"no tool ran: {[item['type'] for item in done]}"
    return next(item["text"] for item in reversed(done) if item["type"] == "agent_message")


tell_of(prompt, "responses ")
