"""Providers under the keys that the settings hold now: a key that was changed is used without a restart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from interchange.catalog.lookup import Catalog
from interchange.providers import Provider
from interchange.providers.known import KEYED

from .secrets import renewed
from .vendors import added_providers, base_url_variable, providers, shared_protocols


class Renewable(Mapping[str, Provider]):
    """`env` are the settings as they were read at the start, `environ` where they are read from again. Raises
    SettingError, CatalogError."""

    def __init__(self, env: Mapping[str, str], environ: Mapping[str, str] | None, listed: Catalog) -> None:
        self._environ, self._listed = environ, listed
        self._variables = tuple(_variables(listed))
        self._given = self._shown(env)
        added, self.missing = added_providers(env, listed)
        self._now = providers(env, added)
        self.shared: AbstractSet[str] = Shared(self, listed)

    def renew(self) -> bool:
        """Reads the settings again; True where keys or addresses have changed. May wait for a service. Raises what the
        reading raises, and leaves everything as it was."""
        env = renewed(self._environ)
        given = self._shown(env)
        if given == self._given:
            return False
        made = providers(env, added_providers(env, self._listed)[0])
        self._given, self._now = given, made
        return True

    def load(self) -> None:
        self._now.load()

    def __getitem__(self, name: str) -> Provider:
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    def _shown(self, env: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(env.get(name, "").strip() for name in self._variables)


class Shared(AbstractSet[str]):
    """The protocols that several owners of credentials speak now."""

    def __init__(self, reached: Renewable, listed: Catalog) -> None:
        self._reached, self._listed = reached, listed
        self._of: tuple[str, ...] = ()
        self._found: frozenset[str] = frozenset()

    def _current(self) -> frozenset[str]:
        names = tuple(self._reached)
        if names != self._of:
            self._of, self._found = names, shared_protocols(names, self._listed)
        return self._found

    def __contains__(self, protocol: object) -> bool:
        return protocol in self._current()

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())


def _variables(listed: Catalog) -> Iterable[str]:
    """Variables that decide who is called, and how."""
    for name in KEYED:
        yield from (f"{name.upper()}_API_KEY", base_url_variable(name))
    for name, entry in listed.providers.items():
        yield from (entry.key, base_url_variable(name)) if entry.key else (base_url_variable(name),)
