"""Types whose value has several parts: money, ranges and times with a zone, addresses, prices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.field import Field, FieldOptions, FieldType, Reader
from destination_pipedrive.fields.formats import format_misuse, format_reader, number_misuse, number_reader
from destination_pipedrive.fields.parsing import (
    ALIAS,
    BadValue,
    Lookups,
    Parts,
    clock_time,
    day,
    first,
    from_json,
    identifier,
    is_nothing,
    main,
    number,
    text,
)
from destination_pipedrive.fields.scalars import same_clock, same_day, same_number
from pipedrive_client.field_types import ADDRESS_PARTS, CURRENCY, PARTS, TIMEZONE, UNTIL

#: Numbers of a product's price. Source: the request bodies' ``prices``.
PRICE_NUMBERS = ("price", "cost", "direct_cost")
#: Names under which senders keep the amount of money, and the ends of a range; Pipedrive's own ones first.
AMOUNTS = ("value", "amount")
STARTS = ("value", "start", "from", "lower")
ENDS = ("until", "end", "to", "upper")
ZONES = ("timezone_name", "timezone", "timezone_id")


def part_of(given: Mapping[str, Any], names: tuple[str, ...], what: str) -> Any:
    """The first of these parts that holds something; None when all that are there are empty.

    Raises BadValue for an object that has none of them: it would count as written, and nothing was.
    """
    if not any(name in given for name in names):
        raise BadValue(f"needs {what}")
    return first(given, *names)


@dataclass(frozen=True, kw_only=True)
class Money(FieldType):
    """An amount with its currency; ``amount`` is what the API calls the amount."""

    amount: str = "value"

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The amount, with the currency where it is given; it is added later where it is not."""
        value, currency = from_json(parts.get("")), first(parts, CURRENCY, ALIAS)
        if isinstance(value, Mapping):
            amount = part_of(value, AMOUNTS, "an object with `value` and `currency`, or a number")
            value, currency = amount, first(value, "currency") or currency
        if is_nothing(value):
            return None
        return {self.amount: number(value)} | ({} if currency is None else {"currency": text(currency).upper()})

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether amount and currency are the same."""
        held = current if isinstance(current, Mapping) else {self.amount: current}
        is_same = same_number(held.get(self.amount), wanted[self.amount])
        return is_same and held.get("currency") == wanted.get("currency")

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """With the currency that is there, or the account's, where none is given."""
        held = current if isinstance(current, Mapping) else {}
        return {"currency": held.get("currency") or currency, **wanted}

    def reader(self, options: FieldOptions) -> Reader | None:
        """What turns the rule's format into a plain number."""
        return number_reader(options.format)

    def misuse(self, options: FieldOptions) -> str:
        """Amounts have the formats of numbers."""
        return number_misuse(options.format) or super().misuse(FieldOptions(options.merge, options.primary))


@dataclass(frozen=True, kw_only=True)
class Range(FieldType):
    """A day or time of day with an end, a time zone, or both; ``read`` takes the ends, ``same`` compares them."""

    read: Callable[[Any], str]
    same: Callable[[Any, Any], bool]
    has_zone: bool = False
    is_clock: bool = False

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The start, with the end and the zone where they are given."""
        value = from_json(parts.get(""))
        given = value if isinstance(value, Mapping) else {"value": value}
        start = part_of(given, STARTS, "an object with `value` and `until`")
        end, zone = first(given, *ENDS), first(given, *ZONES)
        end, zone = first(parts, UNTIL) if end is None else end, first(parts, TIMEZONE) if zone is None else zone
        if start is None:
            return None
        found = {"value": self.read(start)} | ({} if end is None else {"until": self.read(end)})
        return found | (_zone(zone) if self.has_zone and zone is not None else {})

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether every part that is wanted is there."""
        held = current if isinstance(current, Mapping) else {"value": current}
        ends = (part for part in ("value", "until") if part in wanted)
        zones = (part for part in wanted if part not in ("value", "until"))
        return all(self.same(held.get(part), wanted[part]) for part in ends) and all(
            held.get(part) == wanted[part] for part in zones
        )

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """With the end and the zone that are there, where none is given."""
        held = current if isinstance(current, Mapping) else {}
        end = {"until": held["until"]} if "until" not in wanted and held.get("until") else {}
        is_zoned = "timezone_id" in wanted or "timezone_name" in wanted
        zone = {"timezone_id": held["timezone_id"]} if not is_zoned and held.get("timezone_id") else {}
        return {**wanted, **end, **zone}

    def reader(self, options: FieldOptions) -> Reader | None:
        """What turns the rule's format into the ISO form."""
        return format_reader(options.format, self.is_clock)

    def misuse(self, options: FieldOptions) -> str:
        """A format that cannot be read back is none."""
        return format_misuse(options.format) or super().misuse(FieldOptions(options.merge, options.primary))


