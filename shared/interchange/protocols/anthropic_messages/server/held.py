"""Names that no Messages body may hold. Source: anthropic-sdk-python 2.14.0, `types/beta/message_create_params.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.held import Held
from interchange.hub.uploaded import NOT_OURS, foreign

THREADS = {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}
"""What the SDK's tool runner recovers from: it sends the whole conversation again (`lib/tools/_beta_runner.py`)."""


def _other_model(holder: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return holder.get("model") != body.get("model")


def _billed_elsewhere(holder: Mapping[str, Any], _body: Mapping[str, Any]) -> bool:
    policy = holder["billing_policy"]
    return not isinstance(policy, dict) or policy.get("bill_to") not in (None, "self")


def _custom(holder: Mapping[str, Any], _body: Mapping[str, Any]) -> bool:
    return holder.get("type") != "anthropic"


HELD = (
    Held("thread", "threads are not kept here; send the whole conversation", top=True, details=THREADS),
    Held("fallback_credit_token", "credits of the vendor's are not redeemed here", top=True),
    Held("billing_policy", "a request is paid from the account of its key", top=True, names=_billed_elsewhere),
    Held("previous_message_id", "answers are not kept here", under=frozenset({"diagnostics"})),
    Held("file_id", NOT_OURS, types=frozenset({"container_upload"})),
    Held("file_id", NOT_OURS, types=frozenset({"file"}), under=frozenset({"source"}), names=foreign),
    Held("skill_id", "only the vendor's own skills can be used here", names=_custom),
    Held("model", "an advisor must be the model of the request itself", under=frozenset({"tools"}), names=_other_model),
)
