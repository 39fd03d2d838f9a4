"""`Clear data`: the platform sends states and statuses without a record. Nothing is done about them, and nothing fails.

It announces a cleared stream as one to be replaced, in the way in which it announces a full refresh that overwrites.
Only a record tells them apart.
"""

from collections.abc import Iterable, Iterator, Mapping

from destination_pipedrive.protocol.json_lines import Message
from destination_pipedrive.protocol.messages import stream_of
from pipedrive_client.config import ConfigError

#: Namespace and name of a stream.
Stream = tuple[str, str]


def opening(
    messages: Iterable[Message | None], replaced: Mapping[Stream, str]
) -> tuple[list[Message], Iterator[Message | None] | None]:
    """What comes up to the first record, and the rest; None instead of the rest when no record came.

    ``replaced``: the streams that would replace what is in Pipedrive, each with the sentence that refuses it. Raises
    ConfigError with these for a record that comes, of whichever stream, while one of them is not COMPLETE.
    """
    remaining, still_open = iter(messages), dict(replaced)
    found: list[Message] = []
    for message in remaining:
        if message is None:
            continue
        found.append(message)
        if message["type"] == "TRACE":
            _close(still_open, message)
        elif message["type"] == "RECORD":
            if still_open:
                raise ConfigError(" ".join(still_open.values()))
            return found, remaining
    return found, None


def _close(still_open: dict[Stream, str], message: Message) -> None:
    status = message["trace"].get("stream_status")
    stream = stream_of(status)
    if stream and isinstance(status, dict) and status.get("status") == "COMPLETE":
        still_open.pop(stream, None)
