"""A provider: an address, a credential, a dialect. One file each; this one is their shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.protocols.faces import Client
from interchange.protocols.media import FindMedia, no_media
from interchange.wire.sse import FrameReader, Frames

Authorize = Callable[[str, str, bytes], Mapping[str, str]]
"""(method, url, body) -> the headers that carry the credential, signed over the request where the vendor wants that."""


@dataclass(frozen=True, slots=True)
class Provider:
    """`clients` maps a protocol's word to its face in this provider's dialect; the first is the default. `forward`
    names the caller's headers that the pass-through lane hands on (beta switches). `framing` cuts its streams.
    `fetches` names the kinds of media ("image", "document") that the vendor downloads from a URL itself.
    `beta_header` carries the names that `BetaClient.betas` asks for. `media` finds the faces of the other families, and
    imports them only when asked: a conversation does not pay for them at a cold start."""

    name: str
    base_url: str
    clients: Mapping[str, Client]
    authorize: Authorize
    forward: tuple[str, ...] = ()
    framing: Callable[[], Frames] = FrameReader
    headers: Mapping[str, str] = field(default_factory=dict)
    beta_header: str | None = None
    fetches: frozenset[str] = frozenset({"image", "document"})
    media: FindMedia = no_media
    credentials: tuple[Authorize, ...] = ()
    """All of them, where there are several; `authorize` is then the first."""
    owner: str = ""
    """Whose the credentials are, for the state that comes under them; "" is the provider's own name."""

    def authorized(self, credential: int, method: str, url: str, body: bytes) -> Mapping[str, str]:
        """The headers of one of the credentials, by its place."""
        return (self.credentials or (self.authorize,))[credential](method, url, body)

    @property
    def state_owner(self) -> str:
        return self.owner or self.name

    @property
    def credential_count(self) -> int:
        return max(1, len(self.credentials))

    @property
    def default_protocol(self) -> str:
        return next(iter(self.clients))


def fixed(headers: Mapping[str, str]) -> Authorize:
    """A credential that is the same on every request."""

    def authorize(_method: str, _url: str, _body: bytes) -> Mapping[str, str]:
        return headers

    return authorize


def read_keys(text: str) -> tuple[str, ...]:
    """The keys of a setting: one, or several with commas between."""
    return tuple(key for part in text.split(",") if (key := part.strip())) or ("",)


def spread(made: Sequence[Provider]) -> Provider:
    """One provider of several that differ in their credential alone."""
    return made[0] if len(made) == 1 else replace(made[0], credentials=tuple(one.authorize for one in made))


__all__ = ["Authorize", "Provider", "fixed", "read_keys", "spread"]
