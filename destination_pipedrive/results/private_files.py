"""Files of rejected records hold personal data: their user alone reads them, and no link leads them elsewhere."""

import errno
import os
import stat
from pathlib import Path

#: Rights of what is made here.
FILE, FOLDER = 0o600, 0o700
#: A file is opened only where it is no link; a process that is started does not inherit it.
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
LINK = "is a link, which is not followed"


def private_folder(root: Path, below: str = "") -> None:
    """Make a folder, and those below it, for the user alone; folders that are there keep their rights.

    Folders above ``root`` may be links, as they are on some machines. Raises OSError for a link at ``root`` or below.
    """
    root.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    place = root
    for part in ("", *below.split("/")):
        place = place / part
        _make(place)


def append_privately(path: Path, lines: bytes) -> None:
    """Append to a file that only the user can read, made when it is missing: all of it, or nothing.

    Raises OSError for a link, and when there is no room.
    """
    try:
        number = os.open(path, _APPEND, FILE)
    except OSError as error:
        raise _linked(path) if error.errno == errno.ELOOP else error from None
    try:
        before = os.fstat(number)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, f"{path.name} is no file")
        _write(number, lines, before.st_size)
    finally:
        os.close(number)


def reason_of(error: OSError) -> str:
    """Why the operating system refused, for the end of a sentence."""
    return error.strerror or type(error).__name__


def _write(number: int, lines: bytes, size: int) -> None:
    """Half a line at the end of a full disk could not be written again; it is taken back."""
    rest = memoryview(lines)
    try:
        while rest:
            rest = rest[os.write(number, rest) :]
    except OSError:
        os.ftruncate(number, size)
        raise


def _make(place: Path) -> None:
    try:
        os.mkdir(place, FOLDER)
    except FileExistsError:
        kind = os.lstat(place).st_mode
        if stat.S_ISLNK(kind):
            raise _linked(place) from None
        if not stat.S_ISDIR(kind):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None


def _linked(place: Path) -> OSError:
    return OSError(errno.ELOOP, f"{place.name} {LINK}")
