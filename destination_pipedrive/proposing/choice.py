"""One object's mapping of a table: each column goes to the surest field that its values fit, each field once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from destination_pipedrive.fields.directory import FieldDirectory, is_platform_column
from destination_pipedrive.fields.field import UnknownField
from destination_pipedrive.fields.parsing import Lookups
from destination_pipedrive.proposing.aliases import aliases
from destination_pipedrive.proposing.candidates import (
    BY_VALUES,
    Candidate,
    LinkCandidate,
    NameIndex,
    is_external_id,
    is_like_a_key,
)
from destination_pipedrive.proposing.fitting import Fit, fit
from destination_pipedrive.proposing.keys import choose_keys
from destination_pipedrive.proposing.notes import OPTIONS, free_date, misfit_of, missing, unread_times
from destination_pipedrive.proposing.proposal import LeftOut, LinkedColumn, MappedColumn, Proposal
from destination_pipedrive.proposing.samples import Column, Table, is_email, is_host

#: Share of the values that a field must be able to take.
ENOUGH = 0.5
#: Columns that only a table from Pipedrive has; of so many of them it is one.
OF_PIPEDRIVE = frozenset(
    (
        *("owner_id", "org_id", "person_id", "stage_id", "pipeline_id", "label_ids", "visible_to", "add_time"),
        *("update_time", "custom_fields", "is_deleted", "owner_email", "creator_user_id"),
    )
)
ENOUGH_OF_PIPEDRIVE = 4
#: Links whose parents a proposal creates.
CREATED = ("organization", "person")
#: Types whose values the account must know -> what an unknown one is.
_NOT_FOUND = {"user": "no user", "stage": "no stage", "pipeline": "no pipeline", "activity_type": "no activity type"}
_FREE_TEXTS = ("notes", "note", "content", "description", "public_description", "lost_reason")


@dataclass(frozen=True)
class Offer:
    """A column with a field or a link that it may go to, and how its values fit."""

    column: Column
    to: Candidate | LinkCandidate
    fit: Fit = field(default_factory=Fit)


@dataclass
class _Choice:
    """What is chosen so far."""

    fields: dict[str, Offer] = field(default_factory=dict)
    links: dict[tuple[str, str], Column] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    taken: dict[tuple[str, str], str] = field(default_factory=dict)

    def has(self, column: Column) -> bool:
        """Whether a column has its place."""
        return column.name in self.fields or column.name in (each.name for each in self.links.values())

    def take(self, offer: Offer) -> None:
        """Give a column its place, unless it or the place is taken."""
        column, to = offer.column, offer.to
        if self.has(column):
            return
        if isinstance(to, LinkCandidate):
            self.links.setdefault((to.link, to.by), column)
            return
        place = (to.place.field.key, to.place.part)
        if place in self.taken and not to.place.field.type.gathers:
            self.refused.setdefault(column.name, (to.target, f"`{self.taken[place]}` goes there"))
            return
        self.taken[place] = column.name
        self.fields[column.name] = offer


def propose(table: Table, directory: FieldDirectory, lookups: Lookups | None = None, why_object: str = "") -> Proposal:
    """The mapping of a table to one object; ``lookups`` are the account's names, None without an account."""
    spec, index = directory.spec, NameIndex(directory)
    columns = [each for each in table.columns if not is_platform_column(each.name)]
    from_pipedrive = is_from_pipedrive(columns, spec.name)
    own_id = next((each for each in columns if index.is_own_id(each, from_pipedrive)), None)
    updated_at = next((each for each in columns if each.words.key in aliases().updated_at), None)
    choice = _Choice()
    for offer in _offers(columns, index, table, lookups, from_pipedrive, choice):
        if offer.column not in (own_id, updated_at):
            choice.take(offer)
    mapped = _whole_name([_mapped(offer) for offer in choice.fields.values()])
    linked, by_field = _linked(choice.links, index)
    mapped = [*mapped, *by_field]
    if own_id:
        mapped.insert(0, MappedColumn(own_id.name, "id", "id", "Pipedrive's own ID"))
    used = {each.column for each in mapped} | {each.column for each in linked}
    order = {each.name: number for number, each in enumerate(columns)}
    mapped.sort(key=lambda each: order[each.column])
    keys = choose_keys(table, spec, mapped, linked, own_id)
    if updated_at and updated_at.name not in used:
        used.add(updated_at.name)
    left = tuple(_left_out(each, index, choice, table) for each in columns if each.name not in used)
    values = {
        each.target: dict(choice.fields[each.column].fit.pairs) for each in mapped if each.column in choice.fields
    }
    currency = _currency(mapped, choice.fields, index)
    return Proposal(
        table.stream,
        spec.name,
        why_object,
        keys.match_on,
        keys.why,
        keys.external_id_field,
        updated_at.name if updated_at else "",
        tuple(mapped),
        linked,
        {target: pairs for target, pairs in values.items() if pairs},
        {"currency": currency} if currency else {},
        left,
        (*keys.notes, *missing(index, mapped, linked), *unread_times(updated_at)),
    )


