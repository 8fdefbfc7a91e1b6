"""`make replay`: any event through its function without AWS, and requests recorded as events."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from local import recorded, recording, replay
from local.laptop import ROOT, free_port

KEY = recorded.CALLERS[0].key


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.replay", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_an_event_is_seeded_served_and_shown_with_its_charge() -> None:
    done = command("chat/rest-stream")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "status 200" and "data: [DONE]" in lines
    assert any(line.startswith("x-interchange-request-id: ") for line in lines)
    assert lines[-1].startswith("charged 0.00") and lines[-1].endswith(" USD")


def test_a_function_that_is_not_asked_over_http_shows_what_it_returns() -> None:
    done = replay.replay(*recorded.read("sweep/schedule"))
    assert done.charged_nano is None and done.answer["released"] == 1
    assert json.loads(replay.shown(done)) == done.answer


def test_an_event_that_is_none_is_one_line() -> None:
    done = command("chat/nothing")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "replay: chat/nothing: neither an event of events/" in done.stderr
    assert command().stderr.startswith("replay: say which event")
    done = command("chat/outcomes")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "no requestContext" in done.stderr


@pytest.mark.parametrize(
    ("event", "function"),
    [({"rawPath": "/prod/v1/messages"}, "messages"), ({"path": "/v1/keys/1"}, "account"), ({"source": "aws"}, "sweep"),
     ({"path": "/stage/admin/accounts"}, "admin"), ({"requestContext": {"http": {"path": "/console/"}}}, "console"),
     ({"path": "/v1/unknown"}, "chat")],
)  # fmt: skip
def test_a_files_function_is_the_one_of_its_path(event: dict[str, Any], function: str) -> None:
    assert recorded.function_of(event) == function


def test_every_recorded_event_leads_to_its_own_function() -> None:
    for file in sorted(recorded.EVENTS.glob("*/*.json")):
        if file.name == "outcomes.json" or "unknown-path" in file.name or "health" in file.name:
            continue
        assert recorded.function_of(json.loads(file.read_text())) == file.parent.name, file


ASKED = {
    "model": "gpt-4o-mini", "max_tokens": 40,
    "messages": [
        {"role": "system", "content": "Ada Lovelace lives at 12 Example Road."},
        {"role": "user", "content": [
            {"type": "text", "text": "Écoute!"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8=", "detail": "low"}},
        ]},
    ],
    "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {
        "type": "object", "properties": {"where": {"type": "string"}}, "required": ["where"]}}}],
}  # fmt: skip


def test_a_live_request_becomes_an_event_that_can_be_replayed(tmp_path: Path) -> None:
    file, port = tmp_path / "mine.json", free_port()
    taking = threading.Thread(target=recording.record, args=(file, None, port))
    taking.start()
    answer = httpx.Client(transport=httpx.HTTPTransport(retries=20)).post(
        f"http://127.0.0.1:{port}/v1/chat/completions?beta=1", json=ASKED,
        headers={"authorization": "Bearer sk-a-real-secret", "cookie": "session=secret",
                 "x-forwarded-for": "198.51.100.7"},
    )  # fmt: skip
    taking.join(30)
    assert answer.status_code == 503 and answer.json()["error"]["code"] == "recorded"
    text = file.read_text()
    for word in ("secret", "Ada", "Example Road", "198.51.100.7", "coute"):
        assert word not in text
    function, event = recorded.read(str(file))
    assert (function, event["rawQueryString"]) == ("chat", "beta=1")
    body = json.loads(event["body"])
    assert body["tools"][0]["function"]["parameters"] == ASKED["tools"][0]["function"]["parameters"]  # type: ignore[index]
    assert body["messages"][0] == {"role": "system", "content": "xxx xxxxxxxx xxxxx xx xx xxxxxxx xxxx."}
    assert body["messages"][1]["content"][1]["image_url"] == {"url": "data:image/png;base64,xxxxxxx=", "detail": "low"}
    done = replay.replay(function, {**event, "body": json.dumps({**body, "messages": body["messages"][:1]})})
    assert done.answer["statusCode"] == 200 and done.charged_nano


def lines_of_a_log() -> dict[str, str]:
    event = json.loads((recorded.EVENTS / "messages" / "url-bearer.json").read_text())
    own = {"level": "INFO", "message": "request", "model": "claude-sonnet-4-5", "request_id": "r", "charge_nano": 5}
    return {
        "an event in a field": json.dumps({"level": "INFO", "message": "asked", "event": event}),
        "an event in a field's text": "2026-11-29T06:00:00Z " + json.dumps({"@message": json.dumps({"event": event})}),
        "the gateway's own line": "START RequestId: 1\n" + json.dumps(own) + "\nEND",
    }


@pytest.mark.parametrize("kind", lines_of_a_log())
def test_a_line_of_a_log_becomes_an_event(kind: str, tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "event.json"
    log.write_text(lines_of_a_log()[kind])
    recording.record(file, str(log), 0)
    function, event = recorded.read(str(file))
    sent = {name.lower(): value for name, value in event["headers"].items()}
    assert KEY in (sent.get("x-api-key"), sent.get("authorization", "").removeprefix("Bearer "))
    assert function == ("chat" if kind == "the gateway's own line" else "messages")
    assert json.loads(event["body"])["model"].startswith("claude-")


def test_what_is_no_request_is_refused_by_one_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("nothing here {\n")
    done = command("--record", str(tmp_path / "e.json"), "--log", str(tmp_path / "log"))
    assert done.returncode == 2 and "no line of the log holds an event" in done.stderr
    form = recording.as_event("POST", "/v1/audio/transcriptions", {"content-type": "multipart/form-data"}, b"--x\xff")
    with pytest.raises(recording.NotRecorded, match="--keep-text"):
        recording.redacted(form)
    assert recording.redacted(form, keep_text=True)["body"] == form["body"]
