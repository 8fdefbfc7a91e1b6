"""What every program of this folder does: `python NAME.py URL KEY MODEL...` has a conversation of two turns with each
model, whole and streamed: the first calls two tools at once, the second goes to the next model of the list. Prints one
JSON object: the case -> "ok", or what went wrong.

A program gives `run` its `talk(first, second, stream)`, which returns the two texts. The tools note their calls.
"""

import json
import os
import sys
import traceback

URL, KEY, *MODELS = sys.argv[1:]
BASE = f"{URL}/v1"
FIRST = "Please call look_around and listen_closely, then say what tree it is."
SECOND = "And what bird?"
SYSTEM = "Speak of trees."
WORD = "says the vendor"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of a tree, base64 of a PNG."""
called = []

for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
    os.environ[name] = KEY
os.environ["OPENAI_BASE_URL"] = os.environ["OPENAI_API_BASE"] = BASE
os.environ["ANTHROPIC_BASE_URL"] = URL


def look_around(place: str) -> str:
    """Looks around at a place.

    Args:
        place: where to look
    """
    called.append("look_around")
    return "an oak"


def listen_closely(place: str) -> str:
    """Listens at a place.

    Args:
        place: where to listen
    """
    called.append("listen_closely")
    return "a wren"


def checked(texts):
    """What is wrong with a conversation; None for nothing."""
    missing = {"look_around", "listen_closely"} - set(called)
    if missing:
        return f"not called: {sorted(missing)}"
    for number, text in enumerate(texts, 1):
        if WORD not in str(text):
            return f"turn {number}: {str(text)[:200]!r}"
    return None if len(texts) == 2 else f"{len(texts)} turns"


def parsed(objects):
    """What is wrong with two objects of a schema; None for nothing."""
    wrong = [repr(one)[:200] for one in objects if not getattr(one, "name", None)]
    return wrong or (None if len(objects) == 2 else f"{len(objects)} turns")


def run(talk, streams=(False, True), label="", changes=True, check=checked):
    found = {}
    for at, first in enumerate(MODELS):
        second = MODELS[(at + 1) % len(MODELS)] if changes else first
        for stream in streams:
            called.clear()
            try:
                wrong = check(talk(first, second, stream))
            except Exception as error:  # noqa: BLE001 - whatever the library raises is the result
                wrong = f"{type(error).__name__}: {error}"[:400] or traceback.format_exc()[-400:]
            found[f"{label}{first} {'stream' if stream else 'whole'}"] = wrong or "ok"
    return found


def tell(*parts):
    print("\n" + json.dumps({case: result for part in parts for case, result in part.items()}))
