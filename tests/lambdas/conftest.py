from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lambdas.environment import BUILT, Environment, Place, World, built, checkout, start, world

Started = Callable[..., Environment]


@pytest.fixture(scope="session")
def around() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="session", params=["checkout", "built"] if BUILT else ["checkout"])
def place(request: pytest.FixtureRequest) -> Place:
    """Where the functions and the layer are taken from."""
    return built() if request.param == "built" else checkout()


@pytest.fixture(scope="session")
def shared_environments(around: World, place: Place) -> Iterator[Callable[[str], Environment]]:
    """A family's environment, started once and frozen between its invocations, as Lambda does."""
    made: dict[str, Environment] = {}

    def get(family: str) -> Environment:
        if family not in made:
            made[family] = start(place, place.functions[family], around.env, freezing=True)
        return made[family]

    yield get
    for one in made.values():
        one.close()


@pytest.fixture
def environment(around: World) -> Iterator[Started]:
    """Starts environments for one test."""
    made: list[Environment] = []

    def begin(place: Place, folder: object, **variables: str) -> Environment:
        made.append(start(place, folder, {**around.env, **variables}))  # type: ignore[arg-type]
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture
def run(environment: Started, place: Place, tmp_path: Path) -> Callable[..., Environment]:
    """Starts an environment whose function is the given text."""

    def begin(text: str, **variables: str) -> Environment:
        (tmp_path / "app.py").write_text(text)
        return environment(place, tmp_path, **variables)

    return begin
