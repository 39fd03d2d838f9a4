"""Records on their way to standard output: many of them, already as lines, are one item of the CDK's queue.

An item for each record would cost more than making the record does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, Type
from airbyte_cdk.sources.concurrent_source.concurrent_read_processor import ConcurrentReadProcessor
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.types import Record

from pipedrive_client import clock


@dataclass(frozen=True)
class Chunk:
    """Records of one stream, in their order. ``text``: a RECORD message a line, each with the line's end.

    Nulls are printed; "cleared" and "never sent" would look the same without them.
    """

    stream: str
    count: int
    text: bytes

    @classmethod
    def of(cls, stream: str, records: list[bytes]) -> "Chunk":
        """The chunk of one record or more, each as JSON, emitted now."""
        head = b'{"type":"RECORD","record":{"stream":' + orjson.dumps(stream) + b',"data":'
        tail = b',"emitted_at":%d}}\n' % clock.emitted_at()
        first, *others = records
        lines = [head + first, *others]
        lines[-1] += tail
        return cls(stream, len(records), (tail + head).join(lines))

    def messages(self) -> Iterator[AirbyteMessage]:
        """The records as the CDK's messages."""
        for line in self.text.splitlines():
            yield AirbyteMessageSerializer.load(orjson.loads(line))


class ChunkSource(ConcurrentSource):
    """The CDK's loop over its queue, which also takes chunks; they are yielded as they are."""

    def _handle_item(
        self, queue_item: QueueItem, concurrent_stream_processor: ConcurrentReadProcessor
    ) -> Iterable[AirbyteMessage]:
        if not isinstance(queue_item, Chunk):
            yield from super()._handle_item(queue_item, concurrent_stream_processor)
            return
        # An empty record stands for the chunk: the CDK counts it, and says that the stream is running.
        for message in concurrent_stream_processor.on_record(Record({}, queue_item.stream)):
            yield queue_item if message.type is Type.RECORD else message  # type: ignore[misc]
        concurrent_stream_processor._record_counter[queue_item.stream] += queue_item.count - 1
