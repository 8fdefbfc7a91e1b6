"""Texts to tokens, against counts made with tiktoken's o200k_base."""

from __future__ import annotations

import subprocess
import sys

import pytest

from interchange.estimate import tokens
from interchange.estimate.vocabulary import SIZE, ranks

COUNTED = [
    ("", 0),
    ("hello", 1),
    ("Hello, world!", 4),
    ("don't they'RE I'LL we'Ve", 9),
    ("{\"type\":\"function\",\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}", 20),
    ('def f(x):\n    return x**2\n\n\n', 10),
    ("Größe ÉCOLE déjà vu", 7),
    ("東京は雨です。", 5),
    ("Привет, МИР!", 7),
    ("שלום עולם", 2),
    ("1234567 3.14159 ٣٤٥ ½", 14),
    ('a\xa0b\u2028c', 5),
    ('emoji \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1f3\U0001f1f4', 13),
    ('tabs\t\tand   spaces   \r\n\r\n  end', 9),
    ("HTTPSConnectionPoolManager_v2", 6),
    ("ABCdefGHIjklABCdefGHIjklABCdefGHIjklABCdefGHIjklABCdefGHIjkl", 30),
    ("https://example.com/a/b?c=d&e=%20f", 13),
    ("  leading", 2),
    ("aGVsbG8gd29ybGQ=", 11),
    ("नमस्ते दुनिया", 5),
    ("สวัสดีชาวโลก", 7),
]  # fmt: skip


@pytest.mark.parametrize("text, count", COUNTED)
def test_counts_are_those_of_the_vocabulary(text: str, count: int) -> None:
    assert tokens.count_tokens(text) == count


def test_the_vocabulary_is_whole() -> None:
    known = ranks()
    assert len(known) == SIZE
    assert {bytes([byte]) for byte in range(256)} <= set(known)
    assert known[b"!"] == 0 and known[b" the"] < known[b" thee"]


def test_a_long_text_is_sampled_and_comes_out_near() -> None:
    text = "The quick brown fox jumps over the lazy dog, and 12 more. " * 20_000
    short = text[: tokens.SAMPLED // 2]
    assert tokens.count_tokens(text) == pytest.approx(tokens.count_tokens(short) * len(text) / len(short), rel=0.05)


def test_no_text_takes_long() -> None:
    for text in ("a" * 150_000, " " * 150_000, "=" * 150_000, "東" * 100_000, "aB" * 75_000, "\x01" * 10_000):
        assert 0 < tokens.count_tokens(text) <= len(text.encode())


def test_L6_the_vocabulary_is_shipped_and_read_when_it_is_first_needed() -> None:
    code = ("import sys, interchange.estimate, interchange.estimate.vocabulary as v; "
            "sys.exit(v.ranks.cache_info().currsize)")  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
