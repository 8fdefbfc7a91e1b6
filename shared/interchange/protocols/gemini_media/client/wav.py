"""A WAV header for 16-bit mono PCM whose length is not known yet: http://soundfile.sapp.org/doc/WaveFormat/

The two lengths are 0xFFFFFFFF, as in every WAV that is written while it is made; players read on to the end.
"""

from __future__ import annotations

import struct

UNKNOWN = 0xFFFFFFFF
BYTES_A_SAMPLE = 2


def write_header(rate: int) -> bytes:
    """44 bytes. `rate` is in samples a second."""
    form = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", UNKNOWN, b"WAVE", b"fmt ", 16, 1, 1, rate,
                       rate * BYTES_A_SAMPLE, BYTES_A_SAMPLE, 8 * BYTES_A_SAMPLE)  # fmt: skip
    return form + struct.pack("<4sI", b"data", UNKNOWN)