def is_from_pipedrive(columns: Iterable[Column], object_name: str) -> bool:
    """Whether a table was read from Pipedrive: most names are as its export heads them, or several are its API's."""
    columns = list(columns)
    own = aliases().objects.get(object_name, frozenset())
    headed = sum(bool(set(each.words.heads) & own) for each in columns)
    named = sum(each.name.lower() in OF_PIPEDRIVE for each in columns)
    return headed * 2 >= max(len(columns), 1) or named >= ENOUGH_OF_PIPEDRIVE


def _offers(
    columns: Iterable[Column], index: NameIndex, table: Table, lookups: Lookups | None, is_pd: bool, choice: _Choice
) -> list[Offer]:
    """What every column may go to, the surest first; what its values refuse is noted."""
    found: list[Offer] = []
    for column in columns:
        found += (Offer(column, link) for link in index.links(column, is_pd))
        for candidate in index.candidates(column):
            held = fit(column, candidate.place, table, lookups)
            objection = _objection(column, candidate, held)
            if objection:
                choice.refused.setdefault(column.name, (candidate.target, objection))
            else:
                found.append(Offer(column, candidate, held))
    return sorted(found, key=lambda each: (-each.to.score, -each.fit.share, -len(each.column.values)))


def _objection(column: Column, candidate: Candidate, held: Fit) -> str:
    """Why a column's values are not those of a field; empty when they are, or there are none."""
    kind, target = candidate.place.field.type, candidate.target
    if column.types and not column.values and not column.types & kind.takes and not candidate.place.part:
        return f"`{target}` takes no {' or '.join(sorted(column.types))}"
    if not column.values:
        return ""
    if held.is_checked and held.share < ENOUGH:
        hint = ": `value_maps` can translate them" if candidate.place.field.options else ""
        return misfit_of(candidate.place.field, held) + hint
    if kind.is_text and not candidate.place.field.custom and target not in _FREE_TEXTS:
        if column.looks_like == "email":
            return "its values are email addresses"
        if target in ("website", "linkedin") and column.share(is_host) < ENOUGH:
            return "its values are not web addresses"
        if target in ("name", "first_name", "last_name", "title", "job_title") and column.looks_like == "domain":
            return "its values are web addresses"
        if target in ("first_name", "last_name", "job_title") and column.looks_like == "number":
            return "its values are numbers"
    if (
        kind.name == "phones"
        and column.share(lambda text: sum(map(str.isdigit, text)) >= 5 and not is_email(text)) < ENOUGH
    ):
        return "its values are not phone numbers"
    return ""


def _mapped(offer: Offer) -> MappedColumn:
    assert isinstance(offer.to, Candidate)
    return mapped_column(offer.column, offer.to, offer.fit)


