"""Make a virtual environment and install into it, with a sign of life every few seconds.

Run by ``make`` before there is anything but Python: `python scripts/set_up.py FOLDER ARGUMENTS-OF-PIP-INSTALL…`. In a
terminal one line moves; elsewhere a short line comes every few seconds, and where ``CI`` is set every half a minute.
What pip says is shown only when it fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Sequence
from pathlib import Path

#: Seconds between two signs of life: in a terminal, in a pipe, in CI.
TERMINAL_SECONDS, PIPE_SECONDS, CI_SECONDS = 0.2, 3.5, 30.0
SPINNER = "|/-\\"
#: What pip says when it has another package, and when it begins to unpack them.
FOUND, UNPACKING = re.compile(r"^\s*Collecting (\S+)"), re.compile(r"^Installing collected packages: (.+)")
#: Lines of pip's that are shown when it fails.
LAST_LINES = 40


class Progress:
    """Tells what is going on until it is stopped."""

    def __init__(self) -> None:
        self.phase = ""
        self._started = time.monotonic()
        self._done = threading.Event()
        self._moves = sys.stdout.isatty()
        self._watcher = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> Progress:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()
        if self._moves:
            print("\r\033[K", end="", flush=True)

    def _tell(self) -> None:
        seconds = TERMINAL_SECONDS if self._moves else CI_SECONDS if os.environ.get("CI") else PIPE_SECONDS
        turn = 0
        while not self._done.wait(seconds):
            turn += 1
            passed = f"{time.monotonic() - self._started:.0f} s"
            if self._moves:
                print(f"\r\033[K  {SPINNER[turn % len(SPINNER)]} {passed}  {self.phase}"[:100], end="", flush=True)
            else:
                print(f"  … {passed}  {self.phase}", flush=True)


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Answers the exit code."""
    with Progress() as progress:
        progress.phase = "making the environment"
        if not _is_of_this_python(folder):
            venv.create(folder, with_pip=True, clear=True)
        progress.phase = "asking for packages"
        code, lines = _install(folder, arguments, progress)
    if code:
        print("".join(lines[-LAST_LINES:]), file=sys.stderr)
    return code


def _install(folder: Path, arguments: Sequence[str], progress: Progress) -> tuple[int, list[str]]:
    """Exit code and output of pip."""
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--progress-bar", "off", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    )
    assert process.stdout
    lines, found = [], 0
    for line in process.stdout:
        lines.append(line)
        if collected := FOUND.match(line):
            found += 1
            progress.phase = f"{found} packages found, now {collected[1]}"
        elif unpacking := UNPACKING.match(line):
            progress.phase = f"installing {len(unpacking[1].split(', '))} packages"
    return process.wait(), lines


def _is_of_this_python(folder: Path) -> bool:
    """Whether there is an environment already, of the same version of Python."""
    try:
        told = subprocess.run([folder / "bin" / "python", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return told.stdout.split()[-1] == sys.version.split()[0]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
