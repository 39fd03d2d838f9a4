"""What the page shows, as plain data: fields to choose from, a plan, an entry as text. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from destination_pipedrive.config.mappings import LINKS
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import Field, FieldOptions, UnknownField
from destination_pipedrive.fields.parsing import Lookups
from destination_pipedrive.proposing import rendering
from destination_pipedrive.proposing.candidates import Candidate, NameIndex
from destination_pipedrive.proposing.choice import mapped_column
from destination_pipedrive.proposing.fitting import fit
from destination_pipedrive.proposing.notes import misfit_of
from destination_pipedrive.proposing.proposal import LeftOut, LinkedColumn, MappedColumn, Proposal
from destination_pipedrive.proposing.samples import Column, Table
from destination_pipedrive.results.plan_report import Plan
from pipedrive_client.config import ConfigError

#: Keys of an entry that a Proposal holds by itself.
_OWN = frozenset(
    (
        "stream",
        "object",
        "match_on",
        "external_id_field",
        "updated_at_field",
        "fields",
        "links",
        "value_maps",
        "constants",
    )
)
#: Key -> the types that it is rendered from.
_SHAPES: dict[str, tuple[type, ...]] = {
    "match_on": (list, str),
    "fields": (list,),
    "links": (Mapping,),
    "value_maps": (Mapping,),
    "constants": (Mapping,),
}
CHOSEN = "chosen in the studio"
#: How sure a choice makes, of 100.
CHOSEN_SCORE = 100


def field_choices(directory: FieldDirectory) -> list[dict[str, Any]]:
    """The fields that a column can go to: built-in ones by the name that reads best, custom ones by their labels."""
    spec = directory.spec
    names: dict[str, str] = {}
    for alias, key in (spec.aliases or {}).items():
        names.setdefault(key, alias)
    found = [_choice("id", "Pipedrive ID", None)] if spec.item_id == "id" else []
    for each in spec.fields:
        if not each.contact_sync or each.key in directory.defined:
            name = names.get(each.key, each.key)
            found.append(_choice(name, name.replace("_", " ").capitalize(), directory.built_in[each.key]))
    extra = [*(spec.aliases or {}), "domain"]
    known = {each["name"] for each in found}
    for name in extra:
        place = directory.find(name)
        if place and name not in known and name in ("currency", "domain", "price"):
            found.append(_choice(name, name.capitalize(), place.field))
    return found + [_choice(label, label, field) for label, field in directory.labelled()]


def _choice(name: str, label: str, field: Field | None) -> dict[str, Any]:
    if field is None:
        return {"name": name, "label": label, "type": "id", "is_custom": False, "options": [], "is_key": True}
    kind = field.type
    words = [option.label for option in field.options] or list(field.choices)
    return {
        "name": name,
        "label": label,
        "type": kind.name,
        "is_custom": field.custom,
        "options": words or (["true", "false"] if kind.name in ("boolean", "flag") else []),
        "is_key": kind.is_key,
        "is_text": kind.is_text,
        "has_format": not (
            kind.misuse(FieldOptions(format="%d.%m.%Y")) and kind.misuse(FieldOptions(format="decimal_comma"))
        ),
        "may_clear": field.may_clear,
        "is_list": bool(kind.merges),
        "has_primary": not kind.misuse(FieldOptions(primary=True)),
    }


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan as the page shows it."""
    lines = [
        {
            "action": line.action,
            "object": line.object_name,
            "row": line.row,
            "what": line.what,
            "code": line.code,
            "columns": list(line.columns),
            "key": ", ".join(str(value) for value in line.key.values()),
        }
        for line in plan.lines
    ]
    return {
        "lines": lines,
        "objects": {name: dict(counts) for name, counts in plan.objects.items()},
        "besides": dict(plan.besides),
        "left_out": list(plan.left_out),
        "warnings": list(plan.warnings),
        "spent": plan.spent,
        "planned": plan.planned,
        "tokens_left": plan.tokens_left,
    }


