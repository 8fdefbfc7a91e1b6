"""Subtitles as Whisper writes them: https://github.com/openai/whisper/blob/main/whisper/utils.py

1                                      WEBVTT
00:00:00,000 --> 00:00:02,000
Hello, world!                          00:00:00.000 --> 00:00:02.000
                                       Hello, world!
"""

from __future__ import annotations

from collections.abc import Iterable

from interchange.hub.media import Segment


def write_srt(segments: Iterable[Segment]) -> str:
    cues = (
        f"{number}\n{_time(one.start, ',')} --> {_time(one.end, ',')}\n{_line(one)}\n\n"
        for number, one in enumerate(segments, 1)
    )
    return "".join(cues) + "\n"


def write_vtt(segments: Iterable[Segment]) -> str:
    cues = (f"{_time(one.start, '.')} --> {_time(one.end, '.')}\n{_line(one)}\n\n" for one in segments)
    return "WEBVTT\n\n" + "".join(cues)


def _line(segment: Segment) -> str:
    """An arrow would end the cue's head anew."""
    return segment.text.strip().replace("-->", "->")


def _time(seconds: float, mark: str) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}{mark}{milliseconds:03}"
