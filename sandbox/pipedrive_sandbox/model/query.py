"""Query parameters: which are known, and how their text is read."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.messages import invalid
from pipedrive_sandbox.model.resource import Param, Resource, Route

IDS_AT_ONCE = 100
CUSTOM_FIELDS_AT_ONCE = 15
DEFAULT_LIMIT = 100

INTEGER = Param("integer")
IDS = (
    "filter_id owner_id user_id deal_id person_id org_id organization_id project_id task_id pipeline_id stage_id start"
)
SWITCHES = "include_option_labels include_labels done exact_match include_field_code"
PARAMS = {
    **dict.fromkeys(IDS.split(), INTEGER),
    **dict.fromkeys(SWITCHES.split(), Param("boolean")),
    **dict.fromkeys(("lead_id", "cursor"), Param("text")),
    **dict.fromkeys(("updated_since", "updated_until"), Param("datetime")),
    **dict.fromkeys(("start_date", "end_date"), Param("date")),
    **{kind: Param(kind) for kind in ("ids", "limit", "sort")},
    "deal_ids": Param("ids", required=True),
    "status": Param("choices", ("open", "won", "lost", "deleted")),
    "sort_direction": Param("choice", ("asc", "desc")),
    "custom_fields": Param("keys", most=CUSTOM_FIELDS_AT_ONCE),
    "term": Param("text", required=True),
}

Parser = Callable[[str, Param], Any]


def parse_query(
    resource: Resource, route: Route, sent: Sequence[tuple[str, str]], settings: Settings
) -> dict[str, Any]:
    """Parsed parameters. Raises 400 naming each bad one; v2 refuses unknown names, v1 ignores them."""
    parsed: dict[str, Any] = {}
    problems = []
    for name, text in sent:
        if name == "api_token":
            continue
        if name not in route.query:
            if resource.version == "v2":
                problems.append(f"{name}: Parameter '{name}' is not allowed for this request")
            continue
        try:
            value = _parse(resource, name, text, settings)
            parsed[name] = [*parsed.get(name, ()), *value] if isinstance(value, list) else value
        except ValueError as error:
            if resource.version == "v2" or settings.v1_bad_query == "reject":
                problems.append(f"{name}: {error}")
    problems += [f"{name}: Parameter '{name}' is required" for name in _missing(resource, route, parsed, problems)]
    if problems:
        raise invalid(resource.version, problems)
    parsed.setdefault("limit", min(DEFAULT_LIMIT, resource.page_limit))
    return parsed


def parameter(resource: Resource, name: str) -> Param:
    """What a parameter of a resource accepts."""
    own = {
        "sort_by": Param("choice", resource.sortable),
        "include_fields": Param("choices", resource.include_fields),
        "fields": Param("choices", resource.search_fields),
    }
    found = resource.params.get(name) or own.get(name) or PARAMS.get(name)
    if found is None:
        raise KeyError(f"{resource.version} {resource.name}: no rule for the query parameter `{name}`")
    return found


def _missing(resource: Resource, route: Route, parsed: dict[str, Any], problems: list[str]) -> list[str]:
    named = {problem.partition(":")[0] for problem in problems}
    wanted = [name for name in route.query if parameter(resource, name).required]
    return [name for name in wanted if name not in parsed and name not in named]


def _parse(resource: Resource, name: str, text: str, settings: Settings) -> Any:
    param = parameter(resource, name)
    if param.kind == "limit":
        return _limit(text, resource, settings)
    if param.kind == "sort":
        return _sort(text, resource)
    return PARSERS[param.kind](text, param)


def _limit(text: str, resource: Resource, settings: Settings) -> int:
    limit = _integer(text, INTEGER)
    if limit < 1:
        raise ValueError("The value must be greater than or equal to 1")
    if limit > resource.page_limit and settings.limit_over_500 == "reject":
        raise ValueError(f"The value must be less than or equal to {resource.page_limit}")
    return min(limit, resource.page_limit)


def _sort(text: str, resource: Resource) -> list[tuple[str, str]]:
    parts = [[*part.split(), "ASC"][:2] for part in text.split(",")]
    for column, direction in parts:
        if column not in resource.sortable or direction.upper() not in ("ASC", "DESC"):
            raise ValueError(f"Sorting by '{column} {direction}' is not supported")
    return [(column, direction.lower()) for column, direction in parts]


def _integer(text: str, _param: Param) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise ValueError("The value is not a valid 'integer'")
    return int(text)


def _boolean(text: str, _param: Param) -> bool:
    if text not in ("true", "false"):
        raise ValueError("The value is not a valid 'boolean'")
    return text == "true"


def _flag(text: str, _param: Param) -> bool:
    if text not in ("0", "1"):
        raise ValueError("The value is not 0 or 1")
    return text == "1"


def _datetime(text: str, _param: Param) -> str:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
            datetime.fromisoformat(text.removesuffix("Z"))
            return text
    except ValueError:
        pass
    raise ValueError(f"The value '{text}' is not a valid datetime")


def _spaced_datetime(text: str, _param: Param) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        raise ValueError(f"The value '{text}' is not a valid datetime")
    return _datetime(text.replace(" ", "T") + "Z", _param)


def _date(text: str, _param: Param) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("The value is not a valid 'date'") from None


def _ids(text: str, param: Param) -> list[int]:
    ids = [_integer(part.strip(), param) for part in text.split(",")]
    if len(ids) > IDS_AT_ONCE:
        raise ValueError(f"The list must not hold more than {IDS_AT_ONCE} ids")
    return ids


def _text(text: str, _param: Param) -> str:
    return text


def _choice(text: str, param: Param) -> str:
    if text not in param.choices:
        raise ValueError(f"The value '{text}' is not one of [{', '.join(param.choices)}]")
    return text


def _choices(text: str, param: Param) -> list[str]:
    return [_choice(part.strip(), param) for part in text.split(",")]


def _keys(text: str, param: Param) -> list[str]:
    keys = [part.strip() for part in text.split(",") if part.strip()]
    if param.most is not None and len(keys) > param.most:
        raise ValueError(f"The list must not hold more than {param.most} keys")
    return keys


PARSERS: dict[str, Parser] = {
    "integer": _integer,
    "boolean": _boolean,
    "flag": _flag,
    "datetime": _datetime,
    "spaced_datetime": _spaced_datetime,
    "date": _date,
    "ids": _ids,
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "keys": _keys,
}
