"""An account that the source reads and the destination writes into an empty account is the same account."""

import pytest

from demo.comparison import Comparison, compare
from demo.limits import LIMITS, not_restored
from integration_tests.copying.accounts import TOLD_APART, Copied, read, write
from integration_tests.destination.account import Account
from integration_tests.source.conftest import InProcess

MODES = ("columns_by_key", "object", "object_and_columns")


def differences(original: Copied, copy: Copied) -> list[Comparison]:
    """The comparison of both accounts."""
    return compare(original.read_as(), copy.read_as("original_id"), TOLD_APART, not_restored)


def test_the_copy_is_the_same_account(original: Copied, target: Account, second: InProcess) -> None:
    """Every row is there, equal but for what no API restores; the table of docs/backup.md names that, and no more."""
    run = write(target, original)
    found = differences(original, read(second))
    again = write(target, original)

    assert run.exit_code == 0, run
    assert [text for text in run.logs("WARN") if "rejected" in text] == []
    assert {each.stream: each.missing for each in found if each.missing} == {"mail_threads": 18}
    assert {each.stream: each.surplus for each in found if each.surplus} == {}
    assert {each.stream: dict(each.fields) for each in found if each.different} == {}
    shown = {(each.stream, name) for each in found for name in each.fields}
    promised = {(stream, name) for limit in LIMITS for stream in limit.streams for name in limit.shown}
    assert promised - shown == set()
    assert again.exit_code == 0
    assert target.writes() == []


def test_the_plan_knows_the_price(original: Copied, target: Account) -> None:
    """A plan writes nothing, and what it says is what the copy costs and does."""
    plan = write(target, original, dry_run=True)
    assert target.writes() == []
    run = write(target, original)

    assert plan.summary["tokens"] + plan.summary["planned_tokens"] == run.summary["tokens"]
    assert plan.summary["objects"] == run.summary["objects"]


@pytest.mark.parametrize("mode", MODES)
def test_every_form_of_custom_fields_is_taken(
    original: Copied, first: InProcess, target: Account, second: InProcess, mode: str
) -> None:
    """The columns by key and the API's own object bring the same account, and change nothing in it afterwards."""
    other = read(first, mode)
    run = write(target, other)
    found = differences(original, read(second))
    again = write(target, original)

    assert run.exit_code == 0, run
    assert {each.stream: dict(each.fields) for each in found if each.different} == {}
    assert {each.stream: each.missing for each in found if each.missing} == {"mail_threads": 18}
    assert again.exit_code == 0
    assert target.writes() == []


def test_columns_of_a_warehouse_are_taken(original: Copied, target: Account, second: InProcess) -> None:
    """Lists and objects that come back as text, in columns whose schema says nothing of the fields."""
    run = write(target, original.from_warehouse())
    found = differences(original, read(second))

    assert run.exit_code == 0, run
    assert {each.stream: dict(each.fields) for each in found if each.different} == {}
