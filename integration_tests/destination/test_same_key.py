"""Records of one row that contradict each other. Scenario T1."""

import pytest

from integration_tests.destination.account import Account, record

CONTRADICTIONS = {
    "persons": [
        record("persons", name="Ann A", email="ann@acme.test", phone="1"),
        record("persons", name="Ann Again", email="ANN@acme.test", phone="2"),
    ],
    "organizations": [record("organizations", name="Neu GmbH"), record("organizations", name="neu gmbh")],
}


@pytest.mark.parametrize("stream", CONTRADICTIONS)
def test_t1_the_last_word_counts_and_the_second_run_writes_nothing(account: Account, stream: str) -> None:
    """T1: two records of one key become one row with the last values; the same input again writes nothing."""
    records = CONTRADICTIONS[stream]
    first = account.write(records)
    row = account.rows(stream)[-1]
    second = account.write(records)

    assert first.summary["objects"][stream]["created"] == 1
    assert row["name"] == records[-1]["record"]["data"]["name"]
    assert account.rows(stream)[-1] == row
    assert second.summary["objects"][stream]["unchanged"] == 2
    assert account.writes() == []
