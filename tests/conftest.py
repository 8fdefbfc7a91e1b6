"""What holds for every test of this repository: how they are spread over workers, and how few a quick run takes."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from moto.core.config import default_user_config
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("sdk", "metering", "lambdas", "replay", "template")
"""Folders whose tests share a server, a download or a build: one worker takes the whole folder."""

FIRST = (*TOGETHER, "console", "local", "pages", "operator")
"""Folders that take longest: begun first, so that no worker is left alone with one at the end."""

WAITING = ("exchange",)
"""Folders whose tests mostly wait: a worker takes one function with its cases, so that several wait at once."""

# moto would drop boto3's default session at each `mock_aws()`, and every client after it would read botocore's service
# models anew: 92 to 200 ms instead of 8 to 10.
default_user_config["core"]["reset_boto3_session"] = False

# How fast examples are made and tried says something of the machine only.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("untimed"), max_examples=25)
settings.load_profile("untimed")


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker a whole file, so that what it keeps is made once; a folder or a function of those above."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = path.split("/")[1]
        if folder in WAITING:
            return nodeid.partition("[")[0]
        return folder if folder in TOGETHER else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # xdist would begin with what has most tests, which are the fastest
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--recordings-every", type=int, default=1, metavar="N", help="run each test on every Nth recording"
    )
    parser.addoption(
        "--most-cases",
        default="all",
        metavar="N",
        help="run each test of a folder on N of its cases, spread over all of them, and made ones on few examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--most-cases") != "all":
        settings.load_profile("few")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keeps the thousands of cases and the loaded libraries out of the collector's later walks: they stay to the end,
    and each walk over them costs more than most tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    every, most = config.getoption("--recordings-every"), config.getoption("--most-cases")
    dropped = _between_recordings(items, every) if every > 1 else set()
    if most != "all":
        of_folders = [item for item in items if item.path.parent != Path(__file__).parent]
        dropped |= {item for item in items if item.get_closest_marker("long")}
        dropped |= _between_cases([item for item in of_folders if item not in dropped], int(most))
    if dropped:
        config.hook.pytest_deselected(items=[item for item in items if item in dropped])
        items[:] = [item for item in items if item not in dropped]


def _turn(item: pytest.Item) -> int:
    folder = item.nodeid.split("/")[1]
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    most = config.getoption("--most-cases")
    if most != "all":
        terminalreporter.write_line(f"{most} cases of each test, and no test marked long: CASES=all runs every one")


def _between_recordings(items: Sequence[pytest.Item], every: int) -> set[pytest.Item]:
    """All but every Nth recording of a test."""
    seen: Counter[str] = Counter()
    dropped: set[pytest.Item] = set()
    for item in [one for one in items if _is_of_a_recording(one)]:
        test = item.nodeid.partition("[")[0]
        if seen[test] % every:
            dropped.add(item)
        seen[test] += 1
    return dropped


def _between_cases(items: Sequence[pytest.Item], most: int) -> set[pytest.Item]:
    """All but `most` cases of a test: its first, its last, and others at like distances."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    dropped: set[pytest.Item] = set()
    for of_one in cases.values():
        taken = {round(number * (len(of_one) - 1) / max(1, most - 1)) for number in range(most)}
        if len(of_one) > most:
            dropped |= {item for number, item in enumerate(of_one) if number not in taken}
    return dropped


def _is_of_a_recording(item: pytest.Item) -> bool:
    """Each recording names the repository that it was taken from, and its licence."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    return any(
        isinstance(value, dict) and {"source", "license"} <= value.keys() for value in item.callspec.params.values()
    )
