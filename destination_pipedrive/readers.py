"""Readers of values of a config. Each raises ConfigError with one sentence; ``where`` is the value's JSON pointer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipedrive_client.expression import Expression, ExpressionError
from pipedrive_client.problems import all_of
from pipedrive_client.settings import ConfigError


def read_object(value: Any, where: str) -> Mapping[str, Any]:
    """An object, empty when it is missing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"`{where}` must be an object.")
    return value


def read_list(value: Any, where: str) -> Sequence[Any]:
    """A list, empty when it is missing."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ConfigError(f"`{where}` must be a list.")
    return value


def read_text(entry: Mapping[str, Any], key: str, where: str) -> str:
    """Trimmed text, empty when it is missing."""
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"`{where}/{key}` must be text.")
    return (value or "").strip()


def read_expression(entry: Mapping[str, Any], key: str, where: str) -> Expression | None:
    """A condition on the incoming record, None when it is missing."""
    text = read_text(entry, key, where)
    try:
        return Expression.parse(text) if text else None
    except ExpressionError as error:
        raise ConfigError(f"`{where}/{key}`: {str(error).rstrip('.')}.") from None


def read_id_or_name(entry: Mapping[str, Any], key: str, where: str) -> str:
    """An id or a name as text, empty when it is missing."""
    value = entry.get(key)
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_id else read_text(entry, key, where)


def read_count(entry: Mapping[str, Any], key: str, where: str, least: int = 1) -> int | None:
    """A whole number, None when it is missing."""
    value = entry.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise ConfigError(f"`{where}/{key}` must be a whole number of at least {least}.")
    return value


def read_amounts(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """Names with a number above zero each."""
    yield from all_of(lambda pair: (pair[0], _amount(pair[1], f"{where}/{pair[0]}")), read_object(value, where).items())


def _amount(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ConfigError(f"`{where}` must be a number above zero.")
    return float(value)


def read_texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of names; a single one may stand alone."""
    value = entry.get(key)
    found = (value,) if isinstance(value, str) else read_list(value, f"{where}/{key}")
    if not all(isinstance(each, str) and each.strip() for each in found):
        raise ConfigError(f"`{where}/{key}` must be a list of names.")
    return tuple(each.strip() for each in found)


def read_word(entry: Mapping[str, Any], key: str, words: Sequence[str], where: str) -> str:
    """One of some words, the first when it is missing."""
    value = entry.get(key)
    if value is None:
        return words[0]
    if value not in words:
        raise ConfigError(f"`{where}/{key}` must be one of {quoted(word for word in words if word)}.")
    return str(value)


def read_share(entry: Mapping[str, Any], key: str, where: str, default: float) -> float:
    """A number from 0 to 1."""
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"`{where}/{key}` must be a number from 0 to 1.")
    return float(value)


def read_switch(entry: Mapping[str, Any], key: str, where: str, default: bool = True) -> bool:
    """True or false."""
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"`{where}/{key}` must be true or false.")
    return value


def refuse_unknown(entry: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """Raises ConfigError for a key that is not one of ``keys``."""
    unknown = [key for key in entry if key not in keys]
    if unknown:
        which = f"keys {quoted(unknown)}" if unknown[1:] else f"key `{unknown[0]}`"
        raise ConfigError(f"`{where}` has the unknown {which}; known are {quoted(keys)}.")


def quoted(words: Any) -> str:
    """Words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)
