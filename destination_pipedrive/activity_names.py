"""Types and priorities of activities by the names that people use, as the account has them."""

from destination_pipedrive.coercers import option_id
from destination_pipedrive.fallbacks import others
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.rules import Rules
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Target
from destination_pipedrive.values import BadValue
from pipedrive_client.fields import Option
from pipedrive_client.problems import Problems
from pipedrive_client.settings import ConfigError

#: The type that every account has from its first day.
COMMON_TYPE = "task"


def activity_type(services: Services, given: str, where: str) -> str:
    """The key of a type by key or name (20 tokens, once; none for ``task``). Raises ConfigError with the pointer."""
    if given == COMMON_TYPE:
        return given
    types = services.account.activity_types()
    wanted = given.strip().lower()
    for known_by in ("key_string", "name"):
        found = [str(row["key_string"]) for row in types if str(row.get(known_by) or "").lower() == wanted]
        if len(found) == 1:
            return found[0]
    hint = others(given, [str(row[key]) for row in types for key in ("key_string", "name") if row.get(key)])
    raise ConfigError(f"`{where}`: `{given}` is the key or name of no activity type of the account.{hint}")


def activity_priority(services: Services, given: str, where: str) -> int:
    """The id of a priority by label or id. Raises ConfigError with the pointer."""
    options = tuple(Option(*each) for each in services.fields.options("activities", "priority").items())
    try:
        return int(option_id(Target("priority", "priority", "enum", options=options), given))
    except BadValue as error:
        hint = others(given, [option.label for option in options])
        raise ConfigError(f"`{where}`: `{given}` {error}.{hint}") from None


def check_types(services: Services, rules: Rules, spec: ObjectSpec) -> None:
    """Raises ConfigError for types that constants and value maps give to activities but that Pipedrive would refuse."""
    if spec.name != "activities":
        return
    given = [(f"constants/{name}", str(value)) for name, value in rules.constants if name.strip().lower() == "type"]
    for each in rules.value_maps:
        if each.target.strip().lower() == "type":
            given += [(f"value_maps/{each.target}/{theirs}", ours) for theirs, ours in each.pairs]
    problems = Problems()
    problems.each(lambda pair: _check_key(services, pair[1], f"{rules.where}/{pair[0]}"), given)
    problems.check()


def _check_key(services: Services, given: str, where: str) -> None:
    key = activity_type(services, given, where)
    if key != given.strip():
        raise ConfigError(f"`{where}`: `{given}` is the name of a type; write its key `{key}`.")
