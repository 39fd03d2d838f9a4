"""One entry of ``mappings``: which object a stream becomes, and how. The JSON schema for editors comes from here."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, PrivateAttr, model_validator
from pydantic.config import JsonDict

from destination_pipedrive.config.action_rules import Action
from destination_pipedrive.config.entries import (
    ITEM,
    LISTED,
    Amount,
    Condition,
    Count,
    Entry,
    IdOrName,
    Keys,
    ListedEntry,
    Share,
    Switch,
    ValueMap,
    said,
)
from pipedrive_client.expressions.expression import Expression

#: Most of the managed rows that `mirror` deletes, unless the user says otherwise.
MAX_DELETE_SHARE = 0.1
#: Link name -> by what the parent can be found besides a field that holds an external ID, the default first.
LINKS: dict[str, tuple[str, ...]] = {
    "organization": ("name", "domain", "id"),
    "person": ("email", "name", "id"),
    "deal": ("id", "name"),
    "product": ("code", "name", "id"),
    "linked_organization": ("name", "domain", "id"),
}
_UNLESS_IGNORED: JsonDict = {
    "if": {"properties": {"mode": {"const": "ignore"}}, "required": ["mode"]},
    "else": {"required": ["target"]},
}
#: Stands for every stream that has no entry of its own.
EVERY_STREAM = "*"
_IF_MIRROR: JsonDict = {
    "if": {"properties": {"operation": {"const": "mirror"}, "copy": {"const": False}}, "required": ["operation"]},
    "then": {"required": ["external_id_field"]},
}


class FieldRule(ListedEntry):
    """Where one column goes, and how its values are written."""

    model_config = ConfigDict(title="Field", json_schema_extra=_UNLESS_IGNORED)

    source: str = Field(description="Column of the incoming stream.", examples=["company"])
    target: str = Field(
        default="",
        description="Field of the object: its API name, the label, key or column name of a custom field, or a name "
        "such as email, phone, domain, owner, stage, organization.",
        examples=["name", "Lead source"],
    )
    mode: Literal["overwrite", "fill", "ignore"] = Field(
        default="overwrite",
        description="Overwrite the field, fill it only if it is empty in Pipedrive, or ignore the column.",
    )
    null: Literal["ignore", "clear"] = Field(
        default="ignore", description="What an empty value does: nothing, or clear the field in Pipedrive."
    )
    merge: Literal["replace", "add", "remove"] | None = Field(
        default=None,
        description="For a list: replace the entries in Pipedrive, add the record's entries to them, or remove them. "
        "Default: add for emails, phones, participants, attendees and followers, replace for labels and options.",
    )
    primary: Switch = Field(default=False, description="Make an email address or phone number the primary one.")
    on_invalid: Literal["reject", "leave_out"] = Field(
        default="reject", description="For a value that cannot be read: reject the record, or leave the value out."
    )
    format: str = Field(
        default="",
        description="How dates and times are written, as in strptime (%d.%m.%Y), or epoch_s or epoch_ms; for a number "
        "or an amount decimal_comma (1.234,50 €) or decimal_point ($1,234.50).",
        examples=["%d.%m.%Y", "epoch_ms", "decimal_comma"],
    )

    @model_validator(mode="after")
    def _needs_target(self) -> "FieldRule":
        if not self.target and self.mode != "ignore":
            raise said(" is missing: the field that the column goes to.", "target")
        return self


class LinkRule(Entry):
    """How the row's organization, person, deal or product is found."""

    model_config = ConfigDict(title="Link")
    _parent: str = PrivateAttr("")

    known_by: str = Field(
        default="",
        alias="by",
        description="What the column holds: name or domain of an organization, email or name of a person, code or name "
        "of a product, name of a deal, or the id of any of them. Any other word is a custom text field that holds your "
        "external ID. Default: name; for persons email, for deals id, for products code.",
        examples=["domain", "Customer number"],
    )
    source: str = Field(alias="from", description="Column of the incoming stream.", examples=["company_domain"])
    create_if_missing: Switch = Field(default=False, description="Create the parent if none is found.")

    @property
    def parent(self) -> str:
        """The name of the link."""
        return self._parent

    @cached_property
    def by(self) -> str:
        """By what the parent is known."""
        return self.known_by or LINKS[self._parent][0]


