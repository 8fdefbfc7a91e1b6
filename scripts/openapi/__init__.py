"""The OpenAPI documents: `customers()` of the models' endpoints and the account's API, `operators()` of the admin API.

The models' endpoints lie here as data, since what they take is the vendors' own (their published descriptions:
https://github.com/openai/openai-openapi, https://docs.anthropic.com/en/api); the APIs of our own describe themselves.
`python -m scripts.openapi FOLDER` writes both, which the build and the laptop do.
"""

from .document import customers, operators

__all__ = ["customers", "operators"]
