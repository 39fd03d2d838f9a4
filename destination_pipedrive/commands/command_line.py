"""The command line: commands, the files that they need, and their options."""

import argparse
from collections.abc import Mapping, Sequence

from pipedrive_client import __version__

#: Command -> its help and the files it needs.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "spec": ("print the configuration form", ()),
    "check": ("check that the config can be used", ("config",)),
    "discover": ("print what can be written", ("config",)),
    "plan": ("show what write would do with the records of standard input, and its price", ("config",)),
    "propose": ("print a commented mapping for the columns of a file or catalog", ()),
    "report": ("show a finished run as a page, from its result log", ()),
    "studio": ("open a local page on which a mapping is made", ("config",)),
    "write": ("write the records of standard input, or of a file, to Pipedrive", ("config",)),
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line. Exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(prog="destination-pipedrive", description="Write rows into Pipedrive.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, (text, files) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        for file in files:
            command.add_argument(f"--{file}", required=True, help=f"path of the {file} file (JSON)")
    add_options(commands.choices)
    parsed = parser.parse_args(list(arguments))
    if parsed.command in ("plan", "write", "propose") and not (parsed.catalog or parsed.rows):
        commands.choices[parsed.command].error("one of the arguments --catalog --from is required")
    return parsed


def add_options(commands: Mapping[str, argparse.ArgumentParser]) -> None:
    """The options of each command beside the files that it needs."""
    rows = "path of a .csv, .jsonl or .parquet file to read rows from"
    for name in ("plan", "write", "propose"):
        commands[name].add_argument("--catalog", help="path of the catalog file (JSON); with --from it may be left out")
        commands[name].add_argument("--from", dest="rows", metavar="FILE", help=rows)
    for name in ("check", "plan", "write"):
        commands[name].add_argument("--mappings", help="path of a file (YAML) with mappings, in place of the config's")
    commands["plan"].add_argument("--html", help="path of a page to write as well: the plan for a browser, in one file")
    log = "path of a result log, or of the folder with it"
    commands["report"].add_argument("--from", dest="rows", metavar="PATH", required=True, help=log)
    commands["report"].add_argument("--html", required=True, help="path of the page to write")
    commands["studio"].add_argument("--from", dest="rows", metavar="FILE", help=rows)
    commands["studio"].add_argument(
        "--save", metavar="FILE", help="file to save the mapping to; one that it holds is opened"
    )
    commands["studio"].add_argument("--no-browser", action="store_true", help="only print the address")
    commands["propose"].add_argument("--config", help="path of the config file (JSON), to compare with its account")
    commands["propose"].add_argument("--object", help="what the rows become, such as persons; guessed if left out")
    commands["propose"].add_argument("--stream", help="name of the stream; by default the file's name")
