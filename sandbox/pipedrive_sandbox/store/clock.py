"""The sandbox's clock: real time plus an offset, or a fixed time, so that tests never wait."""

import time
from datetime import UTC, datetime

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Clock:
    """Seconds since the epoch; `frozen` is a fixed time, `offset` is added to the real one."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.frozen: float | None = None

    def now(self) -> float:
        """Current time in epoch seconds."""
        return (time.time() if self.frozen is None else self.frozen) + self.offset

    def text(self) -> str:
        """Current time as `YYYY-MM-DDTHH:MM:SSZ`."""
        return to_text(self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds."""
        self.offset += seconds

    def set(self, moment: str, freeze: bool = False) -> None:
        """Set the clock to an RFC 3339 moment; with `freeze` it stands still until moved."""
        epoch = to_epoch(moment)
        self.frozen = epoch if freeze else None
        self.offset = 0.0 if freeze else epoch - time.time()


def to_text(epoch: float) -> str:
    """Epoch seconds as `YYYY-MM-DDTHH:MM:SSZ`."""
    return datetime.fromtimestamp(epoch, UTC).strftime(TIME_FORMAT)


def to_epoch(moment: str) -> float:
    """An RFC 3339 moment as epoch seconds."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def with_milliseconds(moment: str) -> str:
    """The shape that leads and lead labels use: `2025-01-01T10:20:00.000Z`."""
    return moment if "." in moment else moment.removesuffix("Z") + ".000Z"


def with_space(moment: str | None) -> str | None:
    """The shape of most v1 resources: `2025-01-01 10:20:00`."""
    return None if moment is None else moment[:19].replace("T", " ")
