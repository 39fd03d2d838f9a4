"""What each command of both connectors takes to start: ``python -m bench.commands``.

Processor time here, without images, as a multiple of a Python that does nothing and of one that loads the CDK, so that
machines can be compared; ``bench.startup`` measures the same inside the images. The best of some rounds counts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.speed import best
from demo.server import SandboxProcess, executable

ROUNDS = 3
#: What everything is compared with.
NOTHING, IMPORT = "python -c pass", "import airbyte_cdk"
#: Of which connector which commands; True for those that take a config.
COMMANDS = {
    "source-pipedrive": {"spec": False, "check": True, "discover": True, "catalog": True},
    "destination-pipedrive": {"spec": False, "check": True},
}


def main(rounds: int = ROUNDS) -> dict[str, float]:
    """Processor seconds of each command in its best round."""
    with SandboxProcess.start(scale=1) as sandbox, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(sandbox.config()), encoding="utf-8")
        commands = {NOTHING: [sys.executable, "-c", "pass"], IMPORT: [sys.executable, "-c", IMPORT]}
        for connector, names in COMMANDS.items():
            for name, takes_config in names.items():
                more = ["--config", str(config)] if takes_config else []
                commands[f"{connector} {name}"] = [executable(connector), name, *more]
        return best(commands, rounds)[0]


def report(seconds: dict[str, float]) -> list[str]:
    """A table for people, and last as JSON."""
    nothing, load = seconds[NOTHING], seconds[IMPORT]
    lines = ["| command | processor time | of an empty Python | of the CDK's import |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {each:.2f} s | {each / nothing:.1f} × | {each / load:.2f} × |" for name, each in seconds.items()
    ]
    return [*lines, f"BENCH {json.dumps({name: round(each, 3) for name, each in seconds.items()})}"]


if __name__ == "__main__":
    print("\n".join(report(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))), flush=True)
