"""aider: a message, and another over the same history with another model. It has no tools of the vendor's."""

from commands import FOLDER, started, tell_of
from harness import BASE, KEY


def prompt(home, model, text, again):
    return started(
        home,
        *(str(FOLDER / "bin" / "python"), "-m", "aider", "--model", f"openai/{model}", "--message", text),
        *("--no-git", "--no-check-update", "--no-show-model-warnings", "--no-analytics", "--yes-always", "--no-pretty"),
        *(["--restore-chat-history"] if again else []),
        OPENAI_API_BASE=BASE,
        OPENAI_API_KEY=KEY,
    )


tell_of(prompt, "chat ")
