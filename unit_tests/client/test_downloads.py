"""Contents of files: from the API or from its storage, which is a stranger to the token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.downloads import MOST_HOPS, Download
from pipedrive_client.errors import AbuseBlock, CannotSend, NotFound, PipedriveError, Refused, TransientError
from unit_tests.client.conftest import API, TOKEN

PATH = "v1/files/{id}/download"
ASKED = f"{API}/v1/files/7/download"
STORED = "https://files.s3.amazonaws.com/7?X-Amz-Signature=5ec7e7"
BYTES = {"content-type": "application/octet-stream"}


@pytest.fixture
def download(tmp_path: Path) -> Download:
    """A place for a small file."""
    return Download(tmp_path / "file", most=1_000)


def to(address: str) -> dict[str, Any]:
    """A redirect."""
    return {"status_code": 302, "headers": {"location": address}}


def refusal(client: PipedriveClient, download: Download) -> PipedriveError:
    """How a download ends that fails; nothing of it stays on disk, and no signature is told."""
    with pytest.raises(PipedriveError) as caught:
        client.patient(3).download(PATH, download, id=7)
    assert not download.target.exists()
    assert "5ec7e7" not in caught.value.message
    return caught.value


def test_the_content_itself(api: requests_mock.Mocker, client: PipedriveClient, download: Download) -> None:
    """As the vendor documents it."""
    api.get(ASKED, content=b"%PDF", headers=BYTES)

    assert client.download(PATH, download, id=7) == 4
    assert download.target.read_bytes() == b"%PDF"
    assert client.meter.total.tokens == 20
    assert api.last_request.headers["x-api-token"] == TOKEN


def test_the_storage_gets_no_token(
    api: requests_mock.Mocker, client: PipedriveClient, download: Download, tmp_path: Path, monkeypatch: Any
) -> None:
    """Nor a password that a file of this machine holds for its host; only the API's call has a price."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine files.s3.amazonaws.com login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    api.get(ASKED, **to(STORED))
    api.get(STORED, content=b"content")

    assert client.download(PATH, download, id=7) == 7
    assert not {"x-api-token", "Authorization", "Cookie"} & set(api.last_request.headers)
    assert (client.meter.total.requests, client.meter.total.tokens) == (1, 20)


@pytest.mark.parametrize("host", ["company.pipedrive.com", "api.pipedrive.com"])
def test_no_redirect_gets_the_token(
    host: str, api: requests_mock.Mocker, client: PipedriveClient, download: Download
) -> None:
    """Not even one to Pipedrive."""
    api.get(ASKED, **to(f"https://{host}/other"))
    api.get(f"https://{host}/other", content=b"content")
    client.download(PATH, download, id=7)

    assert "x-api-token" not in api.last_request.headers


@pytest.mark.parametrize(
    "address",
    [
        "http://files.s3.amazonaws.com/7?X-Amz-Signature=5ec7e7",
        "https://127.0.0.1/7",
        "https://localhost/7",
        "http://[::1]/7",
        "ftp://files.example/7",
        "file:///etc/passwd",
        "",
    ],
)
def test_addresses_that_are_not_asked(
    address: str, api: requests_mock.Mocker, client: PipedriveClient, download: Download
) -> None:
    """Unencrypted ones, those of this machine, and what is no address of a server."""
    api.get(ASKED, **to(STORED))
    api.get(STORED, **to(address))
    error = refusal(client, download)

    assert isinstance(error, TransientError)
    assert {request.hostname for request in api.request_history} <= {"api.pipedrive.com", "files.s3.amazonaws.com"}


def test_redirects_without_end(api: requests_mock.Mocker, client: PipedriveClient, download: Download) -> None:
    """They are followed a few times."""
    api.get(ASKED, **to(STORED))
    api.get(STORED, **to(STORED))

    assert "redirects again and again" in refusal(client, download).message
    assert len(api.request_history) == 1 + MOST_HOPS


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        ({"status_code": 404, "json": {"success": False, "error": "File not found"}}, NotFound, 1),
        ({"status_code": 403, "text": "<html>blocked</html>", "headers": {"content-type": "text/html"}}, AbuseBlock, 1),
        ({"status_code": 500, "json": {"success": False}}, TransientError, 3),
        ({"json": {"success": True}, "headers": {"content-type": "application/json"}}, TransientError, 1),
        ({"text": "<html>login</html>", "headers": {"content-type": "text/html"}}, TransientError, 3),
        ({"content": b"x" * 1_001, "headers": BYTES}, Refused, 1),
        ({"exc": requests.ReadTimeout(f"read of {STORED}")}, TransientError, 3),
    ],
)
def test_what_the_api_may_answer(
    answer: dict[str, Any],
    kind: type[PipedriveError],
    tries: int,
    api: requests_mock.Mocker,
    client: PipedriveClient,
    download: Download,
) -> None:
    """A refusal, trouble, a page in between, or too much of a good thing."""
    api.get(ASKED, **answer)

    assert isinstance(refusal(client, download), kind)
    assert len(api.request_history) == tries


@pytest.mark.parametrize(
    ("answer", "kind", "status", "tries"),
    [
        ({"status_code": 404}, Refused, 404, 1),
        ({"status_code": 403, "text": "<Code>AccessDenied</Code>"}, TransientError, 403, 3),
        ({"status_code": 503}, TransientError, 503, 3),
        ({"exc": requests.ConnectionError(f"no way to {STORED}")}, TransientError, None, 3),
        ({"exc": requests.exceptions.SSLError(f"CERTIFICATE_VERIFY_FAILED {STORED}")}, CannotSend, None, 1),
    ],
)
def test_what_the_storage_may_answer(
    answer: dict[str, Any],
    kind: type[PipedriveError],
    status: int | None,
    tries: int,
    api: requests_mock.Mocker,
    client: PipedriveClient,
    download: Download,
) -> None:
    """Each new try asks the API for another address."""
    api.get(ASKED, **to(STORED))
    api.get(STORED, **answer)
    error = refusal(client, download)

    assert (type(error), error.status) == (kind, status)
    assert len([request for request in api.request_history if request.hostname == "api.pipedrive.com"]) == tries