def mapped_column(column: Column, to: Candidate, held: Fit) -> MappedColumn:
    """The rule of a column, with what its values need."""
    kind, options, notes = to.place.field.type, {}, []
    if held.format:
        options["format"] = held.format
    if held.is_swappable:
        notes.append("day or month first? the values fit both")
    if held.is_checked and held.bad:
        options["on_invalid"] = "leave_out"
        shown = f" ({', '.join(held.bad[:3])}{', …' if len(held.bad) > 3 else ''})" if kind.name in OPTIONS else ""
        verb = "is" if len(held.bad) == 1 else "are"
        what = "no option" if kind.name in OPTIONS else _NOT_FOUND.get(kind.name, "not readable")
        notes.append(f"{len(held.bad)} of {held.total} values {verb} {what}{shown} and left out")
    elif held.total and to.score <= BY_VALUES:
        notes.append("only its values say so")
    return MappedColumn(column.name, to.target, kind.name, to.why, options, tuple(notes))


def _whole_name(mapped: list[MappedColumn]) -> list[MappedColumn]:
    """One part of a name without the other is the name."""
    targets = [each.target for each in mapped]
    parts = [target for target in ("first_name", "last_name") if target in targets]
    if len(parts) != 1 or "name" in targets:
        return mapped
    return [replace(each, target="name") if each.target == parts[0] else each for each in mapped]


def _linked(
    links: Mapping[tuple[str, str], Column], index: NameIndex
) -> tuple[tuple[LinkedColumn, ...], list[MappedColumn]]:
    """Rules of links, and fields for a second column about the same parent: its name, or its own ID."""
    rules: list[LinkedColumn] = []
    fields: list[MappedColumn] = []
    for link, key in (index.directory.spec.parents or {}).items():
        by = {kind: column.name for (name, kind), column in links.items() if name == link}
        if "id" in by:
            fields.append(MappedColumn(by["id"], key, "reference", f"the {link}'s own ID in Pipedrive"))
            continue
        first = next((kind for kind in ("domain", "email", "code", "name") if kind in by), "")
        if not first:
            continue
        why = f"`{by[first]}` is the {link}'s {first}"
        rules.append(LinkedColumn(link, first, by[first], why, link in CREATED))
        if first != "name" and "name" in by and index.find(link):
            fields.append(MappedColumn(by["name"], link, "reference", f"the {link}'s name"))
    return tuple(rules), fields


def _left_out(column: Column, index: NameIndex, choice: _Choice, table: Table) -> LeftOut:
    target, why = choice.refused.get(column.name, ("", ""))
    if not why and (is_external_id(column) or is_like_a_key(column)):
        why = "a key of your own system; a custom text field can hold it, named by `external_id_field`"
    is_creation = aliases().fields["persons"].get(column.words.key) == "add_time"
    if is_creation or index.directory.is_read_only(column.name):
        return LeftOut(column.name, "read-only in Pipedrive")
    nearest = target or ("" if why else index.nearest(column))
    if not (nearest or why):
        nearest, why = free_date(column, index, choice.taken, table)
    return LeftOut(column.name, why or "no field has this name", nearest, _maps_by_itself(column, index, choice))


def _maps_by_itself(column: Column, index: NameIndex, choice: _Choice) -> bool:
    """Whether the column would go to the field of its name although no rule names it."""
    try:
        place = index.directory.find(column.name)
    except UnknownField:
        return False
    return place is not None and (place.field.key, place.part) not in choice.taken


def _currency(mapped: Iterable[MappedColumn], offers: Mapping[str, Offer], index: NameIndex) -> str:
    """The currency that stands in the values of an amount, where no column of its own holds it."""
    mapped = list(mapped)
    if index.find("currency") is None or any(each.target == "currency" for each in mapped):
        return ""
    amounts = (offers[each.column] for each in mapped if each.target in ("value", "price") and each.column in offers)
    return next((each.column.currency for each in amounts if each.column.currency), "")
