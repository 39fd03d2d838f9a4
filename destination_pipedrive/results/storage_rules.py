"""What the keys of a storage must be before anything is written there, without asking the storage."""

import ipaddress
import re
import socket
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

#: Keys of the storages that hold text.
TEXTS = (
    "path", "s3_bucket_name", "s3_bucket_region", "bucket_path", "access_key_id", "secret_access_key", "s3_endpoint",
    "role_arn",
)  # fmt: skip
#: Names of buckets and regions. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9A-Z][a-z0-9A-Z._-]{0,254}|arn:aws[a-z-]*:s3[a-z0-9-]*:[\w:./-]{1,200}", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,63}", re.ASCII)
_ENDPOINT = re.compile(r"https?://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]{0,4})?(?:/[\w./~-]*)?", re.ASCII)
#: Longest text that a key may have.
MOST_CHARACTERS = 4_000


def trouble(settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first key that cannot be used, and what is wrong with it; None where all can."""
    for key in TEXTS:
        value = settings.get(key)
        wrong = _text_trouble(value) or (_CHECKS[key](value) if value and key in _CHECKS else "")
        if wrong:
            return key, wrong
    if bool(settings.get("access_key_id")) != bool(settings.get("secret_access_key")):
        missing = "secret_access_key" if settings.get("access_key_id") else "access_key_id"
        return missing, "is missing: a key has an id and a secret; leave both empty for the machine's own role"
    return None


def _text_trouble(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return "must be text"
    if not value.isprintable() or len(value) > MOST_CHARACTERS:
        return "holds characters that it cannot have, or too many"
    return "" if value == "" or value.strip() else "is missing"


def _path_trouble(value: str) -> str:
    """`..` would lead out of the place that was chosen."""
    return "must not hold `..`" if ".." in PurePosixPath(value.replace("\\", "/")).parts else ""


def _endpoint_trouble(value: str) -> str:
    """An address inside a network, such as that of a cloud's own machines, is no storage."""
    if not _ENDPOINT.fullmatch(value.strip()):
        return "must be an address such as https://storage.example.com"
    host = urlsplit(value.strip()).hostname or ""
    address = address_of(host)
    if address is None or address.is_loopback:
        return ""
    return "" if address.is_global and not address.is_multicast else "must not be an address of a private network"


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, also in the short and hexadecimal forms of IPv4; None for a name."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _name_trouble(pattern: re.Pattern[str]) -> Any:
    return lambda value: "" if pattern.fullmatch(value.strip()) else "is not a name that there can be"


_CHECKS: dict[str, Any] = {
    "path": _path_trouble,
    "bucket_path": _path_trouble,
    "s3_endpoint": _endpoint_trouble,
    "s3_bucket_name": _name_trouble(_BUCKET),
    "s3_bucket_region": _name_trouble(_REGION),
}
