"""Example values of custom fields, one function a type."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.store.collection import Row

FILLED = 0.6
FIRST_DAY = date(2023, 1, 1)
ADDRESS_PARTS = (
    *("street_number", "route", "sublocality", "locality", "subpremise", "admin_area_level_1", "admin_area_level_2"),
    *("country", "postal_code", "formatted_address"),
)
TIMEZONE = {"timezone_id": 178, "timezone_name": "Europe/Tallinn"}


@dataclass
class Source:
    """Where random values come from: generator and the ids that references may point to."""

    random: Random
    users: Sequence[int]
    organizations: Sequence[int]
    persons: Sequence[int]


def day(random: Random) -> str:
    """A date between 2023 and 2026."""
    return (FIRST_DAY + timedelta(days=random.randrange(1400))).isoformat()


def address(random: Random, parts: Sequence[str] = ADDRESS_PARTS) -> dict[str, Any]:
    """An address with its parts, unknown ones null."""
    city, country, code, street = random.choice(words.CITIES)
    number = str(random.randrange(1, 200))
    known = {"street_number": number, "route": street, "locality": city, "country": country, "postal_code": code}
    text = f"{street} {number}, {code} {city}, {country}"
    return {"value": text, **{part: known.get(part) for part in parts}, **_formatted(text, parts)}


def custom_values(source: Source, definitions: Sequence[Row]) -> dict[str, Any]:
    """Values for some of the custom fields of a record."""
    chosen = [row for row in definitions if source.random.random() < FILLED]
    values = {row["field_code"]: MAKERS[row["field_type"]](source, row) for row in chosen}
    return {key: value for key, value in values.items() if value is not None}


def _formatted(text: str, parts: Sequence[str]) -> dict[str, str]:
    return {"formatted_address": text} if "formatted_address" in parts else {}


def _text(source: Source, row: Row) -> str:
    return f"{row['field_name']} {source.random.randrange(1000)}"


def _long_text(source: Source, _row: Row) -> str:
    return " ".join(source.random.choices(words.SENTENCES, k=3))


def _number(source: Source, _row: Row) -> float:
    return source.random.randrange(100) if source.random.random() < 0.5 else round(source.random.uniform(0, 100), 2)


def _money(source: Source, _row: Row) -> dict[str, Any]:
    amount = round(source.random.uniform(10, 90_000), 2)
    return {"value": amount, "currency": source.random.choice(("EUR", "USD", "GBP"))}


def _option(source: Source, row: Row) -> int:
    return int(source.random.choice(row["options"])["id"])


def _options(source: Source, row: Row) -> list[int]:
    count = source.random.randrange(1, len(row["options"]) + 1)
    return sorted(option["id"] for option in source.random.sample(row["options"], count))


def _user(source: Source, _row: Row) -> int:
    return source.random.choice(source.users)


def _organization(source: Source, _row: Row) -> int | None:
    return source.random.choice(source.organizations) if source.organizations else None


def _person(source: Source, _row: Row) -> int | None:
    return source.random.choice(source.persons) if source.persons else None


def _phone(source: Source, _row: Row) -> str:
    return f"+372 5{source.random.randrange(10**6, 10**7)}"


def _time(source: Source, _row: Row) -> dict[str, Any]:
    return {"value": f"{source.random.randrange(8, 18):02}:30:00", **TIMEZONE}


def _time_range(source: Source, _row: Row) -> dict[str, Any]:
    start = source.random.randrange(8, 16)
    return {"value": f"{start:02}:00:00", "until": f"{start + 2:02}:00:00", **TIMEZONE}


def _date(source: Source, _row: Row) -> str:
    return "0000-00-00" if source.random.random() < 0.02 else day(source.random)


def _date_range(source: Source, _row: Row) -> dict[str, str]:
    start = FIRST_DAY + timedelta(days=source.random.randrange(1000))
    return {"value": start.isoformat(), "until": (start + timedelta(days=365)).isoformat()}


def _address(source: Source, _row: Row) -> dict[str, Any]:
    return address(source.random)


MAKERS: dict[str, Callable[[Source, Row], Any]] = {
    **dict.fromkeys(("varchar", "varchar_auto"), _text),
    "text": _long_text,
    "double": _number,
    "monetary": _money,
    "enum": _option,
    "set": _options,
    "user": _user,
    "org": _organization,
    "people": _person,
    "phone": _phone,
    "time": _time,
    "timerange": _time_range,
    "date": _date,
    "daterange": _date_range,
    "address": _address,
}
