"""Ctrl-C ends the laptop's gateway quietly and wholly, requests that run included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.patience import PATIENCE_S
from tests.sdk.gateway import ROOT, free_port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_it_stops_without_a_word(number: signal.Signals) -> None:
    env = {**os.environ, "PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready "):
            url, key = line.split()[1], line.split()[3]
            break
    body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}'
    done = subprocess.run(
        [sys.executable, "-c", ASK, f"{url}/v1/chat/completions", key, body],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "simulator" in done.stdout, done.stderr
    process.send_signal(number)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, rest) == (0, "")


ASK = (
    "import sys, urllib.request as u\n"
    "r = u.Request(sys.argv[1], sys.argv[3].encode(), "
    "{'authorization': 'Bearer ' + sys.argv[2], 'content-type': 'application/json'})\n"
    "print(u.urlopen(r).read().decode())"
)
