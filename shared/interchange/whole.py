"""Whole numbers as JSON has them: 5.0 is 5 (JSON Schema 2020-12, 6.1.1); a text or a truth is none."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field


def read_whole(value: Any) -> Any:
    """Returns 5 for 5.0, anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(read_whole)
"""Behind the bounds of a number: before it they would be those of what is not yet one."""
Count = Annotated[int, Field(ge=0), WHOLE]
Positive = Annotated[int, Field(ge=1), WHOLE]
