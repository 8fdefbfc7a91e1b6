"""The first steps on a new stack: the vendors' keys into its secret, the operator's first account and key.

Doing it again stores the keys that changed and makes no second account.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping

from . import account_actions, stack
from .bedrock_access import bedrock
from .books import Books, CommandError, Shown, open_books

OURS = ("INTERCHANGE_SEAL_KEY",)
"""Made with the stack; a new one would make stored reasoning state unreadable."""
ENOUGH = 1000
"""Below the default of an account that is not new, it is said where to ask for more."""


def bootstrap(name: str, region: str | None, account: str, credit: str, names: list[str], *, ask: bool) -> Shown:
    """`names` are variables to store beside those that the secret has room for. Raises CommandError, ValueError."""
    found = stack.find(name, stack.region_of(region))
    known = stack.store(found, {})
    wanted = [one for one in dict.fromkeys((*known.filled, *known.empty, *names)) if one not in OURS]
    stored = stack.store(found, _values(wanted, ask))
    env = {**os.environ, "INTERCHANGE_TABLE": found.outputs[stack.TABLE], "AWS_REGION": found.region}
    books = open_books(env)
    made = _first_account(books, account, credit)
    return {
        "stack": found.name,
        "base_url": found.outputs[stack.BASE_URL],
        **made,
        "secrets_set": [one for one in stored.filled if one not in OURS],
        "secrets_empty": list(stored.empty),
        **_quota(found.region),
        **bedrock(found, books.catalog()),
    }


def _quota(region: str) -> Shown:
    """Quota of answers that may run at once in the whole account; new accounts have ten."""
    most = stack.concurrency(region)
    if most is None:
        return {}
    raised = "Service Quotas, Lambda, Concurrent executions (L-B99A9384): ask for more there" if most < ENOUGH else ""
    return {"concurrent_executions": most, **({"quota": raised} if raised else {})}


def _values(names: list[str], ask: bool) -> Mapping[str, str]:
    """From the environment; with `ask`, typed for those that are not there. Never an argument: those show in lists of
    processes and in histories."""
    found = {name: os.environ.get(name, "").strip() for name in names}
    if ask:
        if not sys.stdin.isatty():
            raise CommandError("--ask: there is no terminal to ask at; set the variables instead")
        found |= {name: getpass.getpass(f"{name} (empty to leave it): ").strip() for name in names if not found[name]}
    return {name: value for name, value in found.items() if value}


def _first_account(books: Books, name: str, credit: str) -> Shown:
    for one in books.accounts.all():
        if one.name == name:
            return {**account_actions.figures(books, one.account_id), "created": False}
    return {**account_actions.create_account(books, name, credit), "created": True}
