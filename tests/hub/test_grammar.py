"""What may follow what in a stream."""

from __future__ import annotations

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.grammar import DELTA_OF, Grammar, GrammarError
from interchange.hub.usage import Usage

START = e.MessageStart()
STOP = e.MessageStop((e.Stop(e.StopReason.END),))
FAILED = e.StreamFailed(Failure(ErrorKind.API, "x"))
TEXT = e.BlockStart(0, b.Text(""))


def check(*events: e.Event) -> None:
    grammar = Grammar()
    for event in events:
        grammar.check(event)
    grammar.end()


@pytest.mark.parametrize(
    "events",
    [
        [START, STOP],
        [START, FAILED],
        [START, TEXT, FAILED],
        [START, e.UsageReported(Usage()), e.Note("x", {}), e.Logprobs(0), STOP],
        [START, TEXT, e.TextDelta(0, "a"), e.UsageReported(Usage()), e.BlockStop(0), STOP],
        [START, TEXT, e.BlockStop(0), e.BlockStart(1, b.Thinking("")), e.BlockStop(1), STOP],
        [START, TEXT, e.BlockStart(1, b.Text(""), 1), e.BlockStop(0), e.BlockStop(1), STOP],
    ],
)
def test_what_is_allowed(events: list[e.Event]) -> None:
    check(*events)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [START],
        [STOP],
        [FAILED],
        [TEXT],
        [START, START, STOP],
        [START, STOP, STOP],
        [START, FAILED, STOP],
        [START, STOP, e.UsageReported(Usage())],
        [START, TEXT, STOP],
        [START, e.BlockStart(1, b.Text("")), e.BlockStop(1), STOP],
        [START, TEXT, e.BlockStart(1, b.Text("")), e.BlockStop(0), e.BlockStop(1), STOP],
        [START, TEXT, e.BlockStop(0), e.TextDelta(0, "late"), STOP],
        [START, TEXT, e.BlockStop(0), e.BlockStop(0), STOP],
        [START, TEXT, e.ThinkingDelta(0, "in a text"), e.BlockStop(0), STOP],
        [START, e.TextDelta(0, "nowhere"), STOP],
        [START, e.MessageStop(())],
    ],
)
def test_what_is_not(events: list[e.Event]) -> None:
    with pytest.raises(GrammarError):
        check(*events)


DELTAS: list[e.Event] = [
    e.TextDelta(0, ""),
    e.ThinkingDelta(0, ""),
    e.RefusalDelta(0, ""),
    e.ArgumentsDelta(0, ""),
    e.CitationDelta(0, b.Citation("x", {})),
    e.StateDelta(0, b.Continuation("x", "y")),
    e.AudioDelta(0),
]
SHELLS: list[b.Block] = [
    b.Text(""),
    b.Thinking(""),
    b.Refusal(""),
    b.RedactedThinking(b.Continuation("x", "y")),
    b.ToolUse("", "", ""),
    b.ServerToolUse("", "", "", "other", "x", {}),
    b.Audio(b.Base64Source("audio/wav", ""), "wav"),
    b.Image(b.Base64Source("image/png", "")),
    b.Opaque("x", {}),
]


@pytest.mark.parametrize("delta", DELTAS, ids=lambda delta: type(delta).__name__)
@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: type(shell).__name__)
def test_a_delta_stands_in_its_own_kind_of_block(delta: e.Event, shell: b.Block) -> None:
    events: list[e.Event] = [START, e.BlockStart(0, shell), delta, e.BlockStop(0), STOP]
    if isinstance(shell, DELTA_OF[type(delta)]):
        check(*events)
    else:
        with pytest.raises(GrammarError):
            check(*events)


def test_every_delta_is_in_the_table() -> None:
    assert {type(delta) for delta in DELTAS} == set(DELTA_OF)
