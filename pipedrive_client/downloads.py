"""The content of a file: where it may come from, and how it gets to disk without passing through memory.

Pipedrive keeps files at a storage service. It answers a download with the content, or with a redirect to a signed
address there. Such an address is a key by itself: it is asked without the account's token, and stands in no message.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from pipedrive_client.base_urls import is_loopback, proxies_for
from pipedrive_client.errors import Refused, TransientError
from pipedrive_client.transport import cannot_send, is_untrusted, new_session

#: Redirects that are followed to the content of one file.
MOST_HOPS = 5
#: How much of a file is in memory, in bytes.
CHUNK = 2**18
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Answers of a storage service after which the address has to be asked for anew: it is valid for minutes only.
_EXPIRED = frozenset({400, 401, 403})


@dataclass
class Download:
    """A file that is to be saved at ``target``, of at most ``most`` bytes; ``size`` is that of what is there.

    ``is_paid`` is set when its tokens are, so that those of another one can be after it.
    """

    target: Path
    most: int
    size: int | None = None
    is_paid: threading.Event = field(default_factory=threading.Event)

    @staticmethod
    def is_content(response: requests.Response) -> bool:
        """Whether an answer of the API is the file or leads to it, rather than a refusal or a web page."""
        if response.status_code in _REDIRECTS:
            return "location" in response.headers
        kind = response.headers.get("content-type", "").lower()
        return response.status_code == 200 and "json" not in kind and "html" not in kind

    def save(self, response: requests.Response, base_url: str, timeout: tuple[float, float]) -> None:
        """Write the content to disk, from another host where the answer leads there.

        Raises RequestException when it broke off, Refused when it is too large or nobody has it, TransientError for an
        address that cannot be used, OSError of the disk. Nothing is left at ``target`` then.
        """
        with response:
            if response.status_code not in _REDIRECTS:
                self._write(response)
                return
            address = urljoin(response.url, response.headers["location"])
        with new_session(_NoCredentials()) as session:
            for _ in range(MOST_HOPS):
                _check_address(address, base_url)
                proxies: Any = proxies_for(address)
                with session.get(
                    address, stream=True, allow_redirects=False, timeout=timeout, proxies=proxies
                ) as answer:
                    if answer.status_code not in _REDIRECTS:
                        _check_status(answer)
                        self._write(answer)
                        return
                    address = urljoin(answer.url, answer.headers.get("location", ""))
        raise TransientError("The address of the file redirects again and again. Try again later.", status=302)

    def _write(self, response: requests.Response) -> None:
        size = 0
        try:
            with self.target.open("wb") as file:
                for chunk in response.iter_content(CHUNK):
                    size += len(chunk)
                    if size > self.most:
                        raise too_large(self.most)
                    file.write(chunk)
        except BaseException:
            self.target.unlink(missing_ok=True)
            raise
        self.size = size


def too_large(most: int) -> Refused:
    """The error of a file with more bytes than may be copied."""
    return Refused(f"It is larger than {most / 10**9:g} GB, the most that Airbyte copies.", status=413)


def broken_off(error: requests.RequestException, path: str) -> TransientError:
    """The error of a download that may be tried again. Its text is not that of ``error``, which may hold an address.

    Raises CannotSend when the certificate of the storage is not trusted here.
    """
    if is_untrusted(error):
        raise cannot_send(error) from None
    if error.response is None:
        text = f"The file could not be downloaded ({type(error).__name__}). Check the network, then try again."
        return TransientError(text, path=path)
    status = error.response.status_code
    text = f"The file could not be downloaded ({error.args[0]}, status {status}). Try again later."
    return TransientError(text, status=status, path=path)


class _NoCredentials(AuthBase):
    """Is an authentication, so that no file of passwords (.netrc) is looked into either."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _check_address(address: str, base_url: str) -> None:
    """Raises TransientError unless content may be fetched from there: encrypted, or all on this machine."""
    parts = urlsplit(address)
    if (parts.scheme == "https" and not is_loopback(address)) or (is_loopback(address) and is_loopback(base_url)):
        return
    raise TransientError(
        f"Pipedrive sent an address for the file that is not fetched from ({parts.scheme}, {parts.hostname}): only "
        "https is, and nothing on this machine. Try again later.",
        status=302,
    )


def _check_status(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    if status in (404, 410):
        raise Refused(f"Its storage no longer has it (status {status}).", status=status)
    if status in _EXPIRED:
        raise requests.HTTPError("its storage refused the address", response=answer)
    raise requests.HTTPError("its storage had a problem", response=answer)
