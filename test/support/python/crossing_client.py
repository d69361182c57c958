"""A client of the service Crossing for the tests: does what it is told, and says on its standard output what it found."""

import json
import sys
import threading
from datetime import datetime, timedelta, timezone

folder, endpoint, scenario, *arguments = sys.argv[1:]
sys.path.insert(0, folder)

from generated import _homing  # noqa: E402
from generated.crossing import Closed, CrossingClient, Overdrawn  # noqa: E402

connection = _homing.Connection(endpoint)
crossing = CrossingClient(connection)

AT = datetime(2026, 2, 3, 4, 5, 6, 789000, timezone.utc)

EVERYTHING = {
    "at": AT,
    "data": b"\x00\xff",
    "big": 2**63,
    "tags": {"a", "b"},
    "prices": {"DE123456": -(2**63)},
    "byKey": [({"id": 2**60}, AT)],
    "keys": [{"id": 1}, {"id": 2}],
    "nothing": None,
    "maybe": None,
    "nullable": None,
    "colour": "green",
    "version": "v1.5",
    "pair": ("a", 0.5, AT),
    "rest": (True, "x", "y"),
    "shape": {"kind": "square", "corners": {1, 2, 3, 4}},
    "mixed": {AT},
    "tree": {"value": 1, "children": [{"value": 2, "children": []}]},
    "record": {"x": {1.5}},
    "loose": {"any": ["thing", 1, None, AT]},
    "list": [1, 2.5, 2**53 + 2],
    "odd-key": True,
}


def say(value):
    print(json.dumps(value), flush=True)


def verdict(call, *args, **options):
    """`STATUS outcome origin`, the message, and what comes with it."""
    try:
        return ["succeeded", repr(call(*args, **options))]
    except _homing.RpcError as error:
        return [f"{error.status.name} {error.outcome} {error.origin}", error.message, error.details]


def values():
    same = crossing.echo(EVERYTHING)
    wrong = [name for name, value in EVERYTHING.items() if same.get(name, "?") != value]
    more = [name for name in same if name not in EVERYTHING]
    say({"wrong": wrong, "more": more, "kinds": {name: type(value).__name__ for name, value in same.items()}})
    say(crossing.kinds(EVERYTHING))
    say([crossing.add(1, 2), crossing.add(0.5, 0.25), crossing.class_("a", 1, True)])
    say([crossing.maybe(), crossing.maybe("x"), crossing.maybe(second=2**60), crossing.maybe(None, None, AT)])
    crossing.note("one-way")
    caller = crossing.caller(metadata={"who": "Python"})
    say(caller)


def leave():
    crossing.note("leaving")
    crossing.note("x" * 15_000_000)


def failures():
    found = []
    for account, cents in (("DE000000", 1), ("DE123456", 500)):
        try:
            crossing.withdraw(account, cents)
        except Overdrawn as error:
            found.append(["Overdrawn", error.data["balance"], error.data["since"].isoformat(), str(error), error.origin])
        except Closed as error:
            found.append(["Closed", error.data, str(error), error.outcome])
    say(found)
    say(verdict(crossing.fail, "status"))
    say(verdict(crossing.fail, "unknown"))
    say(verdict(crossing.withdraw, "x", 1))
    say(verdict(crossing.echo, {**EVERYTHING, "tree": {"value": 1, "children": [{"value": "two", "children": []}]}}))
    say(verdict(crossing.echo, {**EVERYTHING, "at": datetime(2026, 1, 1)}))
    say(verdict(crossing.echo, {**EVERYTHING, "list": []}))
    say(verdict(crossing.add, 10**400, 1))
    say(verdict(crossing.caller, metadata={"what": object()}))
    say(verdict(crossing.caller, metadata={"what": "x" * 9000}))
    # Past this side's own checks: what the other side says.
    unchecked = _homing.Method("Crossing.add", "add", [_homing.Parameter("a", _homing.ANY), _homing.Parameter("b", _homing.ANY)])
    say(verdict(connection.call, unchecked, [1, "two"]))
    say(verdict(connection.call, _homing.Method("Crossing.none", "none"), []))


def time_is_over():
    say(verdict(crossing.work, "long", 60_000, timeout_ms=100))
    say(verdict(crossing.add, 1, 2, timeout_ms=0))
    say(crossing.add(1, 2))


def streams():
    entries = list(crossing.count(3000))
    first_wrong = next((at for at, entry in enumerate(entries) if entry["index"] != at), None)
    say([len(entries), first_wrong, entries[-1]["at"].isoformat()])
    found = []
    try:
        for entry in crossing.count(20, 13):
            found.append(entry["index"])
    except Overdrawn as error:
        say([len(found), error.data["balance"]])
    # Calls and other streams over the same connection while one is open.
    total = 0
    for entry in crossing.count(5):
        total += crossing.add(entry["index"], len(list(crossing.count(2))))
    say(total)
    for at, _ in enumerate(crossing.endless("left")):
        if at == 5000:
            break
    say(connection.dropped_replies >= 0)
    with crossing.endless("closed") as stream:
        next(stream)
    say(list(stream))
    say(verdict(list, crossing.endless("late", timeout_ms=200)))


def lost():
    """Says when it has called, so that the other side can go away."""
    stop = threading.Timer(0, say, [["calling"]])
    stop.start()
    say(verdict(crossing.risk, "doomed", 60_000))
    say(verdict(crossing.add, 1, 2, timeout_ms=100))
    say(["waiting"])
    say(crossing.add(1, 2))


def hostile():
    for number in range(7):
        say(verdict(crossing.add, number, 0, timeout_ms=300 if number == 5 else 60_000))
    say(verdict(list, crossing.count(1)))
    say(connection.dropped_replies)


def plain():
    """The first connection, which names nobody, is not let in."""
    say(verdict(crossing.add, 1, 2, timeout_ms=300))
    for password in ("right", "wrong"):

        def configure(socket):
            say(socket.context is _homing.zmq.Context.instance())
            socket.setsockopt(_homing.zmq.PLAIN_USERNAME, b"ann")
            socket.setsockopt(_homing.zmq.PLAIN_PASSWORD, password.encode())

        with _homing.Connection(endpoint, configure=configure) as secured:
            say(verdict(CrossingClient(secured).add, 1, 2, timeout_ms=60_000 if password == "right" else 300))


def strict():
    with _homing.Connection(endpoint, schema_check="strict") as held:
        client = CrossingClient(held)
        say(verdict(client.add, 1, 2))
        for size in (0, 1, 15, 16):
            metadata = {str(index): "x" for index in range(size)}
            say(verdict(lambda: client.caller(metadata=metadata)["metadata"] == metadata))
        say(verdict(client.caller, metadata={"what": "x" * 8170})[0])


def two_threads():
    stream = crossing.endless("threads")
    errors = []

    def other():
        try:
            crossing.work("other", 60_000)
        except RuntimeError as error:
            errors.append(str(error))

    with connection._alone():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    stream.close()
    say(errors)


{name: one for name, one in list(globals().items()) if callable(one)}[scenario](*arguments)
connection.close()
say("done")
