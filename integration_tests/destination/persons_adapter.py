"""What the conformance checks have to know of the Pipedrive destination: its and persons of a sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar

from destination_conformance import Adapter, Held, Json
from integration_tests.destination.account import Account
from integration_tests.forking import commands

EMAIL = re.compile(r"p(\d+)@acme\.test")
#: The number of the row that is rejected: it has no email address to carry one.
BAD = 500
SECRETS = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "refresh_token": "sandbox-refresh"}


class PersonsAdapter(Adapter):
    """Persons, found by email. The number is in the address, the version in the name."""

    stream, key = "persons", "email"
    properties: ClassVar[Json] = {name: {"type": ["null", "string"]} for name in ("name", "email", "nick")}
    modes = frozenset({"append", "append_dedup", "update", "soft_delete"})
    secrets = ("sandbox-secret", "sandbox-refresh", "no-such-token-123")
    environment: ClassVar[dict[str, str]] = {"PIPEDRIVE_SKIP_WAITS": "1", "NO_PROXY": "127.0.0.1"}

    def __init__(self, account: Account) -> None:
        self.command = [str(commands() / "destination-pipedrive")]
        self._account = account

    def config(self) -> Json:
        """OAuth, because its secrets are words that occur nowhere else."""
        return self._account.config(credentials={"auth_type": "oauth2.0", **SECRETS}, oauth_url=self._account.url)

    def refused_config(self) -> Json:
        """A token that Pipedrive does not know."""
        return self._account.config(credentials={"auth_type": "api_token", "api_token": "no-such-token-123"})

    def wrong_config(self) -> Json:
        """No credentials."""
        return {"api_url": self._account.url}

    def reset(self) -> None:
        """An account with fields and users, but no rows."""
        self._account.sandbox.reset(seed=1, scale=0)

    def held(self) -> list[Held]:
        """The persons that are not deleted."""
        return [(_number(row), int(row["name"].removeprefix("Person "))) for row in self._account.rows("persons")]

    def put(self, rows: Iterable[Held]) -> None:
        """Straight into the sandbox."""
        for number, version in rows:
            data = self.row(number, version)
            email = {"value": data["email"], "primary": True, "label": "work"}
            self._account.put("persons", name=data["name"], emails=[email])

    def row(self, number: int, version: int = 0) -> Json:
        """A person."""
        return {"name": f"Person {version}", "email": f"p{number}@acme.test", "nick": f"n-{number}"}

    def bad_row(self) -> Json:
        """Without an email address there is nothing to find the person by."""
        return {"name": "Person 0"}

    def rejects_config(self, folder: Path) -> Json:
        """Files in a directory."""
        return {**self.config(), "object_storage_config": {"storage_type": "Local", "path": str(folder)}}

    def repaired_config(self) -> Json:
        """A person may be without an address."""
        return {**self.config(), "mappings": [{"stream": "persons", "require_match_key": False}]}

    def recognising_config(self) -> Json:
        """The external ID is kept in a custom field."""
        fields = [{"source": "nick", "target": "Nickname"}]
        return {
            **self.config(),
            "mappings": [{"stream": "persons", "external_id_field": "Nickname", "fields": fields}],
        }

    def failing(self, after: int) -> AbstractContextManager[None]:
        """Pipedrive's web page instead of an answer, as an account has it that is blocked."""
        return self._blocked(after)

    @contextmanager
    def _blocked(self, after: int) -> Iterator[None]:
        fault = {"kind": "html_403", "method": "POST", "path": "/persons$", "skip": after, "times": None}
        self._account.sandbox.set_faults(fault)
        yield
        self._account.sandbox.set_faults()


def _number(row: Json) -> int:
    found = EMAIL.fullmatch(row["emails"][0]["value"]) if row["emails"] else None
    return int(found[1]) if found else BAD
