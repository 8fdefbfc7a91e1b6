"""Models on offer: the deployment's catalog, with what the operator adds, changes and takes out in the table.

The changes come with the tariff (`pricing.tariff`): they are as old as that at most, and no request has a call of its
own for them.
"""

from __future__ import annotations

from collections.abc import Callable

from interchange.catalog.lookup import Catalog


class Offers:
    """`make` gives the catalog for changes as the tariff has them."""

    def __init__(self, listed: Catalog, make: Callable[[str], Catalog]) -> None:
        self.now = listed
        self._make, self._changes = make, ""

    def take(self, changes: str) -> None:
        """Raises CatalogError, ValueError for changes that cannot be read: no price is guessed."""
        if changes != self._changes:
            self.now = self._make(changes)
            self._changes = changes
