"""The trace of the invocation that a request came in, where the platform traces: several may be served at once."""

from __future__ import annotations

from contextvars import ContextVar

TRACE_ID: ContextVar[str] = ContextVar("trace_id", default="")
"""As the platform gives it: `Root=1-...;Parent=...;Sampled=1`, or "". Tasks that a request starts have its own."""


def read_root(trace: str) -> str:
    """The id that X-Ray's console finds it by, or "". https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html"""
    fields = dict(part.partition("=")[::2] for part in trace.split(";"))
    return fields.get("Root", "")
