"""How long a file lasts, and what is no sound. The recorded files' true lengths are those that their answers tell."""

from __future__ import annotations

import base64
import io
import struct
import wave
from email.parser import BytesParser

import pytest

from interchange.exchange import sound_frames
from interchange.exchange.media import sound
from interchange.hub.failure import RequestError
from interchange.hub.media import Upload
from tests.exchange.media.audio_traffic import recorded

ALL = recorded("openai_audio")
KINDS = {"mp3": "40b0ac66897237f5", "aac": "03ccbbbd35453086", "flac": "cce16be6afbc629a", "opus": "bbb7bf5ceaee9e0b",
         "wav": "5a48f12a87884c89"}  # fmt: skip


def file(data: bytes, name: str = "a.wav", kind: str = "audio/wav") -> Upload:
    return Upload(name, kind, data)


def pcm(seconds: float, rate: int = 16_000, length: int | None = None) -> bytes:
    """A WAV; `length` is what its header says of its data."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(rate)
        made.writeframes(bytes(2 * int(seconds * rate)))
    data = out.getvalue()
    return data if length is None else data[:40] + struct.pack("<I", length) + data[44:]


def uploaded(recording: str) -> Upload:
    """The file of a recorded form."""
    one = ALL[recording]
    raw = base64.b64decode(one["request_body_b64"])
    boundary = raw[2 : raw.index(b"\r\n")]
    head = b"Content-Type: multipart/form-data; boundary=" + boundary + b"\r\n\r\n"
    for part in BytesParser().parsebytes(head + raw).walk():
        if part.get_filename():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            return Upload(str(part.get_filename()), part.get_content_type(), data)
    raise AssertionError("no file")


@pytest.mark.parametrize("seconds", [0.25, 1.0, 61.5])
def test_a_wav_is_as_long_as_its_samples(seconds: float) -> None:
    assert sound.measure(file(pcm(seconds))) == sound.Length(int(seconds * 1000), known=True, exact=True)


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 2**31])
def test_a_wav_written_while_it_was_made(length: int) -> None:
    found = sound.measure(file(pcm(10.0, length=length)))
    assert found.known and 10_000 <= found.milliseconds <= 10_010


@pytest.mark.parametrize(("recording", "seconds"), [("571b83276f62762f", 2), ("e3dc8a37db53b47b", 3.7)])
def test_a_recorded_file_is_as_long_as_its_answer_says(recording: str, seconds: float) -> None:
    upload = uploaded(recording)
    found = sound.measure(upload)
    assert found.known
    assert abs(found.milliseconds - seconds * 1000) < 500
    assert (
        seconds * 1000
        <= sound.bound(upload, found)
        <= max(seconds * 1000, len(upload.data) * 8 // sound.TYPICAL_KBPS) + 3000
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_that_is_spoken_is_heard(kind: str) -> None:
    data = base64.b64decode(ALL[KINDS[kind]]["response_body_b64"])
    upload = Upload(f"a.{kind}", f"audio/{kind}", data)
    sound.check(upload)
    found = sound.measure(upload)
    assert 100 <= found.milliseconds <= 8_000
    assert sound.bound(upload, found) >= found.milliseconds


def test_a_file_that_tells_nothing_is_bounded_by_its_bytes() -> None:
    upload = file(b"\x1aE\xdf\xa3" + bytes(100_000), "a.webm", "audio/webm")
    found = sound.measure(upload)
    assert not found.known
    assert sound.bound(upload, found) >= 100_000 > found.milliseconds


def test_a_header_that_lies_does_not_lower_the_bound() -> None:
    """An MP3 that says it is one frame long, and goes on for a megabyte."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)
    xing = frame[:21] + b"Xing" + struct.pack(">III", 3, 1, 1000) + frame[37:]
    upload = file(xing + frame * 10_000, "a.mp3", "audio/mpeg")
    assert sound.bound(upload, sound.measure(upload)) >= len(upload.data) * 8 // sound.TYPICAL_KBPS
    assert not sound.measure(upload).exact


@pytest.mark.parametrize(
    "data", [b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"ID3", b"OggS", b"fLaC" + bytes(20), bytes(50)]
)
def test_damaged_files_are_guessed_not_failed(data: bytes) -> None:
    for name in ("a.wav", "a.mp3", "a.ogg", "a.flac", "a.m4a", "nothing"):
        found = sound.measure(file(data, name))
        assert found.milliseconds >= 0


