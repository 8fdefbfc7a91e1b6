"""The length of sound by the frames that are there, each of which says how many samples it decodes to.

What a file says of its whole length is not looked at: a vendor decodes what is there. Sources: ISO 11172-3 and 13818-3
(MPEG audio), 13818-7 (ADTS), RFC 3533 (Ogg), RFC 6716 and 7845 (Opus), RFC 9639 (FLAC), ISO 14496-12 (MP4), RFC 8794
and 9559 (EBML, Matroska).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

MOST_FRAMES = 300_000
"""Looked at in one file, an hour and more: no file may take it seconds. The rest is taken to be like what was read."""
MOST_MISSES = 100_000
"""Places where a frame could begin, and does not."""
OPUS_RATE = 48_000


def milliseconds(data: bytes) -> int | None:
    """None for a form whose frames are not known here, and where there are none."""
    for begins, measure in FORMS:
        if begins(data):
            found = measure(data)
            return None if found is None or found <= 0 else -(-int(found * 1_000_000) // 1_000)
    return None


def _mpeg(data: bytes) -> float | None:
    """Seconds of bare frames, of MPEG's layers or of ADTS, one behind the other. None where most of it is none."""
    begun = at = _behind_tags(data)
    seconds, read, frames, missed = 0.0, 0, 0, 0
    while at + 4 <= len(data) and frames < MOST_FRAMES and missed < MOST_MISSES:
        frame = _adts(data, at) or _layer(data, at)
        if frame is None:
            missed, at = missed + 1, data.find(b"\xff", at + 1)
            if at < 0:
                at = len(data)
            continue
        size, length = frame
        seconds, read, frames, at = seconds + length, read + size, frames + 1, at + size
    if read * 2 < at - begun or not frames:
        return None
    return seconds * (len(data) - begun) / (at - begun) if at < len(data) else seconds


def _behind_tags(data: bytes) -> int:
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


BITRATES = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second by (MPEG 1 is 3 and both others 2, layer I is 3, II 2, III 1)."""
RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _layer(data: bytes, at: int) -> tuple[int, float] | None:
    """(bytes, seconds) of the frame that begins there."""
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    bits, rate, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer == 0 or bits in (0, 15) or rate == 3:
        return None
    kilobits = BITRATES[3 if version == 3 else 2, layer][bits - 1]
    hertz = RATES[version][rate]
    if layer == 3:
        samples, size = 384, (12_000 * kilobits // hertz + padding) * 4
    else:
        samples = 576 if layer == 1 and version != 3 else 1152
        size = samples // 8 * 1000 * kilobits // hertz + padding
    return max(4, size), samples / hertz


ADTS_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)


def _adts(data: bytes, at: int) -> tuple[int, float] | None:
    if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or at + 7 > len(data):
        return None
    rate = data[at + 2] >> 2 & 15
    size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    if rate >= len(ADTS_RATES) or size < 7:
        return None
    return size, 1024 * ((data[at + 6] & 3) + 1) / ADTS_RATES[rate]


def _ogg(data: bytes) -> float | None:
    """Length of Opus by its packets. Other codecs' packets tell no length by themselves."""
    total, read, first = 0.0, 0, True
    for head, size in _packets(data):
        if first and not head.startswith(b"OpusHead"):
            return None
        if not head.startswith(b"Opus"):
            total += _opus(head)
        read, first = read + size, False
    return total if read * 2 >= len(data) else None


def _packets(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(the first bytes, the size) of each packet."""
    at, kept, size = 0, b"", 0
    while (at := data.find(b"OggS", at)) >= 0 and at + 27 <= len(data):
        count = data[at + 26]
        begin = at + 27 + count
        for part in data[at + 27 : begin]:
            if len(kept) < HEAD:
                kept += data[begin : begin + min(part, HEAD)]
            begin, size = begin + part, size + part
            if part < 255:
                yield kept, size
                kept, size = b"", 0
        at = begin


HEAD = 16
"""Bytes of a packet that tell what it is."""
OPUS_FRAMES = (*((480, 960, 1920, 2880) * 3), *((480, 960) * 2), *((120, 240, 480, 960) * 4))
"""Samples of one frame by the packet's configuration."""


def _opus(packet: bytes) -> float:
    """Seconds of one packet."""
    if not packet:
        return 0.0
    code = packet[0] & 3
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[code]
    return min(frames * OPUS_FRAMES[packet[0] >> 3], 5760) / OPUS_RATE


def _table() -> tuple[int, ...]:
    made = []
    for byte in range(256):
        for _ in range(8):
            byte = byte << 1 ^ 0x07 if byte & 0x80 else byte << 1
        made.append(byte & 0xFF)
    return tuple(made)


SUMS = _table()
FLAC_FRAME = re.compile(rb"\xff[\xf8\xf9][\x10-\xef]", re.DOTALL)
FLAC_BLOCKS = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608, **{code: 256 << code - 8 for code in range(8, 16)}}


def _flac(data: bytes) -> float | None:
    """The samples of every frame whose header's sum is right. None where they are less than the bytes could be."""
    hertz, channels = int.from_bytes(data[18:21], "big") >> 4, (data[20] >> 1 & 7) + 1 if len(data) > 42 else 0
    samples, at = 0, len(data)
    for number, found in enumerate(FLAC_FRAME.finditer(data, 42)):
        if number == MOST_FRAMES:
            at = found.start()
            break
        samples += _flac_block(data, found.start())
    if not hertz or samples * channels * 4 < at // 2:
        return None
    return samples / hertz * len(data) / at


