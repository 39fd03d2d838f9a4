"""A destination that writes into an SQLite file: small enough to be read, and able to do wrong on request.

``python toy.py spec | check --config F | discover --config F | write --config F --catalog F``. The config's ``fault``
switches one mistake on; the tests show that the checks notice it.
"""

import argparse
import json
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any, NoReturn

TOKEN = "toy-token-1"
MODES = ("append", "append_dedup", "update", "soft_delete")
#: Records that are kept before they are written together.
BATCH = 10
FIELDS = {
    "path": {"type": "string"},
    "token": {"type": "string", "airbyte_secret": True},
    "rejects": {"type": "string"},
    "strict": {"type": "boolean"},
    "room": {"type": "integer"},
    "fault": {"type": "string"},
}
COLUMNS = {"number": {"type": "integer"}, "text": {"type": "string"}}
SCHEMA = {"type": "object", "properties": COLUMNS}
TABLE = "CREATE TABLE IF NOT EXISTS rows (number INTEGER, text TEXT)"


class Stop(Exception):
    """The run ends with this sentence."""

    def __init__(self, message: str, kind: str = "config_error") -> None:
        super().__init__(message)
        self.kind = kind


class Toy:
    """One run."""

    def __init__(self, config: Any) -> None:
        if not isinstance(config, dict) or not config.get("path"):
            raise Stop("The config must name a `path`.")
        self.config = config
        self.fault = config.get("fault", "")
        if config.get("token") != TOKEN:
            shown = config.get("token") if self.fault == "shows_the_token" else "it"
            raise Stop(f"The token is not right, the target refused {shown}.")
        self.database = sqlite3.connect(config["path"], timeout=30)
        self.database.execute(TABLE)
        self.waiting: list[Any] = []
        self.counts = [0.0, 0.0]

    def write(self, mode: str) -> None:
        """Everything of standard input."""
        for number, line in enumerate(sys.stdin):
            message = self._parsed(line)
            if message.get("type") == "RECORD" and "data" in message.get("record", {}):
                if self.fault != "loses_records" or number % 7:
                    self.waiting.append(message)
                self.counts[0] += 1
            elif message.get("type") == "STATE":
                self._state(message, mode)
            if len(self.waiting) >= BATCH:
                self._settle(mode)
        self._settle(mode)

    def _parsed(self, line: str) -> Any:
        try:
            message = json.loads(line)
        except ValueError:
            if self.fault == "dies_of_a_line":
                raise
            return {}
        return message if isinstance(message, dict) else {}

    def _state(self, message: Any, mode: str) -> None:
        if self.fault != "states_too_early":
            self._settle(mode)
        state = message["state"]
        if self.fault == "loses_keys_of_states":
            state = {key: state[key] for key in state if key != "id"}
        if self.fault == "swallows_states" and state["type"] != "STREAM":
            return
        counts = dict(zip(("recordCount", "rejectedRecordCount"), self.counts, strict=True))
        if self.fault == "counts_wrongly":
            counts["recordCount"] += 1
        say({"type": "STATE", "state": {**state, "destinationStats": counts}})
        self.counts = [0.0, 0.0]

    def _settle(self, mode: str) -> None:
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            data = message["record"]["data"]
            if self.config.get("strict", True) and not data.get("text"):
                self._reject(message)
            else:
                self._apply(mode, data["number"], data.get("text", ""))
        self.database.commit()

    def _reject(self, message: Any) -> None:
        if self.fault == "stops_at_a_bad_record":
            raise Stop("A record has no text.", "system_error")
        self.counts = [self.counts[0] - 1, self.counts[1] + 1]
        if self.config.get("rejects") and self.fault != "keeps_no_rejects":
            with (Path(self.config["rejects"]) / "rejected.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps({**message, "rejection": {"code": "no_text"}}) + "\n")

    def _apply(self, mode: str, number: int, text: str) -> None:
        (found,) = self.database.execute("SELECT count(*) FROM rows WHERE number = ?", (number,)).fetchone()
        if mode == "soft_delete":
            number = -1 if self.fault == "deletes_nothing" else number
            self.database.execute("DELETE FROM rows WHERE number = ?", (number,))
        elif found and (mode != "append" or self.fault == "appends_once") and self.fault != "doubles_what_comes_again":
            self.database.execute("UPDATE rows SET text = ? WHERE number = ?", (text, number))
        elif mode != "update" or self.fault == "creates_on_update":
            self._insert(number, text)

    def _insert(self, number: int, text: str) -> None:
        (rows,) = self.database.execute("SELECT count(*) FROM rows").fetchone()
        if rows >= self.config.get("room", sys.maxsize):
            self.database.commit()
            raise Stop("The target is full.", "system_error")
        self.database.execute("INSERT INTO rows VALUES (?, ?)", (number, text))


def spec() -> Any:
    """The content of SPEC."""
    form = {"type": "object", "properties": FIELDS, "additionalProperties": True}
    page = "https://example.com/toy"
    return {
        "documentationUrl": page,
        "supported_destination_sync_modes": [*MODES, "overwrite"],
        "connectionSpecification": form,
    }


def operations(fault: str) -> Any:
    """The content of DESTINATION_CATALOG."""
    key = "id" if fault == "keys_of_another_schema" else "number"
    found = [{"object_name": "rows", "sync_mode": mode, "json_schema": SCHEMA} for mode in MODES]
    return {
        "operations": [each | {"matching_keys": [[key]] if each["sync_mode"] != "append" else []} for each in found]
    }


def main() -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name, files in (("spec", 0), ("check", 1), ("discover", 1), ("write", 2)):
        command = commands.add_parser(name)
        for file in ("--config", "--catalog")[:files]:
            command.add_argument(file, required=True)
    given = parser.parse_args()
    try:
        run(given)
    except Stop as stop:
        if given.command == "check":
            say({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "FAILED", "message": str(stop)}})
            return 0
        fault = fault_of(given.config)
        error = {
            "message": str(stop),
            "failure_type": "system_error" if fault == "names_no_config_error" else stop.kind,
        }
        say({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 0, "error": error}})
        return 0 if fault == "calls_errors_success" else 1
    return 0


def run(given: argparse.Namespace) -> None:
    """Run one command. Raises Stop."""
    if given.command == "spec":
        say({"type": "SPEC", "spec": spec()})
        return
    toy = Toy(read(given.config))
    if toy.fault == "prints_noise":
        print("starting …")
    if given.command == "check":
        say({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}})
    elif given.command == "discover":
        say({"type": "DESTINATION_CATALOG", "destination_catalog": operations(toy.fault)})
    else:
        streams = read(given.catalog).get("streams", [{}])
        if "destination_sync_mode" not in streams[0]:
            raise Stop("The catalog has no stream with a mode.")
        if streams[0].get("minimum_generation_id") and toy.fault != "ignores_generations":
            toy.database.execute("DELETE FROM rows")
        signal.signal(signal.SIGTERM, signal.SIG_IGN if toy.fault == "does_not_stop" else stopped)
        toy.write(streams[0]["destination_sync_mode"])


def fault_of(path: str) -> str:
    """The fault that a config switches on, whatever else is wrong with it."""
    try:
        return str(json.loads(Path(path).read_text(encoding="utf-8")).get("fault"))
    except ValueError:
        return ""


def stopped(*_: Any) -> NoReturn:
    """SIGTERM."""
    raise Stop("The run was asked to stop.", "transient_error")


def read(path: str) -> Any:
    """A JSON file. Raises Stop."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(f"The file cannot be read: {error}.") from None


def say(message: Any) -> None:
    """Print one message."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main())
