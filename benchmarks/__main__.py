"""Runs every measurement and prints the table that README shows. Figures are of this machine; compare, do not quote."""

from __future__ import annotations

import platform

from benchmarks import chunks, imports, requests


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("| measurement | figure |\n|---|---|")
    for name, figure in [*requests.measure(), *chunks.measure(), *imports.measure()]:
        print(f"| {name} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
