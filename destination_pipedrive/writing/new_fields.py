"""`auto_create_fields`: custom fields for columns that no field has, by the type that the catalog names."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination_pipedrive.config.catalog import json_types
from destination_pipedrive.config.mappings import FieldRule, Rules
from destination_pipedrive.fields.directory import FieldDirectory, custom_field, is_platform_column
from destination_pipedrive.fields.field import LONGEST_VARCHAR, PLANNED_KEY, Field, UnknownField
from destination_pipedrive.flow import Rejected
from destination_pipedrive.results.plan_report import Line, PlanReport
from destination_pipedrive.results.refusals import rejected
from destination_pipedrive.writing.idempotent_post import post_once
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.field_definitions import FIELD_PATHS, FieldCatalog, Option, snake_case
from pipedrive_client.field_definitions import Field as FieldDefinition

#: JSON type -> field type. Objects make no field, lists only where their entries are texts: `CHOICES`.
TYPES = {"integer": "double", "number": "double", "boolean": "enum"}
#: JSON types that one text field can hold, where a column has several of them.
SCALARS = frozenset({"string", "integer", "number", "boolean"})
#: The type of a field for lists of texts. Pipedrive makes none without an option, so it waits for the first values.
CHOICES = "set"
#: Format of a text -> field type. A time with a day stays text, a date field would lose its hours.
FORMATS = {"date": "date", "time": "time"}
#: A truth value is a choice of these.
TRUTHS = ("true", "false")
#: Why no field is made for a column.
NO_TYPE = "the column holds objects, values of several kinds, or lists of something else than texts"
#: Objects whose fields can be created. Activities and notes take none.
OBJECTS = frozenset({"deals", "leads", "persons", "organizations", "products"})


def field_type(schema: Mapping[str, Any]) -> str:
    """The type of a new field for a column; empty when there is none."""
    kinds = json_types(schema)
    if len(kinds) > 1:
        return "double" if kinds == {"integer", "number"} else "varchar" if kinds <= SCALARS else ""
    if kinds == {"array"}:
        return CHOICES if json_types(schema.get("items") or None) == {"string"} else ""
    if kinds != {"string"}:
        return TYPES.get(next(iter(kinds), ""), "")
    longest, kind = schema.get("maxLength"), schema.get("format")
    is_long = isinstance(longest, int | float) and longest > LONGEST_VARCHAR
    return FORMATS.get(kind if isinstance(kind, str) else "", "text" if is_long else "varchar")


class NewFields:
    """Creates custom fields in the account, each once a run; in a dry run lines of the plan."""

    def __init__(
        self, client: PipedriveClient, fields: FieldCatalog, logger: logging.Logger, plan: PlanReport | None = None
    ) -> None:
        self._client = client.labelled("fields")
        self._fields = fields
        self._logger = logger
        self._plan = plan

    def added_to(self, known: FieldDirectory, rules: Rules, columns: Mapping[str, Any], quiet: bool) -> FieldDirectory:
        """The fields with those that a stream needs and the account lacks, created unless it is a check.

        A field of choices is only planned: ``NewChoices`` creates it once a record names the first of them.
        """
        wanted = _missing(rules, columns, known)
        makes_choices = rules.on_unknown_option == "create"
        made = {name: kind for name, kind in wanted.items() if kind and (kind != CHOICES or makes_choices)}
        if not quiet:
            self._report(rules, {name: kind for name, kind in wanted.items() if name not in made})
        if not made:
            return known
        new = []
        for label, kind in made.items():
            is_put_off = quiet or kind == CHOICES
            new.append(_planned(label, kind) if is_put_off else self.make(known.spec.name, label, kind))
        return FieldDirectory(known.spec, (*known.definitions, *new), known.domain_field, known.country)

    def first_choices(self, object_name: str) -> Callable[[Field, list[str]], Field]:
        """What creates the fields of choices of an object once their first choices are known."""
        return NewChoices(self, object_name).make

    def make(self, object_name: str, label: str, kind: str, choices: Iterable[str] = ()) -> FieldDefinition:
        """The new field, known to the rest of the run. Raises what the client raises."""
        if self._plan:
            line = Line("create", "fields", "new", f"{object_name}: {label} ({kind})", is_besides=True)
            self._plan.add(line, "POST", FIELD_PATHS[object_name])
            made = _apart(_planned(label, kind, choices), self._fields.custom(object_name))
        else:
            self._logger.info(f"The field `{label}` ({kind}) of {object_name} is created.")
            made = self._create(object_name, label, kind, _options(kind, choices))
        self._fields.add(object_name, made)
        return made

    def choices(self, object_name: str) -> Iterable[FieldDefinition]:
        """The fields of choices of an object."""
        return (each for each in self._fields.custom(object_name) if each.type == CHOICES)

    def _create(self, object_name: str, label: str, kind: str, options: tuple[str, ...]) -> FieldDefinition:
        body: dict[str, Any] = {"field_name": label, "field_type": kind}
        if options:
            body["options"] = [{"label": each} for each in options]

        def result(answer: Mapping[str, Any]) -> FieldDefinition | None:
            data = answer.get("data")
            made = FieldDefinition.from_api(data) if isinstance(data, dict) else None
            return made if made and made.key else None

        before = {each.key for each in self._fields.custom(object_name)}

        def look_for() -> FieldDefinition | None:
            new = (each for each in self._fields.refresh(object_name) if each.is_custom and each.key not in before)
            return next((each for each in new if (each.label, each.type) == (label, kind)), None)

        made: FieldDefinition = post_once(self._client, FIELD_PATHS[object_name], body, result, look_for)
        return made

    def _report(self, rules: Rules, left: Mapping[str, str]) -> None:
        for name, kind in left.items():
            why = "its lists make a field of choices, which needs `auto_create_options`" if kind else NO_TYPE
            self._logger.warning(f"Stream `{rules.stream}`: no field `{name}` is created: {why}.")


class NewChoices:
    """Creates the fields of choices of one object, each once a run."""

    def __init__(self, new_fields: NewFields, object_name: str) -> None:
        self._new_fields = new_fields
        self._object_name = object_name
        self._refused: dict[str, Rejected] = {}

    def make(self, field: Field, labels: list[str]) -> Field:
        """The field (5 tokens), or the one that another stream needed first. Raises Rejected when it is refused."""
        name = field.name
        if name in self._refused:
            raise self._refused[name]
        found = next((each for each in self._new_fields.choices(self._object_name) if each.label == name), None)
        try:
            made = found or self._new_fields.make(self._object_name, name, CHOICES, labels)
        except Refused as error:
            self._refused[name] = refusal = rejected(error)
            raise refusal from None
        return custom_field(made)


def _missing(rules: Rules, columns: Mapping[str, Any], known: FieldDirectory) -> dict[str, str]:
    """Label -> type of what a stream needs and the account lacks; no type where no field can be made."""
    found: dict[str, tuple[str, str]] = {}
    for name, kind in _wanted(rules, columns) if known.spec.name in OBJECTS else ():
        if not _is_known(name, known):
            found.setdefault(snake_case(name), (name, kind))
    return dict(found.values())


def _wanted(rules: Rules, columns: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    by_source = {rule.source: _type_of(rule, rules, columns) for rule in rules.fields}
    if rules.external_id_field:
        yield rules.external_id_field, "varchar"
    yield from ((rule.target, by_source[rule.source]) for rule in rules.fields if rule.target and rule.target != "id")
    used = {*by_source, *(rule.source for rule in rules.links), rules.owner, rules.updated_at_field}
    known = {name.lower() for name in (*used, *rules.condition_columns, "id")}
    for name, schema in columns.items():
        if name.lower() not in known and not is_platform_column(name):
            yield name, field_type(schema)


def _type_of(rule: FieldRule, rules: Rules, columns: Mapping[str, Any]) -> str:
    """The type of a column; of one that the schema does not name, a number where `min_change` needs one."""
    for name, schema in columns.items():
        if name.lower() == rule.source.lower():
            return field_type(schema)
    return "double" if rule.target in rules.min_change else "varchar"


def _is_known(name: str, targets: FieldDirectory) -> bool:
    try:
        return targets.find(name) is not None or targets.is_read_only(name)
    except UnknownField:
        return True


def _options(kind: str, choices: Iterable[str]) -> tuple[str, ...]:
    return tuple(choices) or (TRUTHS if kind == "enum" else ())


def _apart(made: FieldDefinition, known: Iterable[FieldDefinition]) -> FieldDefinition:
    """A planned field with a key of its own, also beside another one of its label."""
    alike = sum(each.label == made.label and each.key.startswith(PLANNED_KEY) for each in known)
    return replace(made, key=f"{made.key} {alike + 1}") if alike else made


def _planned(label: str, kind: str, choices: Iterable[str] = ()) -> FieldDefinition:
    options = tuple(Option(number, each) for number, each in enumerate(_options(kind, choices), 1))
    return FieldDefinition(f"{PLANNED_KEY}{label}", label, kind, is_custom=True, options=options)
