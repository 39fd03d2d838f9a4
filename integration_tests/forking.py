"""Connector commands without the second that each takes to import the CDK: forks of a process that has done so already.

``commands()`` is a folder with `source-pipedrive` and `destination-pipedrive`, to be run like the installed ones: by
path or from PATH. Each hands its arguments, environment, folder and standard streams to a server, which forks; it
passes on signals and ends as the fork does. The server lives as long as the process that asked for the folder. What
is about starting, or about installed executables, is tested with those. ``python_with`` is a Python of the same kind.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from demo.warehouse import OFFLINE

#: Everything that a connector may import before it has seen its command.
MODULES = (
    "source_pipedrive.entrypoint",
    "source_pipedrive.source",
    "source_pipedrive.sync.stream_factory",
    "destination_pipedrive.destination",
    "destination_pipedrive.copying.copying",
)
NAMES = ("source-pipedrive", "destination-pipedrive")
#: Bytes that say how long a request is.
LENGTH = 8
#: Bytes of each answer, a number: which process it is, and how it ended.
WIDTH = 12
#: Environment: the descriptor on which a command says which process its fork is.
TOLD = "FORK_TOLD"
#: A command of the folder. It imports little, and closes its streams once the fork has them.
COMMAND = """#!{python} -ISB
import os, signal, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
told = os.environ.pop({told!r}, "")
arguments = [{installed!r}, *sys.argv[1:]]
settings = [f"{{name}}={{value}}" for name, value in os.environ.items()]
content = b"\\0".join(map(os.fsencode, [os.getcwd(), str(len(arguments)), *arguments, *settings]))
socket.send_fds(server, [len(content).to_bytes({length}, "big")], [0, 1, 2])
server.sendall(content)
process = int(server.recv({width}))
if told:
    os.write(int(told), str(process).encode())
    os.close(int(told))
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, _: os.kill(process, number))
for descriptor in range(3):
    os.close(descriptor)
code = int(server.recv({width}))
if code < 0:
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""


class Fork(subprocess.Popen[str]):
    """A command of the folder, running. Signals go straight to the fork: a killed one does not do a thing more."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], **options: Any) -> None:
        told, tell = os.pipe()
        super().__init__(arguments, env={**env, TOLD: str(tell)}, pass_fds=[tell], **options)
        os.close(tell)
        with open(told, encoding="ascii") as answer:
            self.fork = int(answer.read())

    def send_signal(self, number: int) -> None:
        """Send a signal to the fork, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.fork, number)


@functools.cache
def commands() -> Path:
    """The folder; the server starts with the first call."""
    return _served(NAMES, MODULES)


@functools.cache
def python_with(*modules: str) -> Path:
    """A ``python`` for programs that are given with ``-c``, which has imported these modules."""
    return _served(("python",), modules) / "python"


def _served(names: Iterable[str], modules: Iterable[str]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="commands-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = str(folder / "server")
    for name in names:
        installed = str(Path(sys.executable).parent / name)
        text = COMMAND.format(
            python=sys.executable, address=address, installed=installed, length=LENGTH, width=WIDTH, told=TOLD
        )
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o700)
    # The commands can connect at once, and wait until the server is ready.
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    until, _open_while_we_live = os.pipe()
    arguments = [sys.executable, "-m", "integration_tests.forking", str(listening.fileno()), str(until), *modules]
    with listening:
        subprocess.Popen(
            arguments,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, **OFFLINE, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[listening.fileno(), until],
        )
    os.close(until)
    return folder


def serve(listening: socket.socket, until: int, modules: Iterable[str]) -> None:
    """Fork for each command until the other end of ``until`` is closed. Only a fork returns, to be the command."""
    with warnings.catch_warnings(action="ignore"):
        for name in modules:
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while until not in select.select([listening, until], [], [])[0]:
        connection, _ = listening.accept()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            os.close(until)
            keep(connection)
            return
        connection.close()
    os._exit(0)


def keep(command: socket.socket) -> None:
    """Fork once more, tell the command how that process ends, and kill it when the command is gone."""
    head, descriptors, *_ = socket.recv_fds(command, LENGTH, 3)
    content = command.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
    process = os.fork()
    if not process:
        command.close()
        become(content, descriptors)
        return
    for each in (0, 1, 2, *descriptors):
        os.close(each)
    command.send(str(process).ljust(WIDTH).encode())
    threading.Thread(target=_kill_when_gone, args=(command, process), daemon=True).start()
    _, status = os.waitpid(process, 0)
    with suppress(OSError):
        command.send(str(os.waitstatus_to_exitcode(status)).ljust(WIDTH).encode())
    os._exit(0)


def _kill_when_gone(command: socket.socket, process: int) -> None:
    command.recv(1)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def become(content: bytes, descriptors: list[int]) -> None:
    """Take over the streams, the arguments, the environment with what was read from it, and the folder."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    folder, count, *texts = map(os.fsdecode, content.split(b"\0"))
    sys.argv = texts[: int(count)]
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(dict(each.split("=", 1) for each in texts[int(count) :]))
    tempfile.tempdir = None
    time.tzset()
    if "pipedrive_client.clock" in sys.modules:
        importlib.reload(sys.modules["pipedrive_client.clock"])


def main() -> None:
    """Serve; in a fork, do what the command is for."""
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3:])
    if Path(sys.argv[0]).name == "python":
        _, option, code = sys.argv
        sys.argv = [option]
        sys.path[0] = ""
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    else:
        gc.unfreeze()
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
