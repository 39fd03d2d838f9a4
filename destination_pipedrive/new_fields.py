"""`auto_create_fields`: custom fields for columns that no field has, by the type that the catalog names."""

from collections.abc import Iterator, Mapping
from typing import Any

from destination_pipedrive.flattening import PLANNED_KEY
from destination_pipedrive.planning import Line
from destination_pipedrive.rules import FieldRule, Rules
from destination_pipedrive.services import Services
from destination_pipedrive.targets import LONGEST_VARCHAR, Targets, UnknownTarget
from pipedrive_client.errors import AnswerLost
from pipedrive_client.fields import FIELD_PATHS, Field, Option

#: JSON type -> field type. Lists and objects make no field: their meaning is not known.
TYPES = {"integer": "double", "number": "double", "boolean": "enum"}
#: Format of a text -> field type. A time with a day stays text, a date field would lose its hours.
FORMATS = {"date": "date", "time": "time"}
#: A truth value is a choice of these.
TRUTHS = ("true", "false")
#: Objects whose fields can be created. Activities and notes take none.
OBJECTS = frozenset({"deals", "leads", "persons", "organizations", "products"})
#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4


def field_type(schema: Mapping[str, Any]) -> str:
    """The type of a new field for a column; empty when there is none."""
    given = schema.get("type", "string")
    kinds = [each for each in (given if isinstance(given, list) else [given]) if each != "null"]
    if len(kinds) != 1:
        return ""
    if kinds[0] != "string":
        return TYPES.get(kinds[0], "")
    is_long = (schema.get("maxLength") or 0) > LONGEST_VARCHAR
    return FORMATS.get(schema.get("format", ""), "text" if is_long else "varchar")


def missing_fields(rules: Rules, columns: Mapping[str, Any], targets: Targets) -> dict[str, str]:
    """Label -> type of the fields that a stream needs and the account lacks."""
    if targets.spec.name not in OBJECTS:
        return {}
    return {name: kind for name, kind in _wanted(rules, columns) if kind and not _is_known(name, targets)}


def _wanted(rules: Rules, columns: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    by_source = {rule.source: _type_of(rule, rules, columns) for rule in rules.fields}
    yield from ((rule.target, by_source[rule.source]) for rule in rules.fields if rule.target and rule.target != "id")
    if rules.external_id_field:
        yield rules.external_id_field, "varchar"
    used = {*by_source, *(rule.source for rule in rules.links), rules.owner, rules.updated_at_field}
    for name, schema in columns.items():
        if name not in used | rules.condition_columns and not name.startswith(("_airbyte_", "_ab_")) and name != "id":
            yield name, field_type(schema)


def _type_of(rule: FieldRule, rules: Rules, columns: Mapping[str, Any]) -> str:
    """The type of a column; of one that the schema does not name, a number where `min_change` needs one."""
    if rule.source in columns:
        return field_type(columns[rule.source])
    return "double" if rule.target in dict(rules.min_change) else "varchar"


def _is_known(name: str, targets: Targets) -> bool:
    try:
        return targets.find(name) is not None or targets.is_read_only(name)
    except UnknownTarget:
        return True


def with_new_fields(services: Services, targets: Targets, wanted: Mapping[str, str], quiet: bool) -> Targets:
    """The targets with these fields, created (5 tokens each) unless it is a check or a dry run."""
    if not wanted:
        return targets
    new = [_field(services, targets.spec.name, label, kind, quiet) for label, kind in wanted.items()]
    for each in () if quiet else new:
        services.fields.add(targets.spec.name, each)
    return Targets(targets.spec, (*targets.definitions, *new), targets.domain_field)


def _field(services: Services, object_name: str, label: str, kind: str, quiet: bool) -> Field:
    if services.plan and not quiet:
        line = Line("create", "fields", "new", f"{object_name}: {label} ({kind})")
        services.plan.add(line, "POST", FIELD_PATHS[object_name])
    if quiet or services.plan:
        return Field(f"{PLANNED_KEY}{label}", label, kind, is_custom=True, options=_truths(kind))
    services.logger.info(f"The field `{label}` ({kind}) of {object_name} is created.")
    return _create(services, object_name, label, kind)


def _truths(kind: str) -> tuple[Option, ...]:
    return tuple(Option(number, label) for number, label in enumerate(TRUTHS, 1)) if kind == "enum" else ()


def _create(services: Services, object_name: str, label: str, kind: str) -> Field:
    body: dict[str, Any] = {"field_name": label, "field_type": kind}
    if kind == "enum":
        body["options"] = [{"label": each} for each in TRUTHS]
    client = services.client.labelled("fields")
    for attempt in range(MAX_POSTS):
        try:
            answer = client.request("POST", FIELD_PATHS[object_name], json=body)
        except AnswerLost:
            found = [each for each in services.fields.refresh(object_name) if each.is_custom and each.label == label]
            if found:
                return found[0]
            if attempt + 1 == MAX_POSTS:
                raise
        else:
            return Field.from_api(answer["data"])
    raise AssertionError("unreachable")
