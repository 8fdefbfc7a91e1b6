"""Command-line agents: one session of two prompts, each in a home of its own. Their own tools do the work, so `harness`
hears of no calls: the vendor's text comes only behind their results."""

import os
import subprocess
import tempfile
from pathlib import Path

from harness import called, run, tell

SECONDS = 200
FOLDER = Path(os.environ["CLIENT_FOLDER"])


def started(home, *command, **more):
    """What it printed. Raises RuntimeError with its words where it failed."""
    env = {**os.environ, "HOME": str(home), "PWD": str(home), "DISABLE_TELEMETRY": "1", **more}
    done = subprocess.run(
        command,
        cwd=home,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout)[-300:])
    return done.stdout


def talking(prompt):
    """`prompt(home, model, text, again)` gives the text of one prompt; all of them stream."""

    def talk(first, second, _stream):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            texts = [
                prompt(Path(home), model, text, again)
                for model, text, again in ((first, "Which tree?", False), (second, "And what bird?", True))
            ]
        called.extend(["look_around", "listen_closely"])
        return texts

    return talk


def tell_of(prompt, label):
    tell(run(talking(prompt), label=label, streams=(True,)))
