"""A folder for what a run cannot keep in memory: its user's alone, and removed at the end.

A process that is killed leaves its folder behind; the next one removes it. Whether somebody still works in a folder is
told by a lock, which the operating system gives up with the process, in a container as well.
"""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipedrive_client.errors import RunStopped

PREFIX = "pipedrive-"
LOCK = "lock"


class NoRoom(RunStopped):
    """What a run has to keep on disk cannot be kept there; the message names the folder."""

    @classmethod
    def in_(cls, folder: str | Path, why: object) -> "NoRoom":
        """The error of a folder, with what the operating system said."""
        return cls(
            f"Waiting rows are kept on disk, and {folder} takes no more ({why}). Free some space there, or set the "
            "environment variable TMPDIR to a folder that has some. The next run resumes from the last state."
        )

    @classmethod
    def for_files(cls, folder: str | Path, why: OSError) -> "NoRoom":
        """The error of a folder for files that are being copied."""
        return cls(
            f"Files are kept in {folder} until the destination has them, and it takes no more ({_why(why)}). Give the "
            "connector more disk, or read the stream `files` in a separate connection. The next run resumes with "
            "the file at which this one stopped.",
            failure_type="transient_error",
        )


class SpoolFolder:
    """A new folder in the system's place for temporary files. Raises NoRoom when none can be made."""

    def __init__(self) -> None:
        try:
            place = Path(tempfile.gettempdir())
            # Made for its user alone.
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
            self._lock = _locked(self.path)
        except OSError as error:
            raise NoRoom.in_(error.filename or os.environ.get("TMPDIR") or "/tmp", _why(error)) from None

    def close(self) -> None:
        """Remove the folder; a thread that was cut off may still hold a file open."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Whatever a file or a database in here refuses is told as NoRoom."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise NoRoom.in_(self.path, _why(error)) from None


def remove_abandoned() -> None:
    """Remove the folders of this user's processes that are no more."""
    with contextlib.suppress(OSError):
        _remove_abandoned(Path(tempfile.gettempdir()))


def _remove_abandoned(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
                continue
            number = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(number)


def _locked(folder: Path) -> int:
    """A lock in a folder, which is there only once it is held."""
    number = os.open(folder / f"{LOCK}.new", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(number, fcntl.LOCK_EX)
    os.rename(folder / f"{LOCK}.new", folder / LOCK)
    return number


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
