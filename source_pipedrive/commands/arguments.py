"""The command line: the protocol's commands, which the CDK parses, and those for people."""

import argparse
from collections.abc import Sequence

from pipedrive_client import __version__

PROG = "source-pipedrive"
#: The commands of the Airbyte protocol -> their help.
PROTOCOL = {
    "spec": "print the configuration form",
    "check": "check that the config can be used",
    "discover": "print every stream with its columns",
    "read": "print the records and states of the streams of a catalog",
}
#: Those that print for people, or a file for the next command; their errors go to stderr in plain words.
FOR_PEOPLE = {
    "catalog": "print a configured catalog, ready for `read` and `write`",
    "estimate": "print the rows, requests and tokens that a first and an unchanged sync take",
}


def is_for_people(command: str | None) -> bool:
    """Whether a command prints for people instead of messages of the protocol."""
    return command in FOR_PEOPLE


def parse(arguments: Sequence[str]) -> argparse.Namespace | None:
    """The command line of a command for people; None where the CDK parses it. Exits with 2 when it is wrong."""
    if arguments and arguments[0] in PROTOCOL:
        return None
    parser = argparse.ArgumentParser(prog=PROG, description="Read Pipedrive, with as few API tokens as it takes.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, text in {**PROTOCOL, **FOR_PEOPLE}.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name in FOR_PEOPLE:
            command.add_argument("--config", required=True, help="path of the config file (JSON)")
            command.add_argument("--debug", action="store_true", help="log more")
    streams = "streams to select, separated by commas; all of them by default"
    commands.choices["catalog"].add_argument("--streams", type=_names, help=streams)
    chosen = commands.choices["estimate"].add_mutually_exclusive_group()
    chosen.add_argument("--catalog", help="path of a configured catalog (JSON)")
    chosen.add_argument("--streams", type=_names, help=streams)
    commands.choices["estimate"].add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
