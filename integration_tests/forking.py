"""Connector processes without the second that each takes to import the CDK: forks of one that has done so already.

A fork is a process like any other, with its own arguments, environment, pipes, signals and exit code. Each pytest
worker has one server, `python -m integration_tests.forking`, which forks whenever ``ForkedProcess`` asks it to. Where
the system cannot hand forks over to the pytest worker (that is, not Linux), ``ForkedProcess`` starts the executable.
Tests of starting and of installed executables use ``subprocess`` itself.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

#: Everything that a connector may import before it sees its command.
MODULES = (
    "pipedrive_client.clock",
    "source_pipedrive.entrypoint",
    "source_pipedrive.source",
    "source_pipedrive.sync.stream_factory",
    "destination_pipedrive.destination",
    "destination_pipedrive.copying.copying",
)
#: `PR_SET_CHILD_SUBREAPER` of Linux's prctl(2): orphans below this process become its children.
SUBREAPER = 36
#: Most bytes of one request: arguments and environment.
MOST_BYTES = 1 << 20
#: Where the arguments of Popen's own method have the environment, and the ends of the pipes.
ENVIRONMENT, PIPES = 6, slice(10, 16)


class ForkedProcess(subprocess.Popen[str]):
    """A ``subprocess.Popen`` of a connector executable, which is not started but forked off where that is possible."""

    def _execute_child(self, args: list[str], *rest: Any) -> None:
        server = _server()
        if server is None:
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        known = (args, *rest)
        stdin, _, _, stdout, _, stderr = pipes = known[PIPES]
        request = {"arguments": args, "environment": known[ENVIRONMENT], "folder": os.getcwd()}
        socket.send_fds(server, [json.dumps(request).encode()], [stdin, stdout, stderr])
        self.pid = int(server.recv(32))
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


@functools.cache
def _server() -> socket.socket | None:
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0):
        return None
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for each in (ours, theirs):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_BYTES)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "integration_tests.forking", str(theirs.fileno())],
            env={**os.environ, "PYTHONUNBUFFERED": "1", "DO_NOT_TRACK": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return ours


def serve(requests: socket.socket) -> None:
    """Fork whenever asked to, until nobody can ask any more. Only a fork returns, to be a connector."""
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    while True:
        content, descriptors, *_ = socket.recv_fds(requests, MOST_BYTES, 3)
        if not content:
            sys.exit()
        read_end, write_end = os.pipe()
        middle = os.fork()
        if not middle:
            if not (child := os.fork()):
                requests.close()
                become(json.loads(content), descriptors)
                return
            os.write(write_end, str(child).encode())
            os._exit(0)
        # Only now the fork has been handed over to the one who asks.
        os.waitpid(middle, 0)
        requests.send(os.read(read_end, 32))
        for each in (read_end, write_end, *descriptors):
            os.close(each)


def become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Take over the pipes, the environment and what was read from it, the folder and the arguments."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, max(descriptors) + 100)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    tempfile.tempdir = None
    time.tzset()
    sys.modules["pipedrive_client.clock"].skip_waits(os.environ.get("PIPEDRIVE_SKIP_WAITS", "") not in ("", "0"))
    sys.argv = request["arguments"]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    gc.unfreeze()
    runpy.run_path(sys.argv[0], run_name="__main__")
