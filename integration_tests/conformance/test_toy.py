"""The checks pass for a destination that does right, and each mistake is noticed by the check that is meant for it."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

import destination_conformance
from destination_conformance import CHECKS, Adapter, Held, Json, run_check, toy
from integration_tests.harness import ROOT, environment

README = ROOT / "conformance" / "README.md"


class ToyAdapter(Adapter):
    """The toy, with or without a fault. A row's text is its version."""

    command = (sys.executable, toy.__file__)
    stream, key = "rows", "number"
    properties = toy.COLUMNS
    modes = frozenset(toy.MODES)
    secrets = (toy.TOKEN, "another-token-2")
    patience = 20.0

    def __init__(self, folder: Path, fault: str = "") -> None:
        self.path = folder / "toy.sqlite"
        self.more: Json = {"fault": fault} if fault else {}

    def config(self) -> Json:
        return {"path": str(self.path), "token": toy.TOKEN, **self.more}

    def refused_config(self) -> Json:
        return {**self.config(), "token": "another-token-2"}

    def wrong_config(self) -> Json:
        return {"token": toy.TOKEN}

    def reset(self) -> None:
        self.path.unlink(missing_ok=True)

    def held(self) -> list[Held]:
        return [(number, int(text or 0)) for number, text in self._ask("SELECT number, text FROM rows")]

    def put(self, rows: Iterable[Held]) -> None:
        for number, version in rows:
            self._ask(f"INSERT INTO rows VALUES ({number}, '{version}')")

    def row(self, number: int, version: int = 0) -> Json:
        return {"number": number, "text": str(version)}

    def bad_row(self) -> Json:
        return {"number": 500}

    def rejects_config(self, folder: Path) -> Json:
        return {**self.config(), "rejects": str(folder)}

    def repaired_config(self) -> Json:
        return {**self.config(), "strict": False}

    def failing(self, after: int) -> AbstractContextManager[None]:
        return self._with_room(after)

    @contextmanager
    def _with_room(self, after: int) -> Iterator[None]:
        self.more["room"] = after
        yield
        del self.more["room"]

    def _ask(self, query: str) -> list[tuple[int, str]]:
        with closing(sqlite3.connect(self.path, timeout=30)) as database:
            database.execute(toy.TABLE)
            found = database.execute(query).fetchall()
            database.commit()
        return found


#: Fault -> the check that is there for it.
FAULTS = {
    "prints_noise": "check_succeeds",
    "shows_the_token": "no_secret_is_printed",
    "keys_of_another_schema": "discover_names_what_can_be_written",
    "loses_keys_of_states": "states_come_back_unchanged_and_in_order",
    "swallows_states": "states_come_back_unchanged_and_in_order",
    "states_too_early": "states_come_only_after_their_records",
    "counts_wrongly": "counts_are_those_of_the_sender",
    "dies_of_a_line": "odd_lines_do_not_end_the_run",
    "loses_records": "every_record_arrives_once",
    "doubles_what_comes_again": "the_same_again_changes_nothing",
    "appends_once": "append_adds_every_record",
    "ignores_generations": "overwrite_is_never_taken_for_append",
    "deletes_nothing": "soft_delete_deletes_by_key",
    "names_no_config_error": "discover_refuses_a_wrong_config",
    "calls_errors_success": "states_of_a_run_that_fails_are_true",
    "creates_on_update": "update_creates_nothing",
    "stops_at_a_bad_record": "one_bad_record_does_not_stop_the_others",
    "keeps_no_rejects": "rejected_records_can_be_written_again",
    "does_not_stop": "a_stopped_run_ends_in_order",
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_destination_that_does_right_passes(name: str, tmp_path: Path) -> None:
    """Every check that the toy's abilities allow."""
    run_check(name, ToyAdapter(tmp_path))


@pytest.mark.parametrize(("fault", "name"), FAULTS.items(), ids=list(FAULTS))
def test_a_mistake_is_noticed(fault: str, name: str, tmp_path: Path) -> None:
    """The check that is meant for it fails."""
    with pytest.raises(AssertionError):
        run_check(name, ToyAdapter(tmp_path, fault))


def test_the_readme_word_for_word(tmp_path: Path) -> None:
    """Its example is saved and run as it says: checks pass, those that need more of the adapter are skipped."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^python (.+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    (tmp_path / "test_my_destination.py").write_text(code, encoding="utf-8")
    printed = [
        subprocess.run(
            [sys.executable, *line.split()], cwd=tmp_path, env=environment(), capture_output=True, text=True
        ).stdout
        for line in lines
    ]

    assert lines == ["-m destination_conformance.toy spec", "-m pytest -rs test_my_destination.py"]
    assert json.loads(printed[0])["type"] == "SPEC"
    passed, skipped = (int(number) for number in re.findall(r"(\d+) (?:passed|skipped)", printed[1]))
    assert passed + skipped == len(CHECKS)
    assert 0 < skipped < 8, printed[1]
    assert "failed" not in printed[1]


def test_every_check_is_described() -> None:
    """The README has each check with its sentence, and counts the faults."""
    text = README.read_text(encoding="utf-8")

    assert not [name for name, check in CHECKS.items() if f"| `{name}` | {check.__doc__} |" not in text]
    assert len(FAULTS) == 19


def test_the_checks_stand_alone() -> None:
    """They import nothing of this repository, so that another destination can have them."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in Path(destination_conformance.__file__).parent.glob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}

    assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "jsonschema", "pytest"}
