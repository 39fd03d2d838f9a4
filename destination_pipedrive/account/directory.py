"""What the account holds besides rows: the acting user, users, pipelines and stages by name. Read when first needed."""

import threading
from collections.abc import Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.names import COMMON_ACTIVITY_TYPES, option_id
from destination_pipedrive.fields.parsing import BadValue
from destination_pipedrive.fields.types import field_type
from pipedrive_client.client import PipedriveClient
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import others
from pipedrive_client.field_definitions import FieldCatalog, Option
from pipedrive_client.normalization import text_key
from pipedrive_client.pagination import one_row, own_id, readable_id, rows

#: Type of a field -> the list that holds its names.
LISTS = {
    "user": "v1/users",
    "stage": "api/v2/stages",
    "pipeline": "api/v2/pipelines",
    "lead_labels": "v1/leadLabels",
    "activity_type": "v1/activityTypes",
}
#: Lists whose ids are texts.
TEXT_IDS = frozenset({"v1/leadLabels"})
#: What a user may be named by.
USER_NAMES = ("id", "email", "name")
NO_USER = "is not a user of the account"


class Account:
    """Names to ids, one reading a run for each list. Raises what the client raises."""

    def __init__(self, client: PipedriveClient) -> None:
        self._client = client
        self._me: dict[str, Any] = {}
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._planned: dict[str, list[Mapping[str, Any]]] = {}
        self._lock = threading.RLock()

    def me(self) -> dict[str, Any]:
        """The acting user with the company's name, domain and default currency (2 tokens)."""
        with self._lock:
            if not self._me:
                self._me = one_row(self._client.labelled("account"), "v1/users/me")
            return self._me

    def permissions(self) -> dict[str, Any]:
        """The acting user's permission flags, name -> true or false, as far as Pipedrive shows them (10 tokens)."""
        client = self._client.labelled("account")
        found = client.request("GET", "v1/users/{id}/permissions", id=self.me().get("id")).get("data")
        return found if isinstance(found, dict) else {}

    def greeting(self) -> str:
        """Who acts, and where, in one sentence."""
        me = self.me()
        return f"Connected as {me.get('name')} (user {me.get('id')}) in {me.get('company_name')}."

    def currency(self) -> str:
        """The acting user's default currency."""
        return str(self.me().get("default_currency") or "")

    def user_id(self, name: str) -> int | None:
        """The active user of an email address or a full name (20 tokens, once), None when none or several."""
        wanted = text_key(name)
        active = [user for user in self._list("v1/users") if user.get("active_flag") and not user.get("is_deleted")]
        for key in ("email", "name"):
            found = [user["id"] for user in active if wanted and text_key(user.get(key)) == wanted]
            if found:
                return int(found[0]) if len(found) == 1 else None
        return None

    def is_user(self, owner: str) -> bool:
        """Whether an id, email address or name is that of one active user (20 tokens, once)."""
        if not owner.isdigit():
            return self.user_id(owner) is not None
        return self.knows("user", int(owner))

    def owner_id(self, owner: int | str) -> int:
        """The id of `default_owner`, given as an id, email address or name. Raises ConfigError."""
        if isinstance(owner, int) or owner.strip().isdigit():
            return int(owner)
        found = self.user_id(owner)
        if found is None:
            raise ConfigError(self._no_owner(owner))
        return found

    def check_owner(self, owner: int | str) -> None:
        """Raises ConfigError when `default_owner` is nobody who is active."""
        if not self.is_user(str(owner).strip()):
            raise ConfigError(self._no_owner(str(owner)))

    def _no_owner(self, owner: str) -> str:
        return f"`/default_owner`: `{owner}` {self.user_trouble(owner)}.{others(owner, self.names('user'))}"

    def user_trouble(self, owner: str) -> str:
        """Why an id, email address or name is not that of one active user; the end of a sentence about it."""
        wanted, users = text_key(owner), self._list(LISTS["user"])
        found = [row for row in users if wanted in (text_key(str(row.get(key) or "")) for key in USER_NAMES)]
        active = sum(map(_is_active, found))
        if active:
            return f"is the name of {active} active users; use the id or the email address"
        return "is inactive" if found else NO_USER

    def knows(self, kind: str, row_id: int) -> bool:
        """Whether a user who is active, a stage or a pipeline of this id is there; true for other kinds."""
        if kind not in ("user", "stage", "pipeline"):
            return True
        return any(row["id"] == row_id and _is_active(row) for row in self._list(LISTS[kind]))

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name (5 tokens, once)."""
        return self._named("api/v2/pipelines", name)

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """Ids of the stages of a name, in one pipeline or in every one that has it (5 tokens, once)."""
        inside = {row["id"] for row in self.stages() if pipeline in (None, row.get("pipeline_id"))}
        return [row_id for row_id in self._named("api/v2/stages", name) if row_id in inside]

    def stages(self) -> list[dict[str, Any]]:
        """All stages (5 tokens, once)."""
        return self._list("api/v2/stages")

    def activity_types(self) -> list[dict[str, Any]]:
        """The activity types that are in use (20 tokens, once)."""
        return [row for row in self._list(LISTS["activity_type"]) if _is_active(row)]

    def activity_type_keys(self, name: str) -> list[str]:
        """The key of the activity type of a key, or the keys of those of a name (20 tokens, once)."""
        types, wanted = self.activity_types(), text_key(name)
        for known_by in ("key_string", "name"):
            found = [str(row["key_string"]) for row in types if wanted and text_key(row.get(known_by)) == wanted]
            if found:
                return found
        return []

    def names(self, kind: str) -> list[str]:
        """The names that a field of a kind can take, for messages."""
        return [str(row.get("name")) for row in self._list(LISTS[kind]) if _is_active(row)] if kind in LISTS else []

    def lead_label_ids(self, name: str) -> list[str]:
        """Ids of the lead labels of a name, or the id itself (10 tokens, once)."""
        wanted = text_key(name)
        live = [row for row in self._list("v1/leadLabels") if not row.get("is_deleted")]
        return [str(row["id"]) for row in live if wanted in (text_key(row.get("name")), str(row["id"]).lower())]

    def plan(self, path: str, row: Mapping[str, Any]) -> None:
        """Enter what a dry run would have written, also into a list that is read later."""
        with self._lock:
            if path in LISTS.values():
                self._planned.setdefault(path, []).append(row)
            self.update_list(path, row)

    def loaded(self, path: str) -> list[dict[str, Any]]:
        """The rows of a list that was needed already; none when it was not."""
        return self._lists.get(path, [])

    def update_list(self, path: str, row: Mapping[str, Any]) -> None:
        """Enter what this run wrote into a list that was read: it need not be read again."""
        with self._lock:
            if path in self._lists:
                before = next((each for each in self._lists[path] if each["id"] == row["id"]), {})
                others = [each for each in self._lists[path] if each["id"] != row["id"]]
                self._lists[path] = [*others, {**before, **row}]

    def _named(self, path: str, name: str) -> list[int]:
        wanted = text_key(name)
        live = [row for row in self._list(path) if not row.get("is_deleted")]
        return [int(row["id"]) for row in live if wanted and text_key(row.get("name")) == wanted]

    def _list(self, path: str) -> list[dict[str, Any]]:
        with self._lock:
            if path not in self._lists:
                found = rows(self._client.labelled("account"), path)
                self._lists[path] = [_sound(row, path) for row in found]
                for row in self._planned.get(path, ()):
                    self.update_list(path, row)
            return self._lists[path]


def _sound(row: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A row of a list whose numbers are numbers. Raises TransientError for one without a readable id."""
    numbers = {key: readable_id(row[key]) for key in ("pipeline_id", "order_nr") if key in row}
    return {**row, **numbers, "id": own_id(row, path, is_text=path in TEXT_IDS)}


def _is_active(row: Mapping[str, Any]) -> bool:
    return not row.get("is_deleted") and row.get("active_flag") is not False


def activity_type(account: Account, given: str, where: str) -> str:
    """The key of a type by key or name (20 tokens, once; none for common ones). Raises ConfigError with the pointer."""
    found = [given] if given in COMMON_ACTIVITY_TYPES else account.activity_type_keys(given)
    if len(found) == 1:
        return found[0]
    known = [str(row[key]) for row in account.activity_types() for key in ("key_string", "name") if row.get(key)]
    hint = others(given, known)
    raise ConfigError(f"`{where}`: `{given}` is the key or name of no activity type of the account.{hint}")


def activity_priority(fields: FieldCatalog, given: str, where: str) -> int:
    """The id of a priority by label or id. Raises ConfigError with the pointer."""
    options = tuple(Option(*each) for each in fields.options("activities", "priority").items())
    priority = Field("priority", "priority", field_type("enum"), options=options)
    try:
        return int(option_id(priority, given))
    except BadValue as error:
        hint = others(given, [option.label for option in options])
        raise ConfigError(f"`{where}`: `{given}` {error}.{hint}") from None
