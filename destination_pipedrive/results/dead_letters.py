"""Where rejected records are kept: JSON lines that can be fed back to ``write`` once the reason is gone.

Each line is the RECORD message as it came, with a ``rejection`` beside ``record``. Files are below
``{root}/{sync_id}/{namespace}/{stream}/``, where the platform looks for those of a job; without a ``sync_id`` in the
catalog that folder is left out. They are complete up to a state before that state is passed on.
"""

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.flow import Outcome
from destination_pipedrive.protocol.json_lines import OddMessage, with_key
from destination_pipedrive.results.private_files import append_privately, private_folder, reason_of
from destination_pipedrive.results.storage_rules import trouble
from pipedrive_client.config import ConfigError
from pipedrive_client.lenient_json import dumps_exactly

KEY = "object_storage_config"
#: Tells the owner of a role for which workspace the platform asks. Source: airbyte-platform, RuntimeEnvVarFactory.
EXTERNAL_ID = "AWS_ASSUME_ROLE_EXTERNAL_ID"
#: How the owner of a role finds these requests.
SESSION_NAME = "destination-pipedrive"
#: Storage type -> keys that it needs.
TYPES: dict[str, tuple[str, ...]] = {
    "None": (),
    "Local": ("path",),
    "S3": ("s3_bucket_name", "s3_bucket_region"),
}


class Store(ABC):
    """A place for files."""

    @abstractmethod
    def add(self, folder: str, name: str, lines: bytes) -> None:
        """Keep some lines. Raises ConfigError when that is not possible."""

    @abstractmethod
    def check(self) -> None:
        """Raises ConfigError when files cannot be kept here."""


@dataclass(frozen=True)
class LocalStore(Store):
    """Files in a directory; the lines of a run are appended to one file a stream."""

    path: Path

    def add(self, folder: str, name: str, lines: bytes) -> None:
        """Append to ``{path}/{folder}/{name}.jsonl``."""
        try:
            private_folder(self.path, folder)
            append_privately(self.path / folder / f"{name}.jsonl", lines)
        except OSError as error:
            raise _unusable("path", f"nothing can be written to {self.path}: {reason_of(error)}") from None

    def check(self) -> None:
        """Create the directory when it is missing."""
        try:
            private_folder(self.path)
        except OSError as error:
            raise _unusable("path", f"{self.path} cannot be used: {reason_of(error)}") from None


@dataclass
class S3Store(Store):
    """Objects in a bucket; lines cannot be appended there, so each ``add`` makes a new numbered object."""

    settings: Mapping[str, Any] = field(repr=False)
    _client: Any = field(default=None, repr=False)
    _parts: dict[str, int] = field(default_factory=dict)

    def add(self, folder: str, name: str, lines: bytes) -> None:
        """Put ``{bucket_path}/{folder}/{name}-{part}.jsonl``."""
        part = self._parts[folder] = self._parts.get(folder, 0) + 1
        root = (self.settings.get("bucket_path") or "").strip().strip("/")
        key = "/".join(each for each in (root, folder, f"{name}-{part:05}.jsonl") if each)
        self._try("put_object", Key=key, Body=lines, ContentType="application/x-ndjson")

    def check(self) -> None:
        """Ask for the bucket."""
        self._try("head_bucket")

    def _try(self, operation: str, **arguments: Any) -> None:
        # boto3 takes a third of a second to import; most runs do not need it.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client = self._client or self._connect()
            getattr(self._client, operation)(Bucket=self.settings["s3_bucket_name"], **arguments)
        except (BotoCoreError, ClientError, ValueError) as error:
            is_role = getattr(error, "operation_name", "") == "AssumeRole"
            key, what = ("role_arn", "role") if is_role else ("s3_bucket_name", "bucket")
            raise _unusable(key, f"the {what} cannot be used ({type(error).__name__}: {error})") from None

    def _connect(self) -> Any:
        import boto3

        session = boto3.Session(
            region_name=self.settings["s3_bucket_region"],
            aws_access_key_id=self.settings.get("access_key_id") or None,
            aws_secret_access_key=self.settings.get("secret_access_key") or None,
        )
        role = self.settings.get("role_arn")
        session = _with_role(session, role) if role else session
        return session.client("s3", endpoint_url=self.settings.get("s3_endpoint") or None)