def _zone(zone: Any) -> dict[str, Any]:
    return {"timezone_id": identifier(zone)} if str(zone).strip().isdigit() else {"timezone_name": text(zone)}


@dataclass(frozen=True, kw_only=True)
class Address(FieldType):
    """An address: one text, with parts where they are given."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The text and the parts. Raises BadValue for parts without the text."""
        value, more = from_json(main(parts)), from_json(parts.get(PARTS))
        given = {
            **(more if isinstance(more, Mapping) else {}),
            **(value if isinstance(value, Mapping) else {"value": value}),
        }
        if is_nothing(given.get("value")):
            raise BadValue("needs the address as one text (`value`)")
        return {name: text(given[name]) for name in ("value", *ADDRESS_PARTS) if not is_nothing(given.get(name))}

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether the text, as it was sent or as Pipedrive writes it, and every part that is wanted are there."""
        held = current if isinstance(current, Mapping) else {"value": current}
        whole = {str(held.get(name) or "").strip() for name in ("value", "formatted_address")}
        parts = [name for name in ADDRESS_PARTS if name in wanted]
        return wanted["value"] in whole and all(str(held.get(name) or "").strip() == wanted[name] for name in parts)


@dataclass(frozen=True, kw_only=True)
class Prices(FieldType):
    """Prices of a product, one for each currency."""

    merges: str = "add"

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """A list, a single one, or a number in the currency beside it, else the acting user's."""
        value = from_json(first(parts, "", ALIAS))
        if value is None:
            return None
        given = value if isinstance(value, list) else [value]
        found = [_price(each, parts.get("currency"), lookups) for each in given if not is_nothing(each)]
        if len({each["currency"] for each in found}) < len(found):
            raise BadValue("needs one price for each currency")
        return found

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether every price that is wanted is there, and no other where it is a whole list."""
        held = {each.get("currency"): each for each in current}
        return all(
            each["currency"] in held
            and all(held[each["currency"]].get(name) == value for name, value in each.items() if name != "currency")
            for each in wanted
        ) and len(held) <= len(wanted)

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """Prices are replaced wholesale: what is there is sent along, of other currencies and of the same one."""
        there = {each.get("currency"): _as_sent(each) for each in current or ()}
        if field.merging == "remove":
            gone = {each["currency"] for each in wanted}
            return [price for name, price in there.items() if name not in gone]
        given = {each["currency"]: {**there.get(each["currency"], {}), **each} for each in wanted}
        if field.merging == "replace":
            return [*given.values()]
        return [*given.values(), *(price for name, price in there.items() if name not in given)]

    def is_empty(self, value: Any) -> bool:
        """Also the one price of zero that Pipedrive sets by itself."""
        return is_nothing(value) or not any(each.get(name) for each in value for name in PRICE_NUMBERS)

    def reader(self, options: FieldOptions) -> Reader | None:
        """What turns the rule's format into a plain number."""
        return number_reader(options.format)

    def misuse(self, options: FieldOptions) -> str:
        """Amounts have the formats of numbers."""
        return number_misuse(options.format) or super().misuse(FieldOptions(options.merge, options.primary))


def _price(given: Any, currency: Any, lookups: Lookups) -> dict[str, Any]:
    given = given if isinstance(given, Mapping) else {"price": given}
    price = part_of(given, ("price", *AMOUNTS), "a price, or a list of objects with `price` and `currency`")
    if price is None:
        raise BadValue("needs a price, or a list of objects with `price` and `currency`")
    code = text(first(given, "currency") or currency or lookups.currency()).upper()
    others = {name: number(given[name]) for name in PRICE_NUMBERS[1:] if not is_nothing(given.get(name))}
    notes = {} if is_nothing(given.get("notes")) else {"notes": text(given["notes"])}
    return {"currency": code, "price": number(price), **others, **notes}


def _as_sent(held: Mapping[str, Any]) -> dict[str, Any]:
    """A price of the server as it may be sent back."""
    kept = {name: held.get(name) for name in ("currency", *PRICE_NUMBERS, "notes")}
    return {name: value for name, value in kept.items() if value is not None}


#: How the ends of a range of days, and of times of day, are read and compared.
DAYS: dict[str, Any] = {"read": day, "same": same_day}
CLOCKS: dict[str, Any] = {"read": clock_time, "same": same_clock, "is_clock": True}
