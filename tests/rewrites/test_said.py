"""Words that stand for what a model's protocol has no block for."""

from __future__ import annotations

import pytest

from interchange.hub import blocks as b
from interchange.hub.request import Request
from interchange.hub.rules import Rules
from interchange.rewrites.said import readable

USE = b.ServerToolUse("srv_1", "bash", '{"command":"ls"}', "code_execution", "anthropic_messages", {})
RESULT = b.ServerToolResult("srv_1", "code_execution", "anthropic_messages", {"type": "bash_result", "stdout": "out"})
SAID = ('[bash: {"command":"ls"}]', "[bash_result]\nout")
LOOK, DONE = b.Text("Let me look."), b.Text("Done.")


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ((LOOK, USE, RESULT, DONE), f"Let me look.\n{SAID[0]}\n{SAID[1]}\nDone."),
        ((USE, RESULT, DONE), f"{SAID[0]}\n{SAID[1]}\nDone."),
        ((LOOK, USE, RESULT), f"Let me look.\n{SAID[0]}\n{SAID[1]}"),
        ((LOOK, DONE), "Let me look.Done."),
    ],
    ids=["between", "first", "last", "none"],
)
def test_words_for_a_call_that_a_vendor_ran_have_a_line_of_their_own(turn: tuple[b.Block, ...], said: str) -> None:
    """Vendors put the texts of a turn together as they are; the caller's own texts stay as they were said."""
    request = Request("m", (b.Message(b.Role.ASSISTANT, turn),))
    (message,) = readable(request, Rules(speaks="openai_chat")).messages
    assert "".join(block.text for block in message.content if isinstance(block, b.Text)) == said
