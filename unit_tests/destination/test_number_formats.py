"""Numbers as tables spell them, which a rule's `format` reads."""

import pytest

from destination_pipedrive.fields.field import FieldOptions
from destination_pipedrive.fields.formats import number_reader
from destination_pipedrive.fields.parsing import BadValue
from destination_pipedrive.fields.types import field_type


@pytest.mark.parametrize(
    ("form", "given", "number"),
    [
        ("decimal_comma", "1.234,50 €", 1234.5),
        ("decimal_comma", "1234,5", 1234.5),
        ("decimal_comma", "1.500", 1500),
        ("decimal_comma", "1 234,50", 1234.5),
        ("decimal_comma", "CHF 1'000,50", 1000.5),
        ("decimal_comma", "2.500,-", 2500),
        ("decimal_comma", "-12 %", -12),
        ("decimal_point", "$1,234.50", 1234.5),
        ("decimal_point", "USD 12", 12),
        ("decimal_point", "R$ 10.5", 10.5),
        ("decimal_point", 7.5, 7.5),
        ("decimal_point", "", ""),
    ],
)
def test_numbers_with_separators_and_units(form: str, given: object, number: object) -> None:
    """Groups of three, a fraction, and a currency or percent sign."""
    reader = number_reader(form)

    assert reader is not None
    assert reader(given) == number


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("decimal_comma", "12.5"),
        ("decimal_comma", "1.23,4"),
        ("decimal_comma", "1 2 3"),
        ("decimal_comma", "soon"),
        ("decimal_point", "1.234,5"),
        ("decimal_point", "1,2"),
    ],
)
def test_what_is_not_plainly_of_the_format_is_refused(form: str, given: str) -> None:
    """Nothing is guessed."""
    reader = number_reader(form)

    assert reader is not None
    with pytest.raises(BadValue, match=form):
        reader(given)


@pytest.mark.parametrize("kind", ["number", "amount", "integer", "monetary", "lead_value", "prices"])
def test_types_that_take_the_formats(kind: str) -> None:
    """All that hold a number; a format of dates is none of theirs."""
    assert not field_type(kind).misuse(FieldOptions(format="decimal_comma"))
    assert "decimal_comma" in field_type(kind).misuse(FieldOptions(format="%d.%m.%Y"))
