"""`check` ends with one sentence, whatever is wrong with the network or this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration_tests.harness import Connector, Run
from integration_tests.source.conftest import InProcess
from pipedrive_client.client import MAX_WAIT
from pipedrive_client.transport import CHECK, CHECK_SECONDS, Patience

pytestmark = pytest.mark.network

#: What waiting between the tries of a check takes at most, and what starting takes on a slow machine, in seconds.
BETWEEN_TRIES, STARTING = 1.5 + 2.5, 12.0


class Server:
    """Takes connections, and does with each what it is told to; ``url`` is its address."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.taken = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        """Take no further connection."""
        for each in (self._socket, *self._open):
            each.close()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.taken += 1
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    """Makes servers, which are closed in the end."""
    made: list[Server] = []

    def make(answer: Callable[[socket.socket], None]) -> Server:
        made.append(Server(answer))
        return made[-1]

    yield make
    for server in made:
        server.close()


def never(_connection: socket.socket) -> None:
    """No answer."""


def trickle(connection: socket.socket) -> None:
    """An answer that goes on and on, byte by byte, each of them in time."""
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" ")
            threading.Event().wait(0.01)
    except OSError:
        return


def failed(run: Run) -> str:
    """The sentence of a check that failed, as its only message but logs."""
    assert run.exit_code == 0
    assert not run.errors()
    assert run.connection_status["status"] == "FAILED"
    return str(run.connection_status["message"])


def test_a_server_that_never_answers(
    source: InProcess, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes the connection and says nothing is asked three times; the sentence says so."""
    server = serve(never)
    monkeypatch.setattr("source_pipedrive.source.CHECK", Patience(CHECK.tries, (1.0, 0.1)))
    source.config["api_url"] = server.url

    assert failed(source.check()) == "Pipedrive did not answer (ReadTimeout). Check the network, then try again."
    assert server.taken == 3


def test_a_server_that_never_ends(
    source: InProcess, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that keeps the check waiting in another way ends it, too."""
    monkeypatch.setattr("pipedrive_client.transport.CHECK_SECONDS", 0.3)
    source.config["api_url"] = serve(trickle).url

    assert failed(source.check()).startswith("Pipedrive did not answer within 0 seconds")


def test_a_check_is_over_within_a_minute() -> None:
    """Three tries without an answer, or whatever else takes its time, are over within 60 seconds."""
    assert CHECK.tries * CHECK.timeout[1] + BETWEEN_TRIES < CHECK_SECONDS
    assert CHECK_SECONDS + STARTING < 60
    assert MAX_WAIT + STARTING > 60, "a single wait may be longer, which is why there is a limit for all together"


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError("odd"), BlockingIOError(11, "x")])
def test_an_error_of_this_machine(source: InProcess, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """What the operating system refuses fails the check with a sentence."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("requests.Session.send", refuse)

    assert str(error) in failed(source.check())


def test_a_missing_file_of_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed command, told to use a file of certificates that is not there, says which."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    said = failed(Connector("source-pipedrive", tmp_path).check({"api_token": "x"}))

    assert "/nowhere/ca.pem" in said
    assert "REQUESTS_CA_BUNDLE" in said