def rendered(entry: Mapping[str, Any], proposal: Proposal, directory: FieldDirectory, head: Sequence[str] = ()) -> str:
    """The YAML of an entry, with the proposal's reasons where it is still as proposed, and ``head`` as comments.

    Raises ConfigError for a value of another shape than its key has.
    """
    _require_shapes(entry)
    keys = entry.get("match_on") or ()
    before = {each.column: each for each in proposal.fields}
    rules = [each for each in entry.get("fields") or () if isinstance(each, Mapping)]
    fields = tuple(_mapped(rule, before, directory) for rule in rules if rule.get("mode") != "ignore")
    whys = {each.column: each for each in proposal.left_out}
    ignored = [str(rule["source"]) for rule in rules if rule.get("mode") == "ignore"]
    linked = {each.link: each for each in proposal.links}
    links = tuple(_linked(name, rule, linked) for name, rule in (entry.get("links") or {}).items())
    used = {each.column for each in fields} | {each.column for each in links} | {entry.get("updated_at_field")}
    left = tuple(each for name, each in whys.items() if name not in used and name not in ignored)
    left += tuple(LeftOut(name, whys[name].why if name in whys else CHOSEN, is_ignored=True) for name in ignored)
    shown = Proposal(
        str(entry.get("stream") or ""),
        str(entry.get("object") or ""),
        match_on=(keys,) if isinstance(keys, str) else tuple(keys),
        external_id_field=str(entry.get("external_id_field") or ""),
        updated_at_field=str(entry.get("updated_at_field") or ""),
        fields=fields,
        links=links,
        value_maps=dict(entry.get("value_maps") or {}),
        constants=dict(entry.get("constants") or {}),
        left_out=left,
        more={key: value for key, value in entry.items() if key not in _OWN},
    )
    return rendering.text([shown], head)


def _require_shapes(entry: Mapping[str, Any]) -> None:
    wrong = [key for key, shape in _SHAPES.items() if entry.get(key) and not isinstance(entry[key], shape)]
    rules = [] if "fields" in wrong else entry.get("fields") or []
    wrong += [f"fields/{number}" for number, each in enumerate(rules) if not isinstance(each, Mapping)]
    for key in ("links", "value_maps"):
        pairs = entry.get(key)
        if isinstance(pairs, Mapping):
            wrong += [f"{key}/{name}" for name, each in pairs.items() if not isinstance(each, Mapping)]
    if wrong:
        raise ConfigError(f"{', '.join(f'`{key}`' for key in wrong)}: fix this first, then the YAML can be saved.")


def fitting(table: Table, column: Column, target: str, directory: FieldDirectory, lookups: Lookups) -> dict[str, Any]:
    """What a column's values need to go to a field: keys of its rule, pairs of a value map, and what to look at."""
    place = NameIndex(directory).find(target)
    if place is None or not column.values:
        return {}
    held = fit(column, place, table, lookups)
    found = mapped_column(column, Candidate(target, place, CHOSEN_SCORE, CHOSEN), held)
    if held.total and held.is_checked and not held.good:
        return {"rule": {}, "maps": {}, "note": misfit_of(place.field, held), "is_misfit": True}
    return {"rule": found.options, "maps": dict(held.pairs), "note": "; ".join(found.notes)}


def _mapped(rule: Mapping[str, Any], before: Mapping[str, MappedColumn], directory: FieldDirectory) -> MappedColumn:
    known = before.get(str(rule.get("source")))
    if known and known.rule() == dict(rule):
        return known
    target = str(rule.get("target") or "")
    try:
        place = directory.find(target)
    except UnknownField:
        place = None
    options = {key: value for key, value in rule.items() if key not in ("source", "target")}
    why = known.why if known and known.target == target else CHOSEN
    return MappedColumn(str(rule.get("source") or ""), target, place.field.type.name if place else "id", why, options)


def _linked(name: str, rule: Mapping[str, Any], before: Mapping[str, LinkedColumn]) -> LinkedColumn:
    by, source = str(rule.get("by") or LINKS.get(name, ("name",))[0]), str(rule.get("from") or "")
    known = before.get(name)
    why = known.why if known and (known.by, known.column) == (by, source) else CHOSEN
    return LinkedColumn(name, by, source, why, bool(rule.get("create_if_missing")))
