"""How both command lines start: fast, and so that SIGTERM ends them. Imports nothing that takes time."""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path


def start(spec: Path, load: Callable[[], None]) -> bool:
    """Make ready for a command of ``sys.argv``; False when it was `spec`, which is answered here.

    ``load`` imports the connector. Until it takes over, SIGTERM ends the process with 143.
    """
    # The first process of a container would not be ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
    if sys.argv[1:] == ["spec"]:
        print(json.dumps({"type": "SPEC", "spec": json.loads(spec.read_bytes())}))
        return False
    # Loading the CDK takes more than a second, which `spec` does not need. What is loaded stays: looking through it for
    # garbage, while loading and at the end, is a quarter of that time.
    gc.disable()
    load()
    gc.freeze()
    gc.enable()
    return True
