"""Example custom fields: every type, and the awkward cases."""

from pipedrive_sandbox.store.state import State, add_field, custom_key, new_options

Custom = tuple[str, str, tuple[str, ...]]

CUSTOM: dict[str, tuple[Custom, ...]] = {
    "dealFields": (
        ("Lead source", "enum", ("Website", "Referral", "Trade fair", "Партнёр")),
        ("Products of interest", "set", ("Starter", "Team", "Enterprise", "ホスティング")),
        ("Contract number", "varchar", ()),
        ("Region", "varchar_auto", ()),
        ("Terms", "text", ()),
        ("Discount %", "double", ()),
        ("Budget", "monetary", ()),
        ("Account manager", "user", ()),
        ("Partner company", "org", ()),
        ("Decision maker", "people", ()),
        ("Hotline", "phone", ()),
        ("Call time", "time", ()),
        ("Delivery window", "timerange", ()),
        ("Signing date", "date", ()),
        ("Contract period", "daterange", ()),
        ("Delivery address", "address", ()),
        ("Segment", "varchar", ()),
        ("Segment", "double", ()),
        ("Title", "varchar", ()),
        ("Status", "enum", ("Green", "Amber", "Red")),
        ("Источник", "varchar", ()),
        ("担当者", "varchar", ()),
        ("!!!", "varchar", ()),
    ),
    "personFields": (
        ("Nickname", "varchar", ()),
        ("Newsletter", "enum", ("Weekly", "Monthly", "Never")),
        ("Interests", "set", ("Golf", "Sailing", "Chess")),
        ("Home address", "address", ()),
        ("Birth year", "double", ()),
        ("Met on", "date", ()),
    ),
    "organizationFields": (
        ("Founded year", "double", ()),
        ("Domain", "varchar", ()),
        ("Tier", "enum", ("Gold", "Silver", "Bronze")),
        ("Headquarters phone", "phone", ()),
        ("Fiscal year", "daterange", ()),
        ("Engagement score", "double", ()),
        ("会社種別", "set", ("株式会社", "合同会社")),
    ),
    "productFields": (
        ("Supplier", "org", ()),
        ("Weight", "double", ()),
        ("Material", "enum", ("Steel", "Wood", "Plastic")),
        ("Release date", "date", ()),
        ("List price", "monetary", ()),
    ),
    "projectFields": (("Risk", "enum", ("Low", "High")), ("Budget code", "varchar", ())),
}


def add_custom(state: State, seed: int) -> None:
    """The example custom fields; a seed has its own keys."""
    for collection, fields in CUSTOM.items():
        for position, (label, field_type, labels) in enumerate(fields):
            key = custom_key(f"{collection}/{label}/{position}/{seed}")
            if state.store.find(collection, key) is None:
                options = new_options(state, labels) if labels else None
                add_field(state, collection, key, label, field_type, options)