def _flac_block(data: bytes, at: int) -> int:
    """0 where no frame begins."""
    block, rate = data[at + 2] >> 4, data[at + 2] & 15
    if at + 5 > len(data):
        return 0
    number = next((length for mask, lead, length in UTF8 if data[at + 4] & mask == lead), 0)
    beside = {6: 1, 7: 2}.get(block, 0)
    end = at + 4 + number + beside + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if not number or end >= len(data) or _sum8(data[at:end]) != data[end]:
        return 0
    start = at + 4 + number
    return FLAC_BLOCKS.get(block) or int.from_bytes(data[start : start + beside], "big") + 1


UTF8 = (
    (0x80, 0, 1), (0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0xF8, 0xF0, 4), (0xFC, 0xF8, 5), (0xFE, 0xFC, 6), (0xFF, 0xFE, 7),
)  # fmt: skip
"""(mask, leading bits, bytes) of the number of a frame."""


def _sum8(header: bytes) -> int:
    found = 0
    for byte in header:
        found = SUMS[found ^ byte]
    return found


def _mp4(data: bytes) -> float | None:
    """The longest of the sound tracks, by the number of its frames: a decoder finds no others."""
    moov = _box(data, b"moov")
    lengths = [_track(track) for name, track in _boxes(moov or b"") if name == b"trak"]
    return max(lengths, default=0.0) or None


def _track(track: bytes) -> float:
    tables = _box(_box(_box(track, b"mdia") or b"", b"minf") or b"", b"stbl") or b""
    described = _box(tables, b"stsd") or b""
    sizes = _box(tables, b"stsz") or b""
    if described[12:16] not in (b"mp4a", b"Opus") or len(described) < 44 or len(sizes) < 12:
        return 0.0
    hertz, frames = int.from_bytes(described[40:42], "big"), int.from_bytes(sizes[8:12], "big")
    if described[12:16] == b"Opus":
        return frames * 960 / OPUS_RATE
    return frames * 1024 / hertz if hertz else 0.0


MOST_BOXES = 1_000
"""Within one other."""


def _box(data: bytes, wanted: bytes) -> bytes | None:
    return next((inner for name, inner in _boxes(data) if name == wanted), None)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = len(data) - at if size == 0 else size
        if size < head:
            return
        yield name, data[at + head : at + size]
        at += size


SEGMENT, CLUSTER, TIME, GROUP, BLOCK, SIMPLE, SCALE, INFO = (
    0x18538067, 0x1F43B675, 0xE7, 0xA0, 0xA1, 0xA3, 0x2AD7B1, 0x1549A966,
)  # fmt: skip
INSIDE = frozenset({SEGMENT, CLUSTER, GROUP, INFO})
"""Elements that are gone into."""


def _webm(data: bytes) -> float | None:
    """From the first block's time to the last's, and a block more."""
    scale, cluster, times = 1_000_000, 0, list[int]()
    for name, start, end in _elements(data):
        if name == SCALE:
            scale = int.from_bytes(data[start:end], "big")
        elif name == TIME:
            cluster = int.from_bytes(data[start:end], "big")
        elif name in (BLOCK, SIMPLE) and start + 3 <= end:
            number = 1 if data[start] & 0x80 else 2
            times.append(cluster + int.from_bytes(data[start + number : start + number + 2], "big", signed=True))
    if not times:
        return None
    span = max(times) - min(times)
    return (span + span / max(1, len(times) - 1)) * scale / 1e9


def _elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(id, start, end) of each element, those within others behind them."""
    at = 0
    for _ in range(MOST_FRAMES):
        if at >= len(data):
            return
        name, head = _number(data, at, keep=True)
        size, more = _number(data, at + head, keep=False)
        if not head or not more:
            return
        start = at + head + more
        unknown = size == (1 << 7 * more) - 1
        end = len(data) if unknown else min(len(data), start + size)
        yield name, start, end
        at = start if name in INSIDE or unknown else end


def _number(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """(value, bytes) of a number of variable length; (0, 0) where there is none."""
    if at >= len(data) or not data[at]:
        return 0, 0
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return value if keep else value & (1 << 7 * length) - 1, length


def _wav(data: bytes) -> float | None:
    """The samples of the `data` chunk; all that follows, where what the chunk says of its length cannot be true: it is
    often written before the sound is."""
    form = _chunk(data, b"fmt ")
    sound = _chunk(data, b"data")
    if form is None or sound is None or len(data) < form[0] + 16:
        return None
    a_second = int.from_bytes(data[form[0] + 8 : form[0] + 12], "little")
    start, size = sound
    true = 0 < size <= len(data) - start and _is_rest(data, start + size + size % 2)
    return (size if true else len(data) - start) / a_second if a_second else None


def _chunk(data: bytes, wanted: bytes) -> tuple[int, int] | None:
    """(start, stated size) of the first of that name."""
    at = 12
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return None
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == wanted:
            return at + 8, size
        at += 8 + size + size % 2
    return None


def _is_rest(data: bytes, at: int) -> bool:
    """True where nothing but whole chunks follows."""
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return True
        if not data[at : at + 4].isascii() or not data[at : at + 4].strip(b"\0 "):
            return False
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        at += at % 2
        if at > len(data) + 1:
            return False
    return False


Begins = Callable[[bytes], bool]
FORMS: tuple[tuple[Begins, Callable[[bytes], float | None]], ...] = (
    (lambda data: data.startswith(b"RIFF"), _wav),
    (lambda data: data.startswith(b"OggS"), _ogg),
    (lambda data: data.startswith(b"fLaC"), _flac),
    (lambda data: data[4:8] == b"ftyp", _mp4),
    (lambda data: data.startswith(b"\x1aE\xdf\xa3"), _webm),
    (lambda data: data.startswith(b"ID3") or (data[:1] == b"\xff" and data[1:2] >= b"\xe0"), _mpeg),
)
