"""Progress of the reading of a vendor's stream."""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass
from interchange.wire.sse import Frame, Frames

from .lane import LaneStream, Piece
from .produced import Volume


@dataclass(slots=True)
class Reading:
    """`most` is how many tokens the vendor was told to stop at."""

    frames: Frames
    stream: LaneStream
    most: int
    waiting: list[bytes] = field(default_factory=list)
    """Bytes for the caller that have not been sent."""
    last: Piece | None = None
    """The terminal event."""
    volume: Volume = field(default_factory=Volume)

    def add(self, frame: Frame, piece: Piece) -> bool:
        """Adds what came of a frame. False where it was the stream's last, or one too many."""
        self.volume.characters += piece.produced or not frame.blank
        if piece.last:
            self.last = piece
        else:
            self.waiting.append(piece.body)
        return self.goes_on

    @property
    def goes_on(self) -> bool:
        """False after the terminal event, and where so much has come that the vendor has not kept to its limit."""
        return self.last is None and not self.volume.goes_beyond(self.most)
