"""Event files for TensorBoard, written without a thread, so that errors reach the caller.

TensorBoard's own writer has a thread, which a full disk ends with a traceback on the terminal.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter

_VERSION = "brain.Event:2"


class EventFile:
    """A new event file in a folder.

    Raises:
        OSError: it cannot be written. The methods raise it, too.
    """

    def __init__(self, folder: Path) -> None:
        """Make the file, and the folder where it does not exist."""
        folder.mkdir(exist_ok=True)
        # TensorBoard reads the files of a folder in the order of their names.
        owner = f"{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
        path = folder / f"events.out.tfevents.{int(time.time()):010d}.{owner}"
        self._file = path.open("xb")
        self._records = RecordWriter(self._file)
        self.add(Event(wall_time=time.time(), file_version=_VERSION))

    def add(self, event: Event) -> None:
        """Append an event."""
        self._records.write(event.SerializeToString())

    def flush(self) -> None:
        """Hand everything over to the operating system."""
        self._records.flush()

    def close(self) -> None:
        """Hand everything over to the operating system and close the file."""
        self._file.close()
