"""A worker of the service Crossing for the tests. Its standard output says `["ready", endpoint]`, and what begins."""

import json
import os
import signal
import sys
import threading
import time
from datetime import datetime, timezone

folder, mode, endpoint, concurrency = sys.argv[1:5]
sys.path.insert(0, folder)

from generated._homing import RpcError, Server, Status, current_call  # noqa: E402
from generated.crossing import Closed, CrossingWorker, HarbourWorker, Overdrawn  # noqa: E402

lock = threading.Lock()


def say(*words):
    with lock:
        print(json.dumps(words), flush=True)


class Worker(CrossingWorker):
    def __init__(self):
        self.lines = []

    def add(self, a, b):
        return a + b

    def echo(self, value):
        return value

    def kinds(self, value):
        return {name: type(one).__name__ for name, one in value.items()}

    def maybe(self, first, second, third):
        words = f"{first} {third and third.isoformat()}"
        return (words,) if second is None else (words, second)

    def withdraw(self, account, cents):
        if account == "DE000000":
            raise Closed("there is no such account")
        if cents > 100:
            raise Overdrawn("only 100 left", {"balance": 100, "since": datetime(2026, 1, 2, 3, 4, 5, 678000, timezone.utc)})
        return 100 - cents

    def fail(self, how):
        if how == "status":
            raise RpcError(Status.NOT_FOUND, "nothing there", details={"at": [1, 2]})
        if how == "undeclared":
            raise Overdrawn("not declared here", {"balance": 0, "since": datetime.now(timezone.utc)})
        if how == "exit":
            sys.exit(1)
        raise KeyError("a secret")

    def note(self, line):
        self.lines.append(line)
        say("note", line)

    def notes(self):
        return self.lines

    def work(self, name, ms):
        say("work", name)
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            if current_call().is_cancelled:
                say("cancelled", name)
                break
            time.sleep(0.005)
        return f"{name} by {os.getpid()}"

    risk = work

    def caller(self):
        call = current_call()
        return {
            "method": call.method,
            "attempt": call.attempt,
            "hasDeadline": 0 < call.remaining_ms < float("inf"),
            "metadata": dict(call.metadata),
        }

    def count(self, to, fail_at):
        for index in range(int(to)):
            if index == 13 and fail_at == 13:
                raise Overdrawn("unlucky", {"balance": 13, "since": datetime.fromtimestamp(0, timezone.utc)})
            if index == fail_at:
                yield {"index": "none", "at": None}
            yield {"index": index, "at": datetime.fromtimestamp(index, timezone.utc)}

    def endless(self, name):
        sent = 0
        try:
            while True:
                yield bytes(1000)
                sent += 1
        finally:
            say("left", name, sent)

    def class_(self, from_, self_, timeout_ms):
        return f"{from_} {self_} {timeout_ms}"


class Harbour(HarbourWorker):
    def tide(self, at):
        return {"index": at.year, "at": at}


def ready(bound):
    say("ready", bound)


options = {mode: endpoint, "concurrency": int(concurrency), "on_ready": ready}
if mode == "queue":
    worker = Worker()
    signal.signal(signal.SIGTERM, lambda *_: worker.drain())
    worker.run(**options)
else:
    server = Server([Worker(), Harbour()], **options)
    signal.signal(signal.SIGTERM, lambda *_: server.drain())
    server.run()
say("drained")
