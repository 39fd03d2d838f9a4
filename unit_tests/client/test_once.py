"""Values that are made once for each key."""

from __future__ import annotations

import threading

import pytest

from pipedrive_client.once import OncePerKey

from .conftest import meeting, outcomes


def test_made_once_for_all_threads() -> None:
    """Threads that ask for one key at the same time make its value once."""
    meet, made = meeting(), []
    values: OncePerKey[str, int] = OncePerKey()

    def make() -> int:
        made.append(1)
        meet()
        return len(made)

    assert outcomes(lambda: values.get("a", make), 8) == [1] * 8
    assert len(made) == 1


def test_nobody_waits_for_another_key() -> None:
    """While one key's value is made another one's can be: here the first waits for the second."""
    values: OncePerKey[str, str] = OncePerKey()
    entered, other = threading.Event(), threading.Event()

    def slow() -> str:
        entered.set()
        assert other.wait(timeout=10)
        return "slow"

    worker = threading.Thread(target=lambda: values.get("slow", slow))
    worker.start()
    assert entered.wait(timeout=10)
    assert values.get("other", lambda: "other") == "other"
    other.set()
    worker.join(timeout=10)

    assert values.get("slow", lambda: "again") == "slow"


def test_a_failure_is_not_kept() -> None:
    """The next one that asks tries again."""
    values: OncePerKey[str, int] = OncePerKey()

    with pytest.raises(ZeroDivisionError):
        values.get("a", lambda: 1 // 0)

    assert values.get("a", lambda: 2) == 2


def test_renewed_and_changed() -> None:
    """A value can be made anew, or of the one that is there."""
    values: OncePerKey[str, int] = OncePerKey()
    values.get("a", lambda: 1)

    assert values.renew("a", lambda: 5) == 5
    values.change("a", lambda value: value + 1)
    assert values.get("a", lambda: 0) == 6
