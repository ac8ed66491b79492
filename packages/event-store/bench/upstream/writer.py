"""The Python system's event writer, rebuilt from its description: what ours is measured against.

A buffer of 100 events or 5 seconds, looked at only when an event comes; text columns but for seq and tick; one file per doc_type
and date, written beside and renamed; no fsync, no journal. Arguments: directory, file of frames, count, events per second
(0: as fast as it goes). Prints how many events it has taken: after each one when paced, else one JSON line at the end.
"""

import json
import os
import resource
import sys
import time
import uuid
from datetime import datetime, timezone
from decimal import Decimal
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

BUFFER_EVENTS = 100
BUFFER_SECONDS = 5.0
TEXT = ["ts", "source", "doc_type", "session_id", "direction", "raw_json", "game_id", "event_name", "price", "username"]
SCHEMA = pa.schema([(name, pa.string()) for name in TEXT] + [("seq", pa.int64()), ("tick", pa.int64())])


class Writer:
    def __init__(self, directory):
        self.directory = directory
        self.lock = Lock()
        self.buffer = []
        self.flushed_at = time.monotonic()

    def write(self, row):
        with self.lock:
            self.buffer.append(row)
            if len(self.buffer) >= BUFFER_EVENTS or time.monotonic() - self.flushed_at >= BUFFER_SECONDS:
                self.flush()

    def flush(self):
        groups = {}
        for row in self.buffer:
            groups.setdefault((row["doc_type"], row["ts"][:10]), []).append(row)
        for (doc_type, date), rows in groups.items():
            folder = os.path.join(self.directory, f"doc_type={doc_type}", f"date={date}")
            os.makedirs(folder, exist_ok=True)
            target = os.path.join(folder, f"part-{uuid.uuid4().hex}.parquet")
            pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), target + ".tmp")
            os.replace(target + ".tmp", target)
        self.buffer.clear()
        self.flushed_at = time.monotonic()


def event_rows(frame, seq, session):
    """The frame, and its tick: two rows of one seq."""
    data = frame["data"] if isinstance(frame["data"], dict) else {}
    row = {
        "ts": datetime.now(timezone.utc).replace(tzinfo=None).isoformat(),
        "source": "public_ws",
        "doc_type": "ws_event",
        "session_id": session,
        "seq": seq,
        "direction": "received",
        "raw_json": json.dumps({"event": frame["event"], "data": frame["data"]}),
        "game_id": data.get("gameId"),
        "event_name": frame["event"],
    }
    if frame["event"] != "gameStateUpdate":
        return [row]
    price = str(Decimal(str(data.get("price", 1.0))))
    return [row, {**row, "doc_type": "game_tick", "raw_json": None, "tick": data.get("tickCount", 0), "price": price}]


def main():
    directory, source, count, pace = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    with open(source, encoding="utf-8") as lines:
        frames = [json.loads(line) for line in lines]
    writer = Writer(directory)
    session = str(uuid.uuid4())
    started = time.monotonic()
    cpu = time.process_time()
    for seq in range(1, count + 1):
        if pace > 0:
            time.sleep(max(0.0, started + seq / pace - time.monotonic()))
        for row in event_rows(frames[seq % len(frames)], seq, session):
            writer.write(row)
        if pace > 0:
            os.write(1, f"{seq}\n".encode())
    writer.flush()
    seconds = time.monotonic() - started
    usage = {"cpuSeconds": time.process_time() - cpu, "peakMib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    os.write(1, (json.dumps({"seconds": seconds, **usage}) + "\n").encode())


main()
