"""Pages for customers, in the order of the menu. A page's title is its first heading."""

from __future__ import annotations

from collections.abc import Mapping

CONTENTS: Mapping[str, Mapping[str, str]] = {
    "Start": {
        "quickstart": "base URL, key, first call in each SDK, headers",
        "console": "keys, spending, requests and a playground in the browser",
        "errors": "every status and code: what happened, what to do, whether it cost anything",
    },
    "Clients": {
        "clients/openai-python": "the OpenAI SDK in Python",
        "clients/openai-node": "the OpenAI SDK in Node",
        "clients/anthropic-python": "the Anthropic SDK in Python",
        "clients/anthropic-node": "the Anthropic SDK in Node",
        "clients/curl": "by hand",
        "clients/claude-code": "Claude Code on any model",
        "clients/codex": "Codex on any model",
        "clients/opencode": "opencode",
        "clients/cursor": "Cursor",
        "clients/cline": "Cline",
        "clients/langchain": "LangChain in Python",
        "clients/llamaindex": "LlamaIndex in Python",
        "clients/vercel-ai-sdk": "the Vercel AI SDK",
        "clients/openai-agents-sdk": "the OpenAI Agents SDK",
        "clients/pydantic-ai": "pydantic-ai",
        "clients/litellm": "LiteLLM",
        "clients/open-webui": "Open WebUI",
    },
    "Reference": {
        "account-api": "balance, usage, requests, keys and codes by program",
        "billing": "what is held and charged, disconnects, limits, repeats",
        "families": "embeddings, images, speech, transcription, uploads",
        "compatibility": "every parameter and block, pair by pair",
        "client-versions": "the clients that were tried, at which versions",
        "continuity": "reasoning when the model changes in mid-conversation",
        "mcp": "tools of MCP servers on any model: who runs them, approvals, limits",
        "faults": "what each fault of a vendor comes to, and what it costs",
        "privacy": "what is stored of a conversation, and for how long",
    },
}
PAGES = tuple(name for pages in CONTENTS.values() for name in pages)
