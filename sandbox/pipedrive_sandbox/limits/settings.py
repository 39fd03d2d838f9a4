"""Switches of the sandbox: what the public documentation leaves open, and what differs between accounts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

PLANS = ("lite", "growth", "premium", "ultimate")

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "plan": PLANS,
    "limit_over_500": ("reject", "clamp"),
    "last_cursor": ("null", "absent", "no_additional_data"),
    "v1_empty": ("list", "null"),
    "v1_bad_query": ("reject", "ignore"),
    "non_numeric_id": (400, 404),
    "unknown_path": (501, 404),
    "unstamped_rows": ("excluded", "coalesced"),
    "v1_pagination": ("nested", "flat"),
    "deleted_by_id": (200, 404, 410),
    "deleted_on_write": (404, 403, 410),
}


@dataclass(frozen=True)
class Settings:
    """All switches with their defaults; times in seconds, limits in tokens or requests."""

    plan: str = "ultimate"
    seats: int = 5
    burst: bool = False
    burst_headers: bool = True
    daily_limit: int | None = None
    daily_headers: bool = True
    daily_headers_late: int = 0
    retry_after: int | None = None
    abuse_after: int | None = 30
    limit_over_500: str = "reject"
    last_cursor: str = "null"
    v1_empty: str = "null"
    v1_bad_query: str = "reject"
    non_numeric_id: int = 400
    unknown_path: int = 501
    unstamped_rows: str = "excluded"
    touching_children: tuple[str, ...] = ("activities", "deal_products", "files", "leads", "notes")
    v1_pagination: str = "nested"
    deleted_by_id: int = 200
    deleted_on_write: int = 404
    deleted_in_lists: bool = False
    deleted_days: int | None = None
    search_lag: float = 0.0
    deleted_persons_searchable: float = 3600.0
    contact_sync: bool = False
    null_unlinks: bool = False
    absent_empty_builtins: bool = True
    features_off: tuple[str, ...] = ()
    fields_off: tuple[str, ...] = ()
    refused_include_fields: tuple[str, ...] = ()
    refused_permissions: tuple[str, ...] = ()
    refused_paths: Mapping[str, int] = field(default_factory=dict)
    access_token_lifetime: int = 3600
    refresh_token_revoked: bool = False
    api_domain: str | None = None
    file_storage: str | None = None
    oauth_scopes: str = (
        "base,deals:full,contacts:full,activities:full,products:full,leads:full,projects:full,goals:full,mail:full,"
        "users:read,recents:read,search:read,admin,phone-integration,deal-fields:full,contact-fields:full,product-fields:full,project-fields:full"
    )

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """A copy with some switches changed. Raises ValueError for an unknown switch or value."""
        known = {each.name for each in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting `{name}`; known: {', '.join(sorted(known))}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"setting `{name}` is one of {CHOICES[name]}, not {value!r}")
        return replace(self, **{name: _frozen(value) for name, value in changes.items()})

    def to_json(self) -> dict[str, Any]:
        """All switches as a JSON object."""
        return asdict(self)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