def test_garbage_is_given_up_soon() -> None:
    upload = file(b"\xff\xfb\x10\xc0" + bytes(20_000_000), "a.mp3", "audio/mpeg")
    assert sound.measure(upload) == sound.Length(len(upload.data) * 8 // sound.TYPICAL_KBPS, known=False)


@pytest.mark.parametrize(
    ("name", "kind", "data", "good"),
    [
        ("a.mp3", "application/octet-stream", b"anything", True),
        ("upload", "application/octet-stream", b"ID3....", True),
        ("upload", "", b"....ftypM4A ", True),
        ("upload", "audio/x-something", b"....", True),
        ("talk", "video/mp4", b"....", True),
        ("a.mp3", "text/plain", b"words", False),
        ("upload", "application/octet-stream", b"what", False),
        ("a.mp3", "audio/mpeg", b"", False),
    ],
)
def test_what_is_sound(name: str, kind: str, data: bytes, good: bool) -> None:
    if good:
        sound.check(Upload(name, kind, data))
        return
    with pytest.raises(RequestError) as refused:
        sound.check(Upload(name, kind, data))
    assert refused.value.failure.param == "file"


def mpeg(frames: int) -> bytes:
    """MPEG 2, layer III, 64 kbit/s at 24 kHz: 192 bytes and 24 ms each."""
    return (b"\xff\xf3\x84\xc4" + bytes(188)) * frames


def adts(frames: int) -> bytes:
    """24 kHz, 100 bytes and 1024 samples each."""
    return (b"\xff\xf1\x58\x40" + bytes([100 >> 3, (100 & 7) << 5, 0xFC]) + bytes(93)) * frames


def ogg(packets: int) -> bytes:
    """Opus of 20 ms a packet, one packet a page."""
    parts = [b"OpusHead" + bytes(11), b"OpusTags" + bytes(8), *([b"\x78" + bytes(60)] * packets)]
    return b"".join(b"OggS" + bytes(22) + b"\x01" + bytes([len(part)]) + part for part in parts)


def box(name: bytes, *inner: bytes) -> bytes:
    data = b"".join(inner)
    return struct.pack(">I", 8 + len(data)) + name + data


def mp4(frames: int, told: int) -> bytes:
    """AAC at 24 kHz; `told` is how long the header says that it is, in milliseconds."""
    sample = box(b"mp4a", bytes(24), struct.pack(">HH", 24_000, 0))
    tables = box(b"stbl", box(b"stsd", bytes(8), sample), box(b"stsz", struct.pack(">III", 0, 100, frames)))
    head = struct.pack(">IIIII", 0, 0, 0, 1000, told)
    track = box(b"trak", box(b"mdia", box(b"mdhd", head), box(b"minf", tables)))
    moov = box(b"moov", box(b"mvhd", head, bytes(80)), track)
    return box(b"ftyp", b"M4A \0\0\0\0") + moov + box(b"mdat", bytes(100 * frames))


def element(name: int, data: bytes) -> bytes:
    length = (name.bit_length() + 7) // 8
    return name.to_bytes(length, "big") + struct.pack(">I", 0x10000000 | len(data)) + data


def webm(blocks: int, told: float) -> bytes:
    """A block each 20 ms; `told` is how long the header says that it is."""
    info = element(0x1549A966, element(0x4489, struct.pack(">d", told)))
    parts = [element(0xA3, b"\x81" + struct.pack(">h", 20 * number) + b"\0" + bytes(50)) for number in range(blocks)]
    cluster = element(0x1F43B675, element(0xE7, b"\0") + b"".join(parts))
    return element(0x1A45DFA3, b"\x42\x82\x84webm") + element(0x18538067, info + cluster)


def flac(frames: int, told: int) -> bytes:
    """16 kHz, one channel, 4096 samples each; `told` is how many samples the header says that there are."""
    rate = (16_000 << 44) | (0 << 41) | (15 << 36) | told
    head = b"fLaC\x80\0\0\x22" + struct.pack(">HH", 4096, 4096) + bytes(6) + rate.to_bytes(8, "big") + bytes(16)
    made = [head]
    for number in range(frames):
        frame = b"\xff\xf8\xc5\x08" + chr(number).encode()
        made.append(frame + bytes([sound_frames._sum8(frame)]) + bytes(3000))
    return b"".join(made)


FRAMES = [
    ("a.mp3", mpeg(500), 12_000),
    ("a.mp3", b"ID3\x04\0\0\0\0\0\x64" + bytes(100) + mpeg(500), 12_000),
    ("a.aac", adts(300), 12_800),
    ("a.ogg", ogg(600), 12_000),
    ("a.m4a", mp4(300, told=1), 12_800),
    ("a.m4a", mp4(300, told=10**7), 12_800),
    ("a.webm", webm(600, told=1.0), 12_000),
    ("a.flac", flac(47, told=1), 12_032),
    ("a.flac", flac(47, told=2**35), 12_032),
    ("a.wav", pcm(12.0), 12_000),
    ("a.wav", pcm(12.0, length=64), 12_000),
    ("a.wav", pcm(12.0) + b"LIST\x04\0\0\0INFO", 12_000),
]


@pytest.mark.parametrize(("name", "data", "milliseconds"), FRAMES)
def test_the_length_is_that_of_the_frames_whatever_the_header_says(name: str, data: bytes, milliseconds: int) -> None:
    found = sound.measure(file(data, name, "audio/x"))
    assert found.known
    assert abs(found.milliseconds - milliseconds) <= 30


@pytest.mark.parametrize("told", [1, 10**9])
def test_a_header_that_the_bytes_do_not_bear_out_is_not_believed(told: int) -> None:
    """Vorbis tells its length in its last page alone."""
    head = b"\x01vorbis" + struct.pack("<IBIIIIB", 0, 1, 44_100, 0, 128_000, 0, 0xB8) + b"\x01"
    page = b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([len(head)]) + head
    last = b"OggS\0\x04" + struct.pack("<Q", told * 44) + bytes(12) + b"\x01\xff" + bytes(255)
    data = page + bytes(100_000) + last
    assert sound.measure(file(data, "a.ogg", "audio/ogg")).milliseconds == len(data) * 8 // sound.TYPICAL_KBPS


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 8_000_000, b"\xff\xf8\x10\x08\0" * 1_600_000, mpeg(1)[:4] * 2_000_000,
     b"OggS" * 2_000_000, b"\x1aE\xdf\xa3\x80" * 1_600_000, b"\0\0\0\x08ftyp" * 1_000_000, b"RIFF" + bytes(8_000_000)],
    ids=["sync", "flac", "heads", "pages", "elements", "boxes", "chunks"],
)  # fmt: skip
def test_no_file_is_read_without_end(data: bytes) -> None:
    for name in ("a.mp3", "a.flac"):
        assert sound.measure(file(data, name)).milliseconds >= 0
