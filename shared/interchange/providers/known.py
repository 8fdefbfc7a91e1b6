"""The providers that are built in, each loaded when a route first leads to it.

Loading a provider loads its protocol; a request needs one, and the families that call nobody need none. Under SnapStart
all are loaded before the snapshot, which keeps them (`Providers.load`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from interchange.aws.sigv4 import Credentials

from . import Provider, read_keys, spread

KEYED = ("openai", "anthropic", "gemini", "xai")
"""Called with a key: NAME_API_KEY."""
SPOKEN: Mapping[str, tuple[str, ...]] = {
    "openai": ("openai_chat", "openai_responses"),
    "anthropic": ("anthropic_messages",),
    "gemini": ("gemini",),
    "xai": ("openai_chat", "openai_responses"),
    "bedrock": ("bedrock_converse",),
}
"""The protocols of each, without loading it."""
ADDED_PATH = {"anthropic": "/v1", "gemini": "/v1beta"}
"""What a base URL must not end in, because every call begins with it; the others' base URLs do end in `/v1`."""
SIGNED = "bedrock"
"""Called with the ambient AWS credentials, in the region of SIGNED_REGION; SIGNED_URL is for another address."""
SIGNED_REGION = "INTERCHANGE_BEDROCK_REGION"
SIGNED_URL = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
BUILT_IN = (*KEYED, SIGNED)

Make = Callable[[], Provider]


class Providers(Mapping[str, Provider]):
    """Providers by name. Which there are is known at once; each is made when it is first asked for, once."""

    def __init__(self, makers: Mapping[str, Make]) -> None:
        self._makers = makers
        self._made: dict[str, Provider] = {}

    def __getitem__(self, name: str) -> Provider:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._makers[name]()
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def load(self) -> None:
        for name in self:
            self[name]


def keyed(name: str, key: str, base_url: str | None) -> Make:
    """`name` is one of KEYED; `key` one key, or several with commas between; `base_url` None is the vendor's own
    address."""

    def make() -> Provider:
        found = _maker(name)
        return spread([found(one, base_url) if base_url else found(one) for one in read_keys(key)])

    return make


def signed(credentials: Callable[[], Credentials], region: str, base_url: str | None) -> Make:
    def make() -> Provider:
        from .bedrock import bedrock

        return bedrock(credentials, region, base_url)

    return make


def spoken(name: str) -> tuple[str, ...]:
    """The protocols of one of BUILT_IN, for a check before anybody is called."""
    return SPOKEN[name]


def _maker(name: str) -> Callable[..., Provider]:
    match name:
        case "openai":
            from .openai import openai as found
        case "anthropic":
            from .anthropic import anthropic as found
        case "gemini":
            from .gemini import gemini as found
        case "xai":
            from .xai import xai as found
        case _:
            raise KeyError(name)
    return found