def _with_role(session: Any, role: str) -> Any:
    """A session that acts as a role, taken on with the keys of another one or, without keys, the platform's own.

    A role is lent for an hour; it is asked for again when a run takes longer.
    """
    import boto3
    import botocore.session
    from botocore.credentials import RefreshableCredentials

    asked = {"RoleArn": role, "RoleSessionName": SESSION_NAME}
    if os.environ.get(EXTERNAL_ID):
        asked["ExternalId"] = os.environ[EXTERNAL_ID]
    lender = session.client("sts")

    def lend() -> dict[str, str]:
        lent = lender.assume_role(**asked)["Credentials"]
        names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
        return {name: lent[key] for name, key in names.items()} | {"expiry_time": lent["Expiration"].isoformat()}

    core = botocore.session.get_session()
    core._credentials = RefreshableCredentials.create_from_metadata(lend(), lend, "sts-assume-role")
    return boto3.Session(botocore_session=core, region_name=session.region_name)


def store_of(settings: Any) -> Store | None:
    """The store that ``object_storage_config`` describes, or None. Raises ConfigError."""
    if settings is None:
        return None
    if not isinstance(settings, Mapping):
        raise ConfigError(f"`/{KEY}` must be an object with `storage_type`.")
    kind = _kind(settings)
    if kind not in TYPES:
        raise ConfigError(f"`/{KEY}/storage_type` must be one of {', '.join(TYPES)}.")
    for key in TYPES[kind]:
        if settings.get(key) is None or settings[key] == "":
            raise ConfigError(f"`/{KEY}/{key}` is missing.")
    if kind == "None":
        return None
    wrong = trouble(settings)
    if wrong:
        raise ConfigError(f"`/{KEY}/{wrong[0]}` {wrong[1]}.")
    if kind == "Local":
        return LocalStore(Path(settings["path"].strip()).expanduser())
    return S3Store({key: each.strip() if isinstance(each, str) else each for key, each in settings.items()})


def has_no_place(settings: Mapping[str, Any]) -> bool:
    """True where nothing is kept."""
    return _kind(settings) == "None"


def _kind(settings: Mapping[str, Any]) -> str:
    """The type of a storage; what is no text is of none that there is."""
    kind = settings.get("storage_type")
    return "None" if kind in (None, "") else kind if isinstance(kind, str) else ""


def _unusable(key: str, why: str) -> ConfigError:
    return ConfigError(f"`/{KEY}/{key}`: rejected records cannot be kept: {why}.")


class DeadLetters:
    """Gathers rejections and hands them to a store. Safe to share between threads."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._waiting: dict[str, list[bytes]] = {}
        self._lock = threading.Lock()

    def add(self, message: Mapping[str, Any], stream: ConfiguredStream, object_name: str, outcome: Outcome) -> None:
        """Keep one rejected record for the next ``flush``."""
        if self._store is None:
            return
        rejection = {
            "code": outcome.code,
            "message": outcome.sentence,
            "field": outcome.field or None,
            "object": object_name,
        }
        folder = folder_of(stream)
        line = _line(message, rejection)
        with self._lock:
            self._waiting.setdefault(folder, []).append(line)

    def flush(self) -> None:
        """Write what waits. Raises ConfigError when the store cannot take it; it waits on then."""
        with self._lock:
            for folder, lines in list(self._waiting.items()):
                if self._store:
                    self._store.add(folder, self._name, b"".join(lines))
                del self._waiting[folder]


def _line(message: Mapping[str, Any], rejection: Mapping[str, Any]) -> bytes:
    """A message as it came, with why it was rejected. A key ``rejection`` of an earlier run is replaced."""
    if isinstance(message, OddMessage) and message.is_cut:
        return with_key(message.line, "rejection", rejection).encode() + b"\n"
    return dumps_exactly({**message, "rejection": rejection}) + b"\n"


def folder_of(stream: ConfiguredStream) -> str:
    """The folder of a stream's records, below those of its namespace and of the sync."""
    return "/".join(_safe(part) for part in (stream.sync_id, stream.namespace, stream.name) if part)


def _safe(name: str) -> str:
    """A stream's name as one folder."""
    return "".join(char if char.isalnum() or char in "-_.@ " else "_" for char in name).strip(".") or "_"
