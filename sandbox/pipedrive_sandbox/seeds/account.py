"""What a new account holds: its owner, currencies, activity types, lead labels, one pipeline, built-in fields."""

import uuid

from pipedrive_sandbox.model.column import definitions_of
from pipedrive_sandbox.model.registry import blank_row, resource_of
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State, add_field, new_options

PERMISSION_SETS = tuple(
    (str(uuid.UUID(int=number)), name, app)
    for number, (name, app) in enumerate(
        (("Deals admin", "sales"), ("Global admin", "global"), ("Account settings", "account_settings")), start=1
    )
)
#: Fields whose collection is not that of the custom ones.
OWN_FIELDS = {"leads": "leadFields", "notes": "noteFields"}
CURRENCY_KEYS = ("code", "name", "decimal_points", "symbol")
CONTENTS = ["can_add_products", "can_use_api", "can_see_other_users", "can_delete_deals"]
SELLERS = {"id": 2, "name": "Sellers", "parent_role_id": 1, "level": 2}
ACCESS = tuple({"app": app, "admin": True, "permission_set_id": key} for key, _, app in PERMISSION_SETS)


def add_account(state: State) -> None:
    """Everything that exists before the first record."""
    add_built_in(state)
    add_users(state, 1)
    add_pipelines(state, 1)
    store = state.store
    store["currencies"].load(
        {**blank_row("currencies"), "id": number, **dict(zip(CURRENCY_KEYS, currency, strict=True))}
        for number, currency in enumerate(words.CURRENCIES, start=1)
    )
    store["activityTypes"].load(_activity_types())
    store["leadLabels"].load(
        {**blank_row("leadLabels"), "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)), "name": name, "color": color}
        for name, color in words.LEAD_LABELS
    )
    store["permissionSets"].load(_permission_sets())
    store["roles"].load([{**blank_row("roles"), "id": 1, "name": "Admins"}, {**blank_row("roles"), **SELLERS}])
    store["leadSources"].load({"id": number, "name": name} for number, name in enumerate(words.LEAD_SOURCES, start=1))


def add_built_in(state: State) -> None:
    """The definitions of the columns that every account has."""
    for name in ("deals", "persons", "organizations", "products", "activities", "projects", "leads", "notes"):
        resource = resource_of(name)
        collection = OWN_FIELDS.get(name, resource.fields)
        for code, (label, field_type, *options) in definitions_of(resource.columns).items():
            labels = options[0] if options else ()
            colors = tuple(labels.values()) if isinstance(labels, dict) else ()
            made = new_options(state, tuple(labels), colors) if options else None
            add_field(state, collection, code, label, field_type, made, is_custom_field=False)


def add_users(state: State, count: int) -> None:
    """The first users; number 1 owns the API token, the last of six is inactive."""
    state.store["users"].load(_user(number) for number in range(1, count + 1))
    state.store["role_assignments"].load(
        {**blank_row("role_assignments"), "id": number, "user_id": number, "role_id": 1 if number == 1 else 2}
        for number in range(1, count + 1)
    )
    state.store["permission_assignments"].load(
        {"id": number, "user_id": number, "permission_set_id": PERMISSION_SETS[0][0], "name": PERMISSION_SETS[0][1]}
        for number in range(1, count + 1)
    )


def add_pipelines(state: State, count: int) -> None:
    """The first pipelines with their stages."""
    stages: list[Row] = []
    for number, (_, names) in enumerate(words.PIPELINES[:count], start=1):
        for order, name in enumerate(names, start=1):
            share = round(100 * order / len(names))
            row = {"name": name, "order_nr": order, "pipeline_id": number, "deal_probability": share}
            stages.append({**blank_row("stages"), **row, "id": len(stages) + 1})
    state.store["stages"].load(stages)
    state.store["pipelines"].load(
        {**blank_row("pipelines"), "id": number, "name": name, "order_nr": number}
        for number, (name, _) in enumerate(words.PIPELINES[:count], start=1)
    )


def _permission_sets() -> list[Row]:
    return [
        {**blank_row("permissionSets"), "id": key, "name": name, "app": app, "type": "admin", "contents": CONTENTS}
        for key, name, app in PERMISSION_SETS
    ]


def _user(number: int) -> Row:
    name, email, is_active = words.USERS[(number - 1) % len(words.USERS)]
    row = {**blank_row("users"), "id": number, "name": name, "email": email, "active_flag": is_active}
    if number > len(words.USERS):
        row.update(name=f"{name} {number}", email=email.replace("@", f"{number}@"), active_flag=True)
    if number == 1:
        row.update(has_created_company=True, access=list(ACCESS))
    return row


def _activity_types() -> list[Row]:
    return [
        {
            **blank_row("activityTypes"),
            "id": number,
            "name": name,
            "icon_key": icon,
            "order_nr": number,
            "key_string": name.lower().replace(" ", "_"),
            "active_flag": is_active,
            "is_custom_flag": number > 6,
        }
        for number, (name, icon, is_active) in enumerate(words.ACTIVITY_TYPES, start=1)
    ]
