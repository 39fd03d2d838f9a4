"""What a mapping says against the stream's columns and the account: owners, links, types, conditions."""

from collections.abc import Iterator, Mapping

from destination_pipedrive.account.directory import NO_USER, Account, activity_type
from destination_pipedrive.config.catalog import ConfiguredStream, json_types
from destination_pipedrive.config.located_yaml import escaped
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.references.parents import KNOWN_BY, ParentKeys
from pipedrive_client.problems import Problems, nearest, others
from pipedrive_client.settings import ConfigError


def check_owner(rules: Rules, columns: tuple[str, ...], account: Account) -> None:
    """Raises ConfigError when `owner` is no column and names no active user.

    Without a schema a plain word may be a column; an e-mail address or an id cannot.
    """
    owner = rules.owner
    if not owner or owner in columns or not (columns or "@" in owner or owner.isdigit()):
        return
    if not account.is_user(owner):
        said, known = account.user_trouble(owner), (*columns, *account.names("user"))
        if columns and said == NO_USER:
            said = "is neither a column of the stream nor a user of the account"
        raise ConfigError(f"`{rules.where}/owner`: `{owner}` {said}.{others(owner, known)}")


def check_columns(rules: Rules, columns: tuple[str, ...]) -> None:
    """Raises ConfigError when an expression names a column that the schema, where it names any, does not have."""
    for key, expression in rules.conditions:
        for name in sorted(expression.names - set(columns)) if columns else ():
            sentence = f"`{rules.where}/{key}`: stream `{rules.stream}` has no column `{name}`."
            raise ConfigError(sentence + nearest(name, columns))


def check_links(keys: ParentKeys, rules: Rules, spec: ObjectSpec) -> None:
    """Raises ConfigError for a link that the object does not have, or that names an unknown field of the parent."""
    for rule in rules.links:
        where = f"`{rules.where}/links/{rule.parent}"
        if rule.parent not in (spec.parents or {}):
            has = ", ".join(f"`{name}`" for name in spec.parents or {}) or "none"
            raise ConfigError(f"{where}`: {spec.name} have no link to one; their links are {has}.")
        if rule.by != "id" and rule.by not in KNOWN_BY[rule.parent]:
            keys.own_key(rule.parent, rule.by, f"{where}/by`")


def check_types(account: Account, rules: Rules, spec: ObjectSpec) -> None:
    """Raises ConfigError for types that constants and value maps give to activities but that Pipedrive would refuse."""
    if spec.name != "activities":
        return
    constants = rules.constants.items()
    given = [(f"constants/{name}", str(value)) for name, value in constants if name.strip().lower() == "type"]
    for name, pairs in rules.value_maps.items():
        if name.strip().lower() == "type":
            given += [(f"value_maps/{name}/{escaped(theirs)}", ours) for theirs, ours in pairs.items()]
    problems = Problems()
    problems.each(lambda pair: _check_key(account, pair[1], f"{rules.where}/{pair[0]}"), given)
    problems.check()


def _check_key(account: Account, given: str, where: str) -> None:
    key = activity_type(account, given, where)
    if key != given.strip():
        raise ConfigError(f"`{where}`: `{given}` is the name of a type; write its key `{key}`.")


_TIMES = frozenset({"date", "datetime", "spaced_datetime", "clock", "daterange", "time", "timerange"})
_WORDS = frozenset({"text", "folded", "currency", "domain", "choice"})
_NUMBERS = frozenset({"number", "integer", "visible_to", "visible_to_text"})
_IDS = frozenset({"stage", "pipeline", "user", "reference", "monetary"})
#: JSON type -> kinds of fields that take no value of it.
REFUSED: Mapping[str, frozenset[str]] = {
    "object": frozenset({"boolean", "flag", "date", "datetime", "spaced_datetime", "clock"}) | _WORDS | _NUMBERS,
    "array": frozenset({"boolean", "flag", "enum"}) | _TIMES | _WORDS | _NUMBERS | _IDS,
    "boolean": frozenset({"contacts", "address"}) | _TIMES | _WORDS | _NUMBERS | _IDS,
    "number": _TIMES,
    "integer": _TIMES,
}


def warnings(stream: ConfiguredStream, rules: Rules, columns: RecordMapper) -> Iterator[str]:
    """One sentence for each column of a mapping that the stream lacks, and for each whose type its field refuses."""
    for where, name in _named(rules) if stream.columns else ():
        if name not in stream.columns:
            hint = nearest(name, stream.columns)
            yield f"`{rules.where}/{where}`: the schema of stream `{rules.stream}` has no column `{name}`.{hint}"
    for name, schema in stream.schemas.items():
        types = json_types(schema)
        for field, kind in columns.takers(name):
            if types and all(kind in REFUSED.get(each, ()) for each in types):
                told = " or ".join(sorted(types))
                yield (
                    f"Stream `{rules.stream}`: column `{name}` holds values of the type {told}, and `{field}` takes "
                    f"{kind}; records that have such a value are rejected."
                )


def _named(rules: Rules) -> Iterator[tuple[str, str]]:
    yield from ((f"fields/{rule.number}/source", rule.source) for rule in rules.fields)
    yield from ((f"links/{rule.parent}/from", rule.source) for rule in rules.links)
    yield from [("updated_at_field", rules.updated_at_field)] if rules.updated_at_field else ()