class Links(Entry):
    """Which organization, person, deal or product a row belongs to."""

    organization: LinkRule | None = Field(default=None, description="The organization that a row belongs to.")
    person: LinkRule | None = Field(default=None, description="The person that a row belongs to.")
    deal: LinkRule | None = Field(default=None, description="The deal that a row belongs to.")
    product: LinkRule | None = Field(default=None, description="The product that a row belongs to.")
    linked_organization: LinkRule | None = Field(
        default=None, description="The other organization of a relation between two organizations."
    )

    @model_validator(mode="after")
    def _name_parents(self) -> "Links":
        for name in LINKS:
            link: LinkRule | None = getattr(self, name)
            if link:
                link._parent = name
        return self

    @property
    def rules(self) -> tuple[LinkRule, ...]:
        """The links that are set."""
        return tuple(link for name in LINKS if (link := getattr(self, name)))


class Rules(ListedEntry):
    """What is done with the rows of one stream."""

    model_config = ConfigDict(title="Mapping", json_schema_extra=_IF_MIRROR)
    take_null: ClassVar[frozenset[str]] = frozenset({"on_missing_parent", "on_unknown_option"})

    stream: str = Field(description="Name of the incoming stream, or namespace.stream.", examples=["crm_contacts"])
    copies: Switch = Field(
        default=False,
        alias="copy",
        description="The rows are those of another Pipedrive account, as the Pipedrive source reads them: their links, "
        "users, stages, labels and options become those of this account, and `external_id_field` keeps their old ids. "
        "Without `stream`, every stream is copied that has no entry of its own.",
    )
    object_name: str = Field(
        default="",
        alias="object",
        description="What its rows become in Pipedrive. Default: the object that is named like the stream.",
    )
    operation: Literal["upsert", "insert", "update", "delete", "mirror"] | None = Field(
        default=None,
        description="What is done. Default: the sync mode decides (append inserts, append_dedup upserts, update "
        "updates, soft_delete deletes). `mirror` upserts and, after a complete full refresh, deletes the managed rows "
        "that did not come.",
    )
    match_on: Keys = Field(
        default=(),
        description="Keys to find existing rows by, tried in order: id, email, phone, name, title, domain, code, or a "
        "custom field; a list inside the list is one key of several fields. Default: persons by email, organizations "
        "by domain then name, products by code then name, deals and leads by id.",
        examples=[["email"], ["domain", "name"]],
    )
    external_id_field: str = Field(
        default="",
        description="Custom field that holds your external ID: it is the first match key, and in append mode shows "
        "that a record was sent before.",
        examples=["Customer number"],
    )
    updated_at_field: str = Field(
        default="",
        description="Column with the time at which your system changed the record; `newest_wins` compares it with "
        "Pipedrive's own time.",
    )
    max_delete_share: Share = Field(
        default=MAX_DELETE_SHARE,
        description="A mirror that would delete more than this share of the rows with an external ID deletes nothing "
        "and fails with an error message.",
    )
    require_match_key: Switch = Field(
        default=True,
        description="Reject a row without a usable key. If off, the row is created and may duplicate an existing one.",
    )
    create: Switch = Field(default=True, description="Create rows that are not found.")
    update: Switch = Field(default=True, description="Update rows that are found.")
    on_ambiguous: Literal["reject", "oldest", "newest"] = Field(
        default="reject", description="When several rows match: reject the record, or take the oldest or newest row."
    )
    on_duplicate: Literal["update", "skip", "create"] = Field(
        default="update",
        description="When a match is found, an upsert updates it, skips the record, or creates another row.",
    )
    on_gone: Literal["reject", "create"] = Field(
        default="reject",
        description="If the matched row was deleted before it was written: reject the record, or create it.",
    )
    domain_field: str = Field(default="", description="Custom field that holds a company's domain. Default: website.")
    fields: Annotated[tuple[Annotated[FieldRule, ITEM], ...], LISTED] = Field(
        default=(), description="Where columns go. A column that is not listed goes to the field of its name."
    )
    constants: dict[str, Any] = Field(
        default={},
        description="Field and value to set on every row, unless a column fills the field.",
        examples=[{"Lead source": "Website"}],
    )
    linked: Links = Field(
        default_factory=Links,
        alias="links",
        description="Which organization, person, deal or product a row belongs to, and how it is found.",
    )
    on_missing_parent: Literal["reject", "create", "null"] = Field(
        default="reject",
        description="If a linked row is not found: reject the record, create the linked row, or write the record "
        "without the link.",
    )
    on_unknown_option: Literal["reject", "create", "null"] | None = Field(
        default=None,
        description="For a value that is none of a field's options: reject the record, create the option, or leave the "
        "value out. Default: create if `auto_create_options` is on, else reject.",
    )
    value_maps: dict[str, ValueMap] = Field(
        default={},
        description="Per field, which incoming value is which stage, status, option, label, pipeline or user in "
        "Pipedrive; one to one.",
        examples=[{"stage": {"SQL": "Qualified"}}],
    )
    owner: IdOrName = Field(
        default="", description="Owner of the rows: a column, or a user's ID, email address or name."
    )
    filter: Condition | None = Field(
        default=None, description="Only rows that meet this condition are written.", examples=["score >= 10"]
    )
    create_when: Condition | None = Field(
        default=None,
        description="New rows are only created from records that meet this condition; existing rows are updated by "
        "all records.",
        examples=["stage == 'Customer'"],
    )
    delete_when: Condition | None = Field(
        default=None,
        description="Rows of records that meet this condition are deleted if they are found, and never created. "
        "Without it, records with `_ab_cdc_deleted_at` are skipped.",
        examples=["_ab_cdc_deleted_at != null"],
    )
    max_records: Count | None = Field(
        default=None, description="Take only this many rows, for a small first test. Default: all."
    )
    min_change: dict[str, Amount] = Field(
        default={}, description="Ignore numeric changes smaller than this, per field.", examples=[{"Score": 5}]
    )
    actions: Annotated[tuple[Annotated[Action, ITEM], ...], LISTED] = Field(
        default=(), description="What a row triggers after its person, organization or deal is written, in this order."
    )

    def model_post_init(self, context: Any) -> None:
        """Take over the place that the reader names."""
        self._where = context["where"] if context else ""

    @model_validator(mode="before")
    @classmethod
    def _copy_of_every_stream(cls, given: Any) -> Any:
        is_copy = isinstance(given, Mapping) and given.get("copy") is True
        return {"stream": EVERY_STREAM, **given} if is_copy else given

    @model_validator(mode="after")
    def _mirror_knows_its_rows(self) -> "Rules":
        if self.operation == "mirror" and not (self.external_id_field or self.copies):
            why = " is missing: `mirror` may only delete rows that carry your external ID."
            raise said(why, "external_id_field", spoils="operation")
        return self

    @cached_property
    def links(self) -> tuple[LinkRule, ...]:
        """How the parents of a row are found."""
        return self.linked.rules

    @property
    def conditions(self) -> Iterator[tuple[str, Expression]]:
        """Every expression on the record, with where it stands."""
        found = [("filter", self.filter), ("create_when", self.create_when), ("delete_when", self.delete_when)]
        found += [(f"actions/{action.number}/when", action.when) for action in self.actions]
        yield from ((where, expression) for where, expression in found if expression)

    @property
    def condition_columns(self) -> frozenset[str]:
        """The columns that conditions use."""
        return frozenset(name for _, expression in self.conditions for name in expression.names)
