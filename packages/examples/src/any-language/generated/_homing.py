# Copied by @homing/codegen 0.1.0. Do not edit.
"""Homing/1 for Python: what the generated clients and workers are made of. Needs pyzmq and msgpack, and nothing else.

For users: `Connection` and `Stream` at the calling side; `Worker`, `Server` and `current_call` at the serving side; `RpcError`,
`ServiceError` and `Status` at both. The rest is what generated modules put together.

In this order: failures, what the wire is made of, shapes of values, methods, the calling side, the serving side.
"""

from __future__ import annotations

import abc
import collections
import concurrent.futures
import contextvars
import copy
import enum
import json
import logging
import math
import os
import re
import socket as sockets
import struct
import sys
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Deque, Dict, Generic, Iterator, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar

import msgpack
import zmq
from zmq.utils.monitor import recv_monitor_message

__all__ = ["CallContext", "Connection", "RpcError", "Server", "ServiceError", "Status", "Stream", "Worker", "current_call"]

log = logging.getLogger("homing")

#: Nothing, where `None` is something.
_ABSENT: Any = object()

# --- Failures ---------------------------------------------------------------------------------------------------------


class Status(enum.IntEnum):
    """The ways a call can fail: gRPC's names and numbers."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


#: No handler ran: any call may be made again. Or it may have run. Or it ran, or was judged, and failed.
NOT_STARTED, UNKNOWN, FAILED = "not-started", "unknown", "failed"


class RpcError(Exception):
    """The one error of a call. Go by `status` and `outcome`, never by the text.

    `outcome`: "not-started" (no handler ran, so any call may be made again), "unknown" (it may have run) or "failed".
    `origin`: "local" or "peer", which side found the failure. `details`: whatever msgpack carries, for the caller.
    """

    def __init__(
        self, status: Status, message: str, *, outcome: str = FAILED, origin: str = "local", details: Any = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.outcome = outcome
        self.origin = origin
        self.details = details

    def __str__(self) -> str:
        return f"{self.status.name}: {self.message}"


class ServiceError(RpcError):
    """An error that a service declares. Generated classes extend it; `data` crosses the wire."""

    #: What travels.
    wire_name = ""
    #: Of the data; None for an error without.
    shape: Optional["Shape"] = None

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__(Status.FAILED_PRECONDITION, message)
        self.data = data


class InvalidValue(Exception):
    """A value that is not what the interface says: where, and what was due."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        #: From the innermost name or index outwards.
        self.steps: List[Any] = []

    @property
    def path(self) -> str:
        """`order.cents`, `lines[3].price`; empty for the value itself."""
        text = ""
        for step in reversed(self.steps):
            if isinstance(step, int):
                text += f"[{step}]"
            elif not re.fullmatch(r"[A-Za-z_$][\w$]*", step[:40], re.ASCII):
                text += f"[{json.dumps(step[:40])}]"
            else:
                text += f".{step[:40]}" if text else step[:40]
        return text

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.steps else self.problem


def _not_started(status: Status, message: str, details: Any = None) -> RpcError:
    return RpcError(status, message, outcome=NOT_STARTED, details=details)


# --- What the wire is made of ---------------------------------------------------------------------------------------------

CALL, CANCEL, CREDIT = 0x01, 0x02, 0x05
OPEN, ITEM, END, ERROR = 0x10, 0x11, 0x12, 0x13
READY, DRAIN, WELCOME, PULSE = 0x20, 0x21, 0x22, 0x23
#: From here on a first octet is text: a bare request.
FIRST_TEXT_OCTET = 0x30

FLAG_JSON, FLAG_IDEMPOTENT, FLAG_ONE_WAY, FLAG_CHUNKED = 0x01, 0x02, 0x04, 0x08
FLAG_NOT_STARTED, FLAG_OUTCOME_UNKNOWN = 0x10, 0x20
#: Of a CALL; of an ERROR the same bit is another flag.
FLAG_SCHEMA_HASH = 0x10

#: kind, flags, budget, attempt, priority, length of the method's name
CALL_HEADER = struct.Struct(">BBIBBB")
NORMAL_PRIORITY = 128
#: The token of a call that nobody waits for.
NO_REPLY = b"\x01\xff\xff\xff\x00\x00\x00\x00"
MAX_BUDGET_MS = 0xFFFF_FFFE
MAX_ENVELOPE_FRAMES = 16
MAX_ADDRESS_BYTES = 255
MAX_METADATA_BYTES = 8 * 1024
MAX_SCHEMA_HASH_BYTES = 64
#: What stands before the hash in metadata that begins with one, behind the map's head of three octets: its key, and what kind of text it is.
SCHEMA_HASH_KEY = b"\xadhoming.schema\xd9"
MAX_ERROR_BYTES = 64 * 1024
MAX_TEXT = 4096
#: Containers and their elements in one body; what a message may make the decoder allocate.
MAX_BODY_VALUES = 1 << 20
DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024

#: How much of a stream may be under way and not yet consumed. The item that crosses the octets may still be sent.
WINDOW_ITEMS, WINDOW_BYTES = 1024, 1024 * 1024

#: ZMQ_METADATA, for which pyzmq has no name everywhere: what the READY of ZMTP says besides.
ZMQ_METADATA = 95


class Tokens:
    """Mints addresses: 01, three octets of index, four of generation."""

    def __init__(self) -> None:
        self._next = 0
        # Random: a reply meant for an earlier process must find nothing.
        self._generation = int.from_bytes(os.urandom(4), "big")

    def mint(self) -> bytes:
        self._next = (self._next + 1) % 0xFF_FFFF
        if self._next == 0:
            self._generation = (self._generation + 1) & 0xFFFF_FFFF
        return b"\x01" + self._next.to_bytes(3, "big") + self._generation.to_bytes(4, "big")


def _prepare(socket: zmq.Socket, max_frame_bytes: int) -> None:
    # How long the end of its context waits for what is still to be sent. A process that ended without would take that along.
    socket.setsockopt(zmq.LINGER, 1000)
    socket.setsockopt(zmq.MAXMSGSIZE, max_frame_bytes)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 2000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 8000)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 2000)
    try:
        # Tells the other end that calls which stay open can be followed up over this connection.
        socket.setsockopt(ZMQ_METADATA, b"X-Homing:1")
    except zmq.ZMQError:
        log.warning("this libzmq cannot say X-Homing: streams are bounded to %d items", WINDOW_ITEMS)


class _Sockets:
    """The context of one's sockets: one's own, which can be waited for. Where sockets are configured it is everybody's.

    Whoever authenticates peers is asked in the socket's context, and usually is in that: elsewhere nobody would be asked.
    """

    def __init__(self, is_configured: bool) -> None:
        self._is_own = not is_configured
        self._context = zmq.Context.instance() if is_configured else zmq.Context()

    def open(self, kind: int) -> zmq.Socket:
        return self._context.socket(kind)

    def end(self) -> None:
        """Waits until what closed sockets have sent is on its way."""
        if self._is_own:
            self._context.term()


def _pack(value: Any) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


def _unpack(body: bytes) -> Any:
    # The lengths that a peer declares are bounded by what it has sent; the unpacker's own stack bounds the depth.
    limit = min(len(body), MAX_BODY_VALUES)
    return msgpack.unpackb(
        body, raw=False, timestamp=0, strict_map_key=False, max_array_len=limit, max_map_len=limit, ext_hook=_refuse
    )


def _refuse(code: int, data: bytes) -> Any:
    raise ValueError("an extension other than a timestamp")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_default(value: Any) -> Any:
    if isinstance(value, msgpack.Timestamp):
        return _datetime_of(value).isoformat().replace("+00:00", "Z")
    raise TypeError(f"JSON has no form for {type(value).__name__}")


def _encode(wire: Any, is_json: bool) -> bytes:
    try:
        if is_json:
            return json.dumps(wire, ensure_ascii=False, allow_nan=False, default=_json_default).encode()
        return _pack(wire)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidValue(f"expected what travels, got what does not: {error}") from None


def _decode(body: bytes, is_json: bool) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse_constant) if is_json else _unpack(body)
    except Exception as error:  # The unpacker raises errors of many kinds, none of which means anything else.
        problem = "no JSON" if is_json else f"no msgpack of ours: {error}"
        raise InvalidValue(f"the body is {problem}") from None


def _encode_error(error: RpcError, is_json: bool, declared: Optional[Dict[str, Any]] = None) -> List[bytes]:
    """Header and body of an ERROR."""
    flags = {NOT_STARTED: FLAG_NOT_STARTED, UNKNOWN: FLAG_OUTCOME_UNKNOWN}.get(error.outcome, 0)
    fields: Dict[str, Any] = {"message": error.message[:MAX_TEXT], **(declared or {})}
    body = None
    if error.details is not None:
        try:
            body = _encode({**fields, "details": ANY.to_wire(error.details)}, is_json)
        except (InvalidValue, RecursionError):
            pass  # Details that cannot be sent must not turn one failure into another.
    if body is None or len(body) > MAX_ERROR_BYTES:
        body = _encode(fields, is_json)
    return [bytes((ERROR, flags | (FLAG_JSON if is_json else 0), error.status)), body]


def _read_error(header: bytes, body: bytes, declared: Sequence[Type[ServiceError]] = ()) -> RpcError:
    """Nothing of the peer's is trusted: fields are taken one by one."""
    flags = header[1] if len(header) > 1 else 0
    number = header[2] if len(header) > 2 else 0
    status = Status(number) if 1 <= number <= 16 else Status.UNKNOWN
    try:
        fields = _decode(body, flags & FLAG_JSON != 0)
    except InvalidValue:
        fields = None  # The status stands; only its explanation is unreadable.
    if not isinstance(fields, dict):
        fields = {}
    message = fields.get("message")
    message = message[:MAX_TEXT] if isinstance(message, str) else status.name
    for kind in declared:
        if kind.wire_name == fields.get("name"):
            return _revive(kind, message, fields.get("data"))
    outcome = NOT_STARTED if flags & FLAG_NOT_STARTED else UNKNOWN if flags & FLAG_OUTCOME_UNKNOWN else FAILED
    try:
        details = ANY.from_wire(fields.get("details"))
    except InvalidValue:
        details = None
    return RpcError(status, message, outcome=outcome, origin="peer", details=details)


def _revive(kind: Type[ServiceError], message: str, data: Any) -> RpcError:
    """An instance of its class, whose own constructor, made for raising, is not run."""
    try:
        value = None if kind.shape is None else kind.shape.from_wire(data)
    except InvalidValue as problem:
        text = f"the server's {kind.wire_name} has data that the interface does not have: {problem}"
        return RpcError(Status.INTERNAL, text)
    error = kind.__new__(kind)
    ServiceError.__init__(error, message, value)
    error.origin = "peer"
    return error


# --- Shapes of values ---------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MAX_SAFE_INTEGER = 2**53 - 1
MAX_FLOAT = sys.float_info.max


def _datetime_of(stamp: msgpack.Timestamp) -> datetime:
    return EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanoseconds // 1000)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _excerpt(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else f"{value[:40]}…", ensure_ascii=False)
    if isinstance(value, (int, float)):
        return str(value)[:40]
    if isinstance(value, (list, tuple)):
        return f"an array of {len(value)}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value)} octets"
    if isinstance(value, dict):
        return "an object"
    return "a date" if isinstance(value, (datetime, msgpack.Timestamp)) else f"a {type(value).__name__}"


class Shape:
    """What values of a type look like here and on the wire. Both ways check while they convert; both raise `InvalidValue`."""

    expected = "a value"

    def to_wire(self, value: Any) -> Any:
        raise NotImplementedError

    def from_wire(self, wire: Any) -> Any:
        raise NotImplementedError

    def fits(self, value: Any) -> bool:
        """Whether a value looks like one of these at its surface; what a union goes by."""
        return True

    def fits_wire(self, wire: Any) -> bool:
        return self.fits(wire)

    def wrong(self, value: Any) -> InvalidValue:
        return InvalidValue(f"expected {self.expected}, got {_excerpt(value)}")


class Text(Shape):
    def __init__(
        self,
        *,
        min_length: int = 0,
        max_length: float = math.inf,
        pattern: Optional[str] = None,
        shown: str = "",
    ) -> None:
        self._min, self._max = min_length, max_length
        self._pattern = None if pattern is None else re.compile(pattern, re.ASCII)
        self._shown = shown
        self.expected = "a string"

    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise self.wrong(value)
        if self._min or self._max != math.inf:
            # UTF-16 units, as at the other end.
            length = len(value.encode("utf-16-le", "surrogatepass")) // 2
            if length < self._min:
                raise InvalidValue(f"expected a string of at least {self._min} characters, got {_excerpt(value)}")
            if length > self._max:
                raise InvalidValue(f"expected a string of at most {self._max} characters, got {_excerpt(value)}")
        if self._pattern is not None and self._pattern.search(value) is None:
            raise InvalidValue(f"expected a string that matches {self._shown}, got {_excerpt(value)}")
        return value

    from_wire = to_wire


class Number(Shape):
    """A number of JavaScript's: an int or a float."""

    def __init__(
        self,
        *,
        integer: bool = False,
        minimum: Optional[float] = None,
        maximum: Optional[float] = None,
        above: Optional[float] = None,
        below: Optional[float] = None,
        multiple_of: Optional[float] = None,
    ) -> None:
        self._integer, self._multiple_of = integer, multiple_of
        self._minimum, self._maximum, self._above, self._below = minimum, maximum, above, below
        bounds = [
            f"{sign} {bound}"
            for sign, bound in ((">=", minimum), (">", above), ("<=", maximum), ("<", below))
            if bound is not None
        ]
        self.expected = " ".join(["an integer" if integer else "a number", " and ".join(bounds)]).strip()

    def fits(self, value: Any) -> bool:
        return _is_number(value)

    def _check(self, value: Any) -> Any:
        # An integer may be beyond what any float can be.
        if not _is_number(value) or not -MAX_FLOAT <= value <= MAX_FLOAT:
            raise self.wrong(value)
        if self._integer:
            if value != int(value) or abs(value) > MAX_SAFE_INTEGER:
                raise self.wrong(value)
            value = int(value)
        _check_bounds(self, value, self._minimum, self._maximum, self._above, self._below)
        if self._multiple_of is not None:
            quotient = value / self._multiple_of
            if abs(quotient - round(quotient)) > 1e-9 * max(1.0, abs(quotient)):
                raise InvalidValue(f"expected a multiple of {self._multiple_of}, got {_excerpt(value)}")
        return value

    def to_wire(self, value: Any) -> Any:
        value = self._check(value)
        # Beyond this an integer would arrive as a bigint, which is no number there.
        return float(value) if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER else value

    from_wire = _check


class BigInt(Shape):
    """A bigint of JavaScript's: an int of 64 bits."""

    def __init__(
        self,
        *,
        minimum: Optional[int] = None,
        maximum: Optional[int] = None,
        above: Optional[int] = None,
        below: Optional[int] = None,
        multiple_of: Optional[int] = None,
    ) -> None:
        self._bounds = (minimum, maximum, above, below)
        self._multiple_of = multiple_of
        self.expected = "an integer from -2^63 to 2^64 - 1"

    def fits(self, value: Any) -> bool:
        return _is_number(value) and (isinstance(value, int) or value.is_integer())

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**64:
            raise self.wrong(value)
        _check_bounds(self, value, *self._bounds)
        if self._multiple_of is not None and value % self._multiple_of != 0:
            raise InvalidValue(f"expected a multiple of {self._multiple_of}, got {_excerpt(value)}")
        return value

    def from_wire(self, wire: Any) -> Any:
        # Peers may write a small one as any number.
        if isinstance(wire, float) and wire.is_integer() and abs(wire) <= MAX_SAFE_INTEGER:
            wire = int(wire)
        return self.to_wire(wire)


def _check_bounds(
    shape: Shape,
    value: Any,
    minimum: Optional[float],
    maximum: Optional[float],
    above: Optional[float],
    below: Optional[float],
) -> None:
    if (
        (minimum is not None and value < minimum)
        or (maximum is not None and value > maximum)
        or (above is not None and value <= above)
        or (below is not None and value >= below)
    ):
        raise shape.wrong(value)


class Flag(Shape):
    expected = "a boolean"

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, bool):
            raise self.wrong(value)
        return value

    from_wire = to_wire


class Nothing(Shape):
    expected = "nothing"

    def fits(self, value: Any) -> bool:
        return value is None

    def to_wire(self, value: Any) -> Any:
        if value is not None:
            raise self.wrong(value)
        return None

    from_wire = to_wire


class Void(Shape):
    """No value. Whatever comes instead is ignored."""

    def to_wire(self, value: Any) -> Any:
        return None

    from_wire = to_wire


class Impossible(Shape):
    expected = "no value at all"

    def fits(self, value: Any) -> bool:
        return False

    def to_wire(self, value: Any) -> Any:
        raise self.wrong(value)

    from_wire = to_wire


class Date(Shape):
    """An instant: a datetime that has its timezone; in UTC when it comes from the wire."""

    expected = "a date"

    def fits(self, value: Any) -> bool:
        return isinstance(value, datetime)

    def fits_wire(self, wire: Any) -> bool:
        return isinstance(wire, msgpack.Timestamp)

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            raise self.wrong(value)
        if value.utcoffset() is None:
            raise InvalidValue("expected a date with a timezone, got one without: datetime.now(timezone.utc) has one")
        since = value - EPOCH
        return msgpack.Timestamp(since.days * 86_400 + since.seconds, since.microseconds * 1000)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, msgpack.Timestamp):
            raise self.wrong(wire)
        try:
            return _datetime_of(wire)
        except OverflowError:
            raise InvalidValue("expected a date of the years 1 to 9999, got another") from None


class Bytes(Shape):
    expected = "octets"

    def fits(self, value: Any) -> bool:
        return isinstance(value, (bytes, bytearray, memoryview))

    def to_wire(self, value: Any) -> Any:
        if not self.fits(value):
            raise self.wrong(value)
        return bytes(value)

    from_wire = to_wire


class Anything(Shape):
    """Whatever msgpack carries, and datetimes."""

    def to_wire(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return DATE.to_wire(value)
        if isinstance(value, (list, tuple)):
            return [self.to_wire(one) for one in value]
        if isinstance(value, Mapping):
            return {key: self.to_wire(one) for key, one in value.items()}
        return value

    def from_wire(self, wire: Any) -> Any:
        if isinstance(wire, msgpack.Timestamp):
            return DATE.from_wire(wire)
        if isinstance(wire, list):
            return [self.from_wire(one) for one in wire]
        if isinstance(wire, dict):
            return {key: self.from_wire(one) for key, one in wire.items()}
        return wire


class OneOf(Shape):
    """Literal values."""

    def __init__(self, *values: Any) -> None:
        self._values = values
        shown = ", ".join(_excerpt(value) for value in values[:12])
        self.expected = shown if len(values) == 1 else f"one of {shown}"

    def fits(self, value: Any) -> bool:
        return self._match(value) is not None

    def _match(self, value: Any) -> Any:
        for one in self._values:
            # True is 1 in Python, and is not on the wire; 1.0 is 1 there.
            if one == value and isinstance(one, bool) == isinstance(value, bool):
                return one
        return None

    def to_wire(self, value: Any) -> Any:
        found = self._match(value)
        if found is None:
            raise self.wrong(value)
        return found

    from_wire = to_wire


class Array(Shape):
    expected = "an array"

    def __init__(self, element: Shape, *, min_items: int = 0, max_items: float = math.inf, unique: bool = False) -> None:
        self._element, self._min, self._max, self._unique = element, min_items, max_items, unique

    def fits(self, value: Any) -> bool:
        return isinstance(value, (list, tuple))

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise self.wrong(value)
        self._check(value)
        return _each(value, self._element.to_wire)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, list):
            raise self.wrong(wire)
        self._check(wire)
        return _each(wire, self._element.from_wire)

    def _check(self, value: Sequence[Any]) -> None:
        _check_size(len(value), self._min, self._max, value)
        if self._unique and len({(type(one) is bool, one) for one in value}) != len(value):
            raise InvalidValue("expected no element twice, got an array of %d" % len(value))


def _check_size(size: int, least: int, most: float, value: Any) -> None:
    if size < least:
        raise InvalidValue(f"expected at least {least} elements, got {_excerpt(value)}")
    if size > most:
        raise InvalidValue(f"expected at most {most} elements, got {_excerpt(value)}")


def _each(values: Sequence[Any], convert: Callable[[Any], Any]) -> List[Any]:
    index = -1
    try:
        converted = []
        for index, value in enumerate(values):
            converted.append(convert(value))
        return converted
    except InvalidValue as error:
        error.steps.append(index)
        raise


class Set(Shape):
    """A list on the wire. Here a set, or, of elements that cannot be hashed, a list."""

    def __init__(
        self, element: Shape, *, hashable: bool = True, min_items: int = 0, max_items: float = math.inf
    ) -> None:
        self._element, self._hashable, self._min, self._max = element, hashable, min_items, max_items
        self.expected = "a set" if hashable else "a list"

    def fits(self, value: Any) -> bool:
        return isinstance(value, (set, frozenset) if self._hashable else (list, tuple))

    def fits_wire(self, wire: Any) -> bool:
        return isinstance(wire, list)

    def to_wire(self, value: Any) -> Any:
        if not self.fits(value):
            raise self.wrong(value)
        _check_size(len(value), self._min, self._max, value)
        return _each(list(value), self._element.to_wire)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, list):
            raise self.wrong(wire)
        found = _each(wire, self._element.from_wire)
        value = set(found) if self._hashable else found
        _check_size(len(value), self._min, self._max, wire)
        return value


class Map(Shape):
    """A list of pairs on the wire. Here a dict, or, of keys that cannot be hashed, a list of pairs."""

    def __init__(
        self, key: Shape, value: Shape, *, hashable: bool = True, min_items: int = 0, max_items: float = math.inf
    ) -> None:
        self._pair = Tuple_([key, value])
        self._hashable, self._min, self._max = hashable, min_items, max_items
        self.expected = "a dict" if hashable else "a list of pairs"

    def fits(self, value: Any) -> bool:
        return isinstance(value, Mapping if self._hashable else (list, tuple))

    def fits_wire(self, wire: Any) -> bool:
        return isinstance(wire, list)

    def to_wire(self, value: Any) -> Any:
        if not self.fits(value):
            raise self.wrong(value)
        _check_size(len(value), self._min, self._max, value)
        return _each(list(value.items()) if self._hashable else value, self._pair.to_wire)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, list):
            raise self.wrong(wire)
        pairs = _each(wire, self._pair.from_wire)
        value = dict(pairs) if self._hashable else pairs
        _check_size(len(value), self._min, self._max, wire)
        return value


class Tuple_(Shape):
    """`required`: how many elements there always are; those behind may be left out, from the end."""

    expected = "an array"

    def __init__(
        self, elements: Sequence[Shape], *, required: Optional[int] = None, rest: Optional[Shape] = None
    ) -> None:
        self._elements, self._rest = list(elements), rest
        self._required = len(self._elements) if required is None else required

    def fits(self, value: Any) -> bool:
        return isinstance(value, (list, tuple)) and self._has_size(len(value))

    def _has_size(self, size: int) -> bool:
        return size >= self._required and (self._rest is not None or size <= len(self._elements))

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise self.wrong(value)
        return self._convert(value, False)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, list):
            raise self.wrong(wire)
        return tuple(self._convert(wire, True))

    def _convert(self, value: Sequence[Any], is_wire: bool) -> List[Any]:
        if len(value) < self._required:
            raise InvalidValue(f"expected at least {self._required} elements, got {_excerpt(value)}")
        if self._rest is None and len(value) > len(self._elements):
            raise InvalidValue(f"expected at most {len(self._elements)} elements, got {_excerpt(value)}")
        converted: List[Any] = []
        for index, one in enumerate(value):
            shape = self._elements[index] if index < len(self._elements) else self._rest
            assert shape is not None
            if one is None and self._required <= index < len(self._elements):
                converted.append(None)  # One that was left out in front of one that was not.
                continue
            try:
                converted.append(shape.from_wire(one) if is_wire else shape.to_wire(one))
            except InvalidValue as error:
                error.steps.append(index)
                raise
        return converted


class Field:
    """A property. `optional`: it may be left out. `nullable`: nil is one of its values, and not the same as its absence."""

    __slots__ = ("shape", "optional", "nullable", "maybe", "default")

    def __init__(
        self,
        shape: Shape,
        *,
        optional: bool = False,
        nullable: bool = False,
        maybe: bool = False,
        default: Any = _ABSENT,
    ) -> None:
        self.shape, self.optional, self.nullable = shape, optional, nullable
        #: It is always there and may be undefined, for which the wire has no word in an object.
        self.maybe = maybe
        #: What is found where it was left out.
        self.default = default


class Object(Shape):
    """A dict of known keys. What the type does not have is left out, unless `rest` says what it may be."""

    expected = "an object"

    def __init__(self, fields: Mapping[str, Field], *, rest: Optional[Shape] = None) -> None:
        self._fields, self._rest = dict(fields), rest
        self._required = [name for name, field in fields.items() if not field.optional and not field.maybe]

    def fits(self, value: Any) -> bool:
        return self._fits(value, False)

    def fits_wire(self, wire: Any) -> bool:
        return self._fits(wire, True)

    def _fits(self, value: Any, is_wire: bool) -> bool:
        if not isinstance(value, Mapping):
            return False
        for name in self._required:
            shape = self._fields[name].shape
            if name not in value:
                return False
            # One level only: what lies deeper is for the conversion to judge.
            if not isinstance(shape, (Object, Union, Lazy)):
                if not (shape.fits_wire if is_wire else shape.fits)(value[name]):
                    return False
        return True

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise self.wrong(value)
        wire: Dict[str, Any] = {}
        name = ""
        try:
            for name, field in self._fields.items():
                one = value.get(name)
                if one is None and (name not in value or not field.nullable) and (field.optional or field.maybe):
                    continue
                wire[name] = field.shape.to_wire(one)
            if self._rest is not None:
                for name in value:
                    if name not in self._fields:
                        wire[name] = self._rest.to_wire(value[name])
        except InvalidValue as error:
            error.steps.append(name)
            raise
        return wire

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, dict):
            raise self.wrong(wire)
        value: Dict[str, Any] = {}
        name = ""
        try:
            for name, field in self._fields.items():
                if name in wire:
                    value[name] = field.shape.from_wire(wire[name])
                elif field.maybe:
                    value[name] = None
                elif field.default is not _ABSENT:
                    value[name] = copy.deepcopy(field.default)
                elif not field.optional:
                    raise InvalidValue(f"expected {field.shape.expected}, got nothing")
            if self._rest is not None:
                for name in map(_key, wire):
                    if name not in self._fields:
                        value[name] = self._rest.from_wire(wire[name])
        except InvalidValue as error:
            error.steps.append(name)
            raise
        return value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidValue(f"expected names for keys, got {_excerpt(key)}")
    return key


class Record(Shape):
    """A dict of any keys, which are texts."""

    expected = "an object"

    def __init__(self, key: Shape, value: Shape) -> None:
        self._key, self._value = key, value

    def fits(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise self.wrong(value)
        return self._convert(value, self._value.to_wire)

    def from_wire(self, wire: Any) -> Any:
        if not isinstance(wire, dict):
            raise self.wrong(wire)
        return self._convert(wire, self._value.from_wire)

    def _convert(self, value: Mapping[Any, Any], convert: Callable[[Any], Any]) -> Dict[str, Any]:
        name = ""
        try:
            converted = {}
            for key in value:
                name = self._key.to_wire(_key(key))
                converted[name] = convert(value[key])
            return converted
        except InvalidValue as error:
            error.steps.append(name)
            raise


class Union(Shape):
    """One of several. `discriminator`: the property that tells all of those that are objects apart."""

    def __init__(self, *members: Shape, discriminator: Optional[str] = None) -> None:
        self._members = members
        self._discriminator = discriminator
        # Of one that is declared later nothing is known yet.
        texts = [member.expected for member in members]
        self.expected = " or ".join(dict.fromkeys(texts))

    def fits(self, value: Any) -> bool:
        return any(member.fits(value) for member in self._members)

    def fits_wire(self, wire: Any) -> bool:
        return any(member.fits_wire(wire) for member in self._members)

    def to_wire(self, value: Any) -> Any:
        return self._convert(value, [one for one in self._members if one.fits(value)], False)

    def from_wire(self, wire: Any) -> Any:
        return self._convert(wire, [one for one in self._members if one.fits_wire(wire)], True)

    def _convert(self, value: Any, fitting: Sequence[Shape], is_wire: bool) -> Any:
        for member in fitting[:-1]:
            try:
                return member.from_wire(value) if is_wire else member.to_wire(value)
            except InvalidValue:
                continue
        if fitting:
            return fitting[-1].from_wire(value) if is_wire else fitting[-1].to_wire(value)
        if self._discriminator is not None and isinstance(value, Mapping):
            problem = InvalidValue(f"expected one that the interface has, got {_excerpt(value.get(self._discriminator))}")
            problem.steps.append(self._discriminator)
            raise problem
        raise self.wrong(value)


class Lazy(Shape):
    """A shape that is declared later, or contains itself."""

    def __init__(self, get: Callable[[], Shape], expected: str = "a value") -> None:
        self._get = get
        self.expected = expected

    def fits(self, value: Any) -> bool:
        return self._get().fits(value)

    def fits_wire(self, wire: Any) -> bool:
        return self._get().fits_wire(wire)

    def to_wire(self, value: Any) -> Any:
        return self._get().to_wire(value)

    def from_wire(self, wire: Any) -> Any:
        return self._get().from_wire(wire)


TEXT, NUMBER, BIGINT, FLAG, NOTHING = Text(), Number(), BigInt(), Flag(), Nothing()
VOID, NEVER, DATE, BYTES, ANY = Void(), Impossible(), Date(), Bytes(), Anything()

# --- Methods --------------------------------------------------------------------------------------------------------------


class Parameter:
    """`optional`: it may be left out, which nil stands for in front of one that was given. `default`: what is found there then."""

    __slots__ = ("name", "shape", "optional", "default")

    def __init__(self, name: str, shape: Shape, *, optional: bool = False, default: Any = None) -> None:
        self.name, self.shape, self.optional, self.default = name, shape, optional, default


class Method:
    """`name` is what travels, `attribute` what the method is called in Python. `form`: "unary", "one-way" or "stream"."""

    def __init__(
        self,
        name: str,
        attribute: str,
        parameters: Sequence[Parameter] = (),
        result: Shape = VOID,
        *,
        form: str = "unary",
        is_idempotent: bool = False,
        timeout_ms: Optional[float] = None,
        priority: int = NORMAL_PRIORITY,
        has_rest: bool = False,
        errors: Sequence[Type[ServiceError]] = (),
    ) -> None:
        self.name, self.attribute, self.parameters, self.result = name, attribute, tuple(parameters), result
        #: Of its service, once it is part of one.
        self.schema_hash = ""
        self.priority = priority
        #: The last argument is a list, of what its handler takes as `*values`.
        self.has_rest = has_rest
        self.form, self.is_idempotent, self.timeout_ms, self.errors = form, is_idempotent, timeout_ms, tuple(errors)
        self._required = sum(not parameter.optional for parameter in self.parameters)

    def encode_arguments(self, args: Sequence[Any]) -> bytes:
        """Raises `InvalidValue`."""
        given = list(args)
        while len(given) > self._required and given[-1] is None:
            given.pop()
        return _encode(self._convert(given, False), False)

    def decode_arguments(self, body: bytes, is_json: bool) -> List[Any]:
        """One value for each parameter. Raises `InvalidValue`."""
        wire = _decode(body, is_json)
        if not isinstance(wire, list):
            raise InvalidValue(f"expected an array, got {_excerpt(wire)}")
        if len(wire) > len(self.parameters):
            raise InvalidValue(f"expected at most {len(self.parameters)} elements, got {_excerpt(wire)}")
        for parameter in self.parameters[len(wire) : self._required]:
            if not parameter.shape.fits_wire(None):
                problem = InvalidValue(f"expected {parameter.shape.expected}, got nothing")
                problem.steps.append(parameter.name)
                raise problem
        args = self._convert(wire, True)
        return args + [copy.deepcopy(parameter.default) for parameter in self.parameters[len(args) :]]

    def _convert(self, values: Sequence[Any], is_wire: bool) -> List[Any]:
        converted = []
        for parameter, value in zip(self.parameters, values):
            if parameter.optional and value is None:
                is_absent = is_wire and not parameter.shape.fits_wire(None)
                converted.append(copy.deepcopy(parameter.default) if is_absent else None)
                continue
            try:
                converted.append(parameter.shape.from_wire(value) if is_wire else parameter.shape.to_wire(value))
            except InvalidValue as error:
                error.steps.append(parameter.name)
                raise
            except RecursionError:
                raise InvalidValue("expected less, got what is nested too deep") from None
        return converted

    def encode_result(self, value: Any, is_json: bool) -> bytes:
        """Raises `InvalidValue`."""
        try:
            return _encode(self.result.to_wire(value), is_json)
        except RecursionError:
            raise InvalidValue("expected less, got what is nested too deep") from None

    def decode_result(self, body: bytes) -> Any:
        """Raises `InvalidValue`."""
        try:
            return self.result.from_wire(_decode(body, False))
        except RecursionError:
            raise InvalidValue("expected less, got what is nested too deep") from None


class Service:
    """`methods`: those that Python has; a method that is none of them is UNIMPLEMENTED here."""

    def __init__(self, name: str, schema_hash: str, methods: Sequence[Method]) -> None:
        self.name, self.schema_hash = name, schema_hash
        self.methods = {method.attribute: method for method in methods}
        for method in methods:
            method.schema_hash = schema_hash


# --- The calling side -----------------------------------------------------------------------------------------------------

T = TypeVar("T")

#: In the inbox of a call whose connection was lost.
_LOST: List[bytes] = []


class _Slot:
    """Where a call waits: what has arrived for it, and of a stream the receiver's half of the window."""

    def __init__(self, token: bytes, is_stream: bool) -> None:
        self.token, self.is_stream = token, is_stream
        self.inbox: Deque[List[bytes]] = collections.deque()
        self.items = self.bytes = 0
        self.untold = self.untold_bytes = 0
        self.route = b""
        self.is_overrun = False

    def arrived(self, frames: List[bytes]) -> None:
        if self.is_stream and len(frames) == 2 and frames[0][:1] == bytes((ITEM,)):
            if self.items + self.untold >= WINDOW_ITEMS or self.bytes >= WINDOW_BYTES:
                self.is_overrun = True
                return
            self.items += 1
            self.bytes += len(frames[1])
        if len(self.inbox) > WINDOW_ITEMS + 16:
            self.is_overrun = True  # What is no item has no window, and no call has so much of it.
            return
        self.inbox.append(frames)

    def consumed(self, size: int) -> int:
        """Returns how many items the sender should be told of now; 0: none."""
        self.items -= 1
        self.bytes -= size
        self.untold += 1
        self.untold_bytes += size
        return self.untold if self.untold >= WINDOW_ITEMS // 4 or self.untold_bytes >= WINDOW_BYTES // 4 else 0

    def told(self) -> None:
        self.untold = self.untold_bytes = 0


class Connection:
    """A connection to a server or a queue: `BankClient(connection)`. Close it, or use it in a `with`.

    For one thread at a time, like the socket that it has; threads have connections of their own.

    `timeout_ms`: of calls for which neither the caller nor the interface says another. `configure`: is given the socket before
    it connects, for PLAIN or CURVE. `schema_check="strict"`: calls go to whoever is generated from the same schema, and to nobody
    else. A call waits for the connection within its own time, and nothing is sent twice: a call
    whose connection is lost is UNAVAILABLE with the outcome "unknown".
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout_ms: float = 30_000,
        max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES,
        configure: Optional[Callable[[zmq.Socket], None]] = None,
        schema_check: str = "none",
    ) -> None:
        if schema_check not in ("none", "strict"):
            raise ValueError(f'schema_check is "none" or "strict", not {schema_check!r}')
        self.endpoint = endpoint
        self._is_strict = schema_check == "strict"
        self._timeout_ms = timeout_ms
        self._max_frame_bytes = max_frame_bytes
        self._tokens = Tokens()
        self._slots: Dict[bytes, _Slot] = {}
        self._lock = threading.Lock()
        self._is_connected = self._is_draining = False
        #: Replies that nobody waited for: late ones, second ones, forged ones.
        self.dropped_replies = 0
        self._sockets = _Sockets(configure is not None)
        self._socket = self._sockets.open(zmq.DEALER)
        _prepare(self._socket, max_frame_bytes)
        # What was not sent when a connection is lost is not sent later either: its caller has been told.
        self._socket.setsockopt(zmq.IMMEDIATE, 1)
        if configure is not None:
            configure(self._socket)
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        self._socket.connect(endpoint)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Waits until what was sent is on its way, a second at most; for no answer."""
        if self._socket.closed:
            return
        self._slots.clear()
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close()
        self._sockets.end()

    def call(
        self,
        method: Method,
        args: Sequence[Any],
        timeout_ms: Optional[float] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Makes a call and waits for its result. Raises `RpcError` and nothing else. Generated clients use this."""
        with self._alone():
            deadline = self._deadline(method, timeout_ms)
            slot = self._start(method, args, deadline, deadline, metadata)
            try:
                frames = self._wait(method, slot, deadline)
                if len(frames) == 1:
                    return self._result(method, frames[0])
                if frames[0][0] == ERROR:
                    raise _read_error(frames[0], frames[1], method.errors)
                self._cancel(slot, frames[0][2:] if frames[0][0] == OPEN else b"")
                text = f"{method.name} has another form at the server than in this interface"
                raise RpcError(Status.FAILED_PRECONDITION, text, outcome=UNKNOWN)
            finally:
                self._slots.pop(slot.token, None)

    def notify(
        self,
        method: Method,
        args: Sequence[Any],
        timeout_ms: Optional[float] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Sends a one-way call: nobody says whether it ran."""
        with self._alone():
            deadline = self._deadline(method, timeout_ms)
            self._send_call(method, NO_REPLY, self._encode(method, args), deadline, deadline, metadata)

    def stream(
        self,
        method: Method,
        args: Sequence[Any],
        timeout_ms: Optional[float] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> "Stream[Any]":
        """Begins a call that answers with a stream.

        Where neither the caller nor the interface says a time, the connection's bounds how long the server may take to begin.
        """
        with self._alone():
            has_time = timeout_ms is not None or method.timeout_ms is not None
            deadline = self._deadline(method, timeout_ms)
            last = deadline if has_time else math.inf
            return Stream(self, method, self._start(method, args, deadline, last, metadata), deadline, last)

    # A lock that nobody waits for: two threads at once are a mistake, and told as one.
    def _alone(self) -> "_Alone":
        return _Alone(self._lock)

    def _deadline(self, method: Method, timeout_ms: Optional[float]) -> float:
        chosen = timeout_ms if timeout_ms is not None else method.timeout_ms
        chosen = self._timeout_ms if chosen is None else chosen
        if math.isnan(chosen):
            raise _not_started(Status.INVALID_ARGUMENT, f"{method.name}: timeout_ms must be a time, not NaN")
        return math.inf if chosen > MAX_BUDGET_MS else time.monotonic() + chosen / 1000

    def _encode(self, method: Method, args: Sequence[Any]) -> bytes:
        try:
            body = method.encode_arguments(args)
        except InvalidValue as error:
            raise _invalid(method, error) from None
        if len(body) > self._max_frame_bytes:
            text = f"{method.name}: arguments of {len(body)} bytes exceed max_frame_bytes {self._max_frame_bytes}"
            raise _not_started(Status.RESOURCE_EXHAUSTED, text)
        return body

    def _start(
        self, method: Method, args: Sequence[Any], deadline: float, last: float, metadata: Optional[Mapping[str, Any]]
    ) -> _Slot:
        body = self._encode(method, args)
        slot = _Slot(self._tokens.mint(), method.form == "stream")
        self._send_call(method, slot.token, body, deadline, last, metadata)
        self._slots[slot.token] = slot
        return slot

    def _send_call(
        self,
        method: Method,
        token: bytes,
        body: bytes,
        deadline: float,
        last: float,
        metadata: Optional[Mapping[str, Any]],
    ) -> None:
        """`deadline`: until when a connection is waited for. `last`: until when the call may run."""
        packed = _encode_metadata(method, metadata)
        flags = FLAG_IDEMPOTENT if method.is_idempotent else 0
        if method.form == "one-way":
            flags |= FLAG_ONE_WAY
        if self._is_strict and method.schema_hash:
            flags |= FLAG_SCHEMA_HASH
            packed = _with_schema_hash(method, packed)
        name = method.name.encode()
        while True:
            self._await_connection(method, deadline)
            left = (last - time.monotonic()) * 1000
            # At least 1: 0 would lift the deadline.
            budget = 0 if left > MAX_BUDGET_MS else max(1, math.ceil(left))
            header = CALL_HEADER.pack(CALL, flags, budget, 0, method.priority, len(name)) + name + packed
            try:
                self._socket.send_multipart([token, b"", header, body], zmq.NOBLOCK)
                return
            except zmq.Again:
                continue  # The connection was lost between the question and the sending.

    def _await_connection(self, method: Method, deadline: float) -> None:
        if self._socket.closed:
            raise _not_started(Status.FAILED_PRECONDITION, f"{method.name}: the connection is closed")
        while True:
            # First: what it says is about the connection before the one that is there now.
            self._receive(0)
            left = deadline - time.monotonic()
            if left <= 0:
                text = f"{method.name}: no server was connected within the time it had"
                raise _not_started(Status.DEADLINE_EXCEEDED, text)
            # The socket may still take what the connection that was lost will never send: both have to be so.
            if self._is_draining or not self._is_connected:
                self._receive(left)
            elif self._socket.poll(_milliseconds(min(left, 1)), zmq.POLLOUT):
                return

    def _wait(self, method: Method, slot: _Slot, deadline: float) -> List[bytes]:
        """The next frames behind the envelope that arrive for a call."""
        while not slot.inbox:
            if self._socket.closed:
                raise RpcError(Status.CANCELLED, f"{method.name}: the connection was closed", outcome=UNKNOWN)
            if slot.is_overrun:
                self._cancel(slot, slot.route)
                raise RpcError(Status.ABORTED, f"{method.name}: the server sent more than it had credit for")
            left = deadline - time.monotonic()
            if left <= 0:
                self._cancel(slot, slot.route)
                text = f"{method.name}: no answer within the time it had"
                raise RpcError(Status.DEADLINE_EXCEEDED, text, outcome=UNKNOWN)
            self._receive(left)
        frames = slot.inbox.popleft()
        if frames is _LOST:
            text = f"{method.name}: the connection to {self.endpoint} was lost"
            raise RpcError(Status.UNAVAILABLE, text, outcome=UNKNOWN)
        return frames

    def _receive(self, seconds: float) -> None:
        """Hands what has arrived to the calls that wait for it; waits for it when there is nothing."""
        for socket, _ in self._poller.poll(_milliseconds(seconds)):
            if socket is self._monitor:
                self._is_connected = recv_monitor_message(self._monitor)["event"] != zmq.EVENT_DISCONNECTED
                self._is_draining = False
                if not self._is_connected:
                    for slot in self._slots.values():
                        slot.inbox.append(_LOST)
                continue
            # What has arrived before a connection was lost is an answer all the same. Bounded: time must get its turn.
            for _ in range(2 * WINDOW_ITEMS):
                try:
                    self._route(self._socket.recv_multipart(zmq.NOBLOCK))
                except zmq.Again:
                    break

    def _route(self, frames: List[bytes]) -> None:
        if len(frames) >= 2 and frames[0] == b"":
            if frames[1][:1] == bytes((DRAIN,)):
                self._is_draining = True
                self._follow_up([b"", bytes((DRAIN,))])
            return
        slot = self._slots.get(frames[0]) if len(frames) in (3, 4) and frames[1] == b"" else None
        if slot is None or (len(frames) == 4 and not frames[2]):
            self.dropped_replies += 1
            return
        slot.arrived(frames[2:])

    def _result(self, method: Method, body: bytes) -> Any:
        try:
            return method.decode_result(body)
        except InvalidValue as error:
            text = f"{method.name}: the server's answer is not what the interface says: {error}"
            raise RpcError(Status.INTERNAL, text) from None

    def _cancel(self, slot: _Slot, route: bytes) -> None:
        self._slots.pop(slot.token, None)
        self._follow_up([slot.token, b"", bytes((CANCEL, 0)) + route, b""])

    def _follow_up(self, frames: List[bytes]) -> bool:
        try:
            self._socket.send_multipart(frames, zmq.NOBLOCK)
            return True
        except zmq.ZMQError:
            return False  # The connection is gone, and with it the call.


def _encode_metadata(method: Method, metadata: Optional[Mapping[str, Any]]) -> bytes:
    if not metadata:
        return b""
    try:
        packed = _encode(ANY.to_wire(dict(metadata)), False)
    except (InvalidValue, RecursionError) as error:
        raise _not_started(Status.INVALID_ARGUMENT, f"{method.name}: metadata: {error}") from None
    if len(packed) > MAX_METADATA_BYTES:
        text = f"{method.name}: metadata may have {MAX_METADATA_BYTES} bytes at most"
        raise _not_started(Status.INVALID_ARGUMENT, text)
    return packed


def _with_schema_hash(method: Method, packed: bytes) -> bytes:
    """The metadata with the method's schema hash as its first entry, in the one form in which it is read."""
    entries, rest = 0, b""
    if packed:
        is_long = packed[0] == 0xDE
        entries = int.from_bytes(packed[1:3], "big") if is_long else packed[0] & 0x0F
        rest = packed[3 if is_long else 1 :]
    text = method.schema_hash.encode()
    whole = b"\xde" + (entries + 1).to_bytes(2, "big") + SCHEMA_HASH_KEY + bytes((len(text),)) + text + rest
    if len(whole) > MAX_METADATA_BYTES:
        text = f"{method.name}: metadata may have {MAX_METADATA_BYTES} bytes at most, the schema hash included"
        raise _not_started(Status.INVALID_ARGUMENT, text)
    return whole


class _Alone:
    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("a Connection is for one thread at a time: give each its own")

    def __exit__(self, *_: Any) -> None:
        self._lock.release()


class Stream(Generic[T]):
    """Items as they come. Read it with `for`, once; closing it, or letting go of it, cancels the call."""

    def __init__(self, connection: Connection, method: Method, slot: _Slot, begin: float, last: float) -> None:
        self._connection, self._method, self._slot = connection, method, slot
        self._begin, self._last = begin, last
        self._is_over = False

    def __iter__(self) -> "Stream[T]":
        return self

    def __next__(self) -> T:
        if self._is_over:
            raise StopIteration
        try:
            with self._connection._alone():
                return self._next()
        except RpcError:
            self._end()
            raise

    def _next(self) -> T:
        connection, method, slot = self._connection, self._method, self._slot
        while True:
            frames = connection._wait(method, slot, self._begin)
            kind = frames[0][0] if len(frames) == 2 else -1
            if kind == OPEN and len(frames[0]) > 2 and slot.route == b"":
                slot.route = frames[0][2:]
            if kind in (OPEN, ITEM):
                self._begin = self._last
            if kind == ITEM:
                item = self._item(frames[1])
                count = slot.consumed(len(frames[1]))
                if count and slot.route:
                    header = bytes((CREDIT, 0)) + count.to_bytes(4, "big") + slot.route
                    if connection._follow_up([slot.token, b"", header, b""]):
                        slot.told()
                return item
            if kind == END:
                self._end()
                raise StopIteration
            if kind == ERROR:
                raise _read_error(frames[0], frames[1], method.errors)
            if kind == -1:
                connection._cancel(slot, slot.route)
                text = f"{method.name} has another form at the server than in this interface"
                raise RpcError(Status.FAILED_PRECONDITION, text, outcome=UNKNOWN)

    def _item(self, body: bytes) -> T:
        try:
            return self._connection._result(self._method, body)
        except RpcError:
            self._connection._cancel(self._slot, self._slot.route)
            raise

    def close(self) -> None:
        """Cancels the call, unless it is over."""
        if self._is_over:
            return
        self._end()
        if not self._connection._socket.closed:
            self._connection._cancel(self._slot, self._slot.route)

    def _end(self) -> None:
        self._is_over = True
        self._connection._slots.pop(self._slot.token, None)

    def __enter__(self) -> "Stream[T]":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def _milliseconds(seconds: float) -> Optional[int]:
    return None if seconds == math.inf else max(0, math.ceil(min(seconds, 86_400) * 1000))


def _invalid(method: Method, error: InvalidValue) -> RpcError:
    violations = [{"path": error.path, "problem": error.problem}]
    return _not_started(Status.INVALID_ARGUMENT, f"{method.name}: {error}", {"violations": violations})


# --- The serving side -----------------------------------------------------------------------------------------------------


class CallContext:
    """What a handler may know of the call that it serves."""

    def __init__(self, call: "_ServedCall") -> None:
        self._call = call

    @property
    def method(self) -> str:
        return self._call.method.name

    @property
    def attempt(self) -> int:
        """How often the call had been given to another worker before."""
        return self._call.attempt

    @property
    def remaining_ms(self) -> float:
        """Unit: ms; infinite for a call without a deadline."""
        return max(0.0, self._call.deadline - time.monotonic()) * 1000

    @property
    def metadata(self) -> Mapping[str, Any]:
        return self._call.metadata

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits any more: the caller cancelled, or its time is over. Long work looks at it now and then."""
        return self._call.cancelled.is_set() or self._call.is_expired()


_current: "contextvars.ContextVar[Optional[CallContext]]" = contextvars.ContextVar("homing_call", default=None)


def current_call() -> CallContext:
    """The call that the running handler serves. Raises `LookupError` outside of one."""
    context = _current.get()
    if context is None:
        raise LookupError("no call is served here")
    return context


class Worker(abc.ABC):
    """What generated base classes extend: subclass one, implement its methods, `run()` it.

    Handlers raise `RpcError`, or the errors that their method declares, to say what is wrong; anything else is INTERNAL with
    an id, and in the log named `homing` with that id.
    """

    _service: Service
    _server: Optional["Server"] = None
    _is_drain_asked = False

    def run(self, **options: Any) -> None:
        """Serves until `drain()`. The options are those of `Server`, one of `queue` and `bind` among them."""
        server = self._server = Server([self], **options)
        if self._is_drain_asked:
            server.drain()
        server.run()

    def drain(self) -> None:
        """Takes nothing new, finishes what runs, and lets `run()` return. From any thread, or a signal handler."""
        self._is_drain_asked = True
        if self._server is not None:
            self._server.drain()


class _ServedCall:
    def __init__(
        self,
        epoch: int,
        envelope: List[bytes],
        worker: Optional[Worker],
        method: Method,
        flags: int,
        deadline: float,
        attempt: int,
        metadata: Mapping[str, Any],
        token: bytes,
        can_follow: bool,
    ) -> None:
        self.epoch, self.envelope, self.worker, self.method = epoch, envelope, worker, method
        self.flags, self.deadline, self.attempt, self.metadata = flags, deadline, attempt, metadata
        self.token, self.can_follow = token, can_follow
        self.priority = NORMAL_PRIORITY
        self.cancelled = threading.Event()
        # The sender's half of the window: sizes of the items under way, oldest first.
        self.window = threading.Condition()
        self.sizes: Deque[int] = collections.deque()
        self.bytes = 0

    @property
    def is_json(self) -> bool:
        return self.flags & FLAG_JSON != 0

    @property
    def is_one_way(self) -> bool:
        return self.flags & FLAG_ONE_WAY != 0

    def is_expired(self) -> bool:
        return time.monotonic() >= self.deadline

    def cancel(self) -> None:
        self.cancelled.set()
        with self.window:
            self.window.notify_all()

    def is_window_open(self) -> bool:
        return len(self.sizes) < WINDOW_ITEMS and self.bytes < WINDOW_BYTES

    def await_window(self) -> bool:
        """Waits until an item may be sent. False: nobody wants it any more. For the handler's thread."""
        with self.window:
            while not self.is_window_open():
                if self.cancelled.is_set() or self.is_expired():
                    return False
                if not self.can_follow:
                    raise _no_follow_ups(self.method)
                left = self.deadline - time.monotonic()
                self.window.wait(None if left == math.inf else max(0.0, left))
        return not self.cancelled.is_set() and not self.is_expired()

    def sent(self, size: int) -> None:
        with self.window:
            self.sizes.append(size)
            self.bytes += size

    def credit(self, count: int) -> bool:
        """False: there were not as many."""
        with self.window:
            if count > len(self.sizes):
                return False
            for _ in range(count):
                self.bytes -= self.sizes.popleft()
            self.window.notify_all()
            return True


class Server:
    """Serves workers' services: behind a queue, or at an endpoint of its own.

    `queue`: the endpoint of a queue's workers; or `bind`: where clients connect, of whom none is let in that is not trusted:
    a queue in front bounds what a client may cost. `concurrency`: how many handlers run at a time, each in a thread of
    its own; 1 suits handlers that are not made for threads. `on_ready`: is called with the endpoint once calls can come.
    `configure`: is given each socket before it connects or binds, for PLAIN or CURVE.
    """

    #: Calls, and octets of their arguments, that wait beyond the concurrency.
    max_waiting_calls, max_waiting_bytes = 1024, 64 * 1024 * 1024
    #: How long the queue may take to answer a drain. Unit: s.
    drain_seconds = 5.0
    #: How often it is seen whether those are still there whose calls run at a bound endpoint. Unit: s.
    probe_seconds = 2.0

    def __init__(
        self,
        workers: Sequence[Worker],
        *,
        queue: Optional[str] = None,
        bind: Optional[str] = None,
        concurrency: int = 1,
        max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES,
        on_ready: Optional[Callable[[str], None]] = None,
        configure: Optional[Callable[[zmq.Socket], None]] = None,
    ) -> None:
        if (queue is None) == (bind is None):
            raise ValueError("a worker has a queue, or an endpoint to bind: say one of the two")
        if concurrency < 1:
            raise ValueError("concurrency is at least 1")
        self._services = [worker._service for worker in workers]
        if len({service.name for service in self._services}) != len(workers):
            raise ValueError("two workers serve the same service")
        self._routes = {
            method.name.encode(): (worker, method) for worker in workers for method in worker._service.methods.values()
        }
        self._queue, self._endpoint = queue is not None, queue if queue is not None else bind or ""
        self._concurrency, self._max_frame_bytes = concurrency, max_frame_bytes
        self._on_ready, self._configure = on_ready, configure
        self.instance = uuid.uuid4().hex
        self._tokens = Tokens()
        self._pool = concurrent.futures.ThreadPoolExecutor(concurrency, "homing-handler")
        self._running: Dict[bytes, _ServedCall] = {}
        self._waiting: Deque[Tuple[_ServedCall, bytes]] = collections.deque()
        self._waiting_bytes = 0
        #: What handlers' threads have to say: a call, frames behind its envelope, and whether that ends it.
        self._outbox: Deque[Tuple[_ServedCall, List[bytes], bool]] = collections.deque()
        self._wake_reader, self._wake_writer = sockets.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._drain_asked = False
        self._sockets = _Sockets(configure is not None)
        self._socket: Any = None
        self._monitor: Any = None
        #: Of connections to the queue: answers of an earlier one are nobody's.
        self._epoch = 0
        self._is_connected = self._is_ready_due = False
        self._heartbeat = self._lease = math.inf
        self._heard_at = self._looked_at = self._pulse_at = 0.0
        self._is_drain_told = self._is_drained = False
        self._drain_until = math.inf
        #: Addresses of clients at a bound endpoint, to be told of a drain; the latest only.
        self._peers: "collections.OrderedDict[bytes, None]" = collections.OrderedDict()
        self._probe_at = math.inf
        self.served = self.malformed = self.dropped = 0

    def drain(self) -> None:
        """Takes nothing new, finishes what runs, and lets `run()` return. From any thread, or a signal handler."""
        self._drain_asked = True
        self._wake()

    def run(self) -> None:
        """Serves in this thread until `drain()`. Raises `RpcError` when the queue does not want this worker."""
        try:
            self._open()
            while not self._is_done():
                self._turn()
        finally:
            for call in self._running.values():
                call.cancel()
            self._pool.shutdown(wait=False)
            self._close()
            self._sockets.end()
            self._wake_reader.close()
            self._wake_writer.close()

    # The thread of run() alone touches the socket and the tables; handlers' threads put what they have to say into the outbox.

    def _turn(self) -> None:
        readable = {socket for socket, _ in self._poller.poll(self._pause())}
        now = time.monotonic()
        if not self._is_current():
            self._reopen()
            return
        self._looked_at = now
        if self._wake_reader.fileno() in readable:
            try:
                self._wake_reader.recv(4096)
            except BlockingIOError:
                pass
        if self._monitor in readable:
            self._read_monitor()
        self._send_outbox()
        if self._socket in readable:
            self._read_socket()
        self._send_outbox()
        self._look(now)

    def _is_current(self) -> bool:
        """Whether a call may still be this worker's: not when this process stood still for longer than the lease.

        The queue has then given its calls to others.
        """
        return not self._queue or time.monotonic() - self._looked_at <= self._lease

    def _pause(self) -> Optional[int]:
        """Until something is due. Unit: ms."""
        if self._is_ready_due:
            return 10
        now = time.monotonic()
        pulse = self._pulse_at if self._heartbeat != math.inf else math.inf
        due = min(pulse, self._probe_at, self._drain_until if self._drain_until > now else math.inf)
        return None if due == math.inf else max(1, math.ceil((due - now) * 1000))

    def _open(self) -> None:
        self._socket = self._sockets.open(zmq.DEALER if self._queue else zmq.ROUTER)
        _prepare(self._socket, self._max_frame_bytes)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._wake_reader.fileno(), zmq.POLLIN)
        if self._configure is not None:
            self._configure(self._socket)
        self._looked_at = time.monotonic()
        if self._queue:
            # Credit bounds what can be under way: no other bound is needed, and none may lose an answer.
            self._socket.setsockopt(zmq.SNDHWM, 0)
            self._socket.setsockopt(zmq.IMMEDIATE, 1)
            self._monitor = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
            self._poller.register(self._monitor, zmq.POLLIN)
            self._socket.connect(self._endpoint)
            return
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._socket.setsockopt(zmq.SNDHWM, 16_384)
        self._socket.bind(self._endpoint)
        self._endpoint = self._socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        if self._on_ready is not None:
            self._on_ready(self._endpoint)

    def _close(self) -> None:
        if self._socket is None:
            return
        if self._monitor is not None:
            self._socket.disable_monitor()
            self._monitor.close(0)
            self._monitor = None
        self._socket.close()

    def _reopen(self) -> None:
        self._lose()
        self._close()
        self._open()

    def _lose(self) -> None:
        """The connection to the queue is gone: what it gave is given to others, and nobody waits for it here."""
        self._epoch += 1
        self._is_connected = self._is_ready_due = self._is_drain_told = False
        self._heartbeat = self._lease = math.inf
        self._waiting.clear()
        self._waiting_bytes = 0
        for call in self._running.values():
            call.cancel()

    def _read_monitor(self) -> None:
        event = recv_monitor_message(self._monitor)["event"]
        if event == zmq.EVENT_DISCONNECTED:
            if self._is_connected:
                self._lose()
        else:
            self._is_connected = self._is_ready_due = True
            self._is_drained = False

    def _read_socket(self) -> None:
        # Bounded: answers must get their turn.
        for _ in range(256):
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            if not self._is_current():
                return  # The next turn sees to it.
            self._heard_at = time.monotonic()
            self._receive([frame.bytes for frame in frames], frames[-1])

    def _look(self, now: float) -> None:
        """What time asks for: READY, signs of life, the end of a lease or of a drain."""
        if self._is_ready_due:
            services = {service.name: service.schema_hash for service in self._services}
            offer = {"protocol": 1, "instance": self.instance, "concurrency": self._concurrency, "services": services}
            # Being asked, the socket forgets the connection before this one, which would take READY along.
            if self._socket.getsockopt(zmq.EVENTS) & zmq.POLLOUT:
                self._is_ready_due = not self._send([b"", bytes((READY,)), _pack(offer)])
        if self._heartbeat != math.inf and now >= self._pulse_at:
            if now - self._heard_at > self._lease:
                self._reopen()
                return
            self._send([b"", bytes((PULSE,))])
            self._pulse_at = now + self._heartbeat
        if now >= self._probe_at:
            self._probe(now)
        if self._drain_asked and not self._is_drain_told:
            self._tell_drain(now)

    def _probe(self, now: float) -> None:
        """Cancels the calls of clients that are gone. Nothing tells a ROUTER of that, but it knows when something is for them."""
        calls = [call for call in self._running.values() if call.can_follow and not call.cancelled.is_set()]
        self._probe_at = now + self.probe_seconds if calls else math.inf
        for peer in {call.envelope[0] for call in calls}:
            if self._is_there(peer):
                continue
            for call in calls:
                if call.envelope[0] == peer:
                    call.cancel()

    def _is_there(self, peer: bytes) -> bool:
        try:
            self._socket.send_multipart([peer, b"", bytes((PULSE,))], zmq.NOBLOCK)
        except zmq.Again:
            return True  # It only does not read.
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return False
        return True

    def _tell_drain(self, now: float) -> None:
        if self._drain_until == math.inf:
            self._drain_until = now + self.drain_seconds
        if not self._queue:
            for peer in self._peers:
                self._send([peer, b"", bytes((DRAIN,))])
            self._is_drain_told = self._is_drained = True
        elif self._is_connected and not self._is_ready_due:
            self._is_drain_told = self._send([b"", bytes((DRAIN,))])

    def _is_done(self) -> bool:
        if not self._drain_asked or self._running or self._waiting or self._outbox:
            return False
        return self._is_drained or (self._queue and not self._is_connected) or time.monotonic() >= self._drain_until

    def _send(self, frames: List[bytes]) -> bool:
        for _ in range(2):
            try:
                self._socket.send_multipart(frames, zmq.NOBLOCK)
                return True
            except zmq.Again:
                # The socket learns of a new connection when it is asked, not always when it is used.
                if not self._queue or not self._socket.poll(0, zmq.POLLOUT):
                    break
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                break  # The client is gone.
        return False

    def _receive(self, frames: List[bytes], last: Any) -> None:
        # At a bound endpoint the first frame is the client's address.
        start = 0 if self._queue else 1
        if len(frames) > start + 1 and frames[start] == b"":
            self._receive_control(frames[start + 1 :])
            return
        delimiter = _find_delimiter(frames)
        first = delimiter + 1
        if delimiter < 0 or len(frames) - first not in (1, 2) or not frames[first]:
            self.malformed += 1
            return
        envelope, header = frames[:delimiter], frames[first]
        if header[0] in (CANCEL, CREDIT):
            self._follow(envelope, header)  # With a body, an empty one, or none.
            return
        if len(frames) - first != 2:
            self.malformed += 1
            return
        body = frames[first + 1]
        if not self._queue:
            self._peers[envelope[0]] = None
            self._peers.move_to_end(envelope[0])
            if len(self._peers) > 1024:
                self._peers.popitem(last=False)
        if header[0] == CALL:
            self._receive_call(envelope, header, body, last)
        elif header[0] >= FIRST_TEXT_OCTET:
            flags = FLAG_JSON if body[:1] == b"[" else 0
            self._admit(envelope, header, flags, math.inf, 0, b"", body, last, NORMAL_PRIORITY, is_bare=True)
        else:
            self.malformed += 1

    def _receive_control(self, frames: List[bytes]) -> None:
        kind = frames[0][0] if frames[0] else -1
        if not self._queue:
            return  # A client's answer to DRAIN; nothing waits for it.
        if kind == WELCOME and len(frames) == 2:
            self._agree(frames[1])
        elif kind == DRAIN:
            self._is_drained = True
        elif kind == ERROR and len(frames) == 2:
            raise _read_error(frames[0], frames[1])

    def _agree(self, body: bytes) -> None:
        try:
            terms = _decode(body, False)
            heartbeat, lease = float(terms["heartbeatMs"]), float(terms["leaseMs"])
        except (InvalidValue, KeyError, TypeError, ValueError):
            return
        if not (heartbeat >= 10 and heartbeat <= lease < 2**31):
            return
        is_first = self._heartbeat == math.inf
        self._heartbeat, self._lease = heartbeat / 1000, lease / 1000
        self._pulse_at = time.monotonic() + self._heartbeat
        if is_first and self._on_ready is not None:
            self._on_ready(self._endpoint)

    def _receive_call(self, envelope: List[bytes], header: bytes, body: bytes, last: Any) -> None:
        if len(header) <= CALL_HEADER.size or len(header) < CALL_HEADER.size + header[8] or header[8] == 0:
            self.malformed += 1
            return
        _, flags, budget, attempt, priority, length = CALL_HEADER.unpack_from(header)
        end = CALL_HEADER.size + length
        deadline = math.inf if budget == 0 else time.monotonic() + budget / 1000
        name, packed = header[CALL_HEADER.size : end], header[end:]
        self._admit(envelope, name, flags, deadline, attempt, packed, body, last, priority)

    def _admit(
        self,
        envelope: List[bytes],
        name: bytes,
        flags: int,
        deadline: float,
        attempt: int,
        packed: bytes,
        body: bytes,
        last: Any,
        priority: int,
        is_bare: bool = False,
    ) -> None:
        """Runs the call, or has it wait, or refuses it."""
        is_homing = _is_homing(last)
        worker, method = self._routes.get(name, (None, None))
        if method is None:
            shown = name.decode(errors="replace")
            method = _reserved.get(name) or Method(shown, shown)
            call = _ServedCall(self._epoch, envelope, None, method, flags, deadline, attempt, {}, b"", False)
            if name in _reserved:
                self._answer_reserved(call)
            else:
                self._refuse(call, _not_started(Status.UNIMPLEMENTED, f'there is no method "{shown}" here'))
            return
        schema_hash = _read_schema_hash(packed) if flags & FLAG_SCHEMA_HASH else method.schema_hash
        if flags & FLAG_SCHEMA_HASH and schema_hash is not None:
            packed = _without_schema_hash(packed)
        token, metadata = self._tokens.mint(), _read_metadata(packed)
        call = _ServedCall(
            self._epoch, envelope, worker, method, flags, deadline, attempt, metadata or {}, token, is_homing and not is_bare
        )
        if self._drain_asked and not self._queue:
            self._refuse(call, _not_started(Status.UNAVAILABLE, f"{method.name}: the server is draining"))
        elif flags & FLAG_CHUNKED:
            self._refuse(call, _not_started(Status.UNIMPLEMENTED, "bodies in chunks are not supported"))
        elif metadata is None:
            text = f"metadata is a map of at most {MAX_METADATA_BYTES} bytes"
            self._refuse(call, _not_started(Status.INVALID_ARGUMENT, text))
        elif schema_hash is None:
            text = "the metadata does not begin with a schema hash, as the header says"
            self._refuse(call, _not_started(Status.INVALID_ARGUMENT, text))
        elif schema_hash != method.schema_hash:
            self._refuse(call, _schema_mismatch(method, schema_hash))
        elif is_bare and method.form == "stream":
            self._refuse(call, _no_follow_ups(method))
        elif len(self._running) < self._concurrency and not self._waiting:
            self._begin(call, body)
        elif len(self._waiting) < self.max_waiting_calls and self._waiting_bytes + len(body) <= self.max_waiting_bytes:
            call.priority = priority
            self._wait(call, body)
        else:
            text = f"{method.name}: the server has too many calls waiting"
            self._refuse(call, _not_started(Status.RESOURCE_EXHAUSTED, text))

    def _wait(self, call: _ServedCall, body: bytes) -> None:
        """By priority, then age: lower goes first."""
        place = len(self._waiting)
        while place > 0 and self._waiting[place - 1][0].priority > call.priority:
            place -= 1
        self._waiting.insert(place, (call, body))
        self._waiting_bytes += len(body)

    def _begin(self, call: _ServedCall, body: bytes) -> None:
        self._running[call.token] = call
        if not self._queue and call.can_follow and self._probe_at == math.inf:
            self._probe_at = time.monotonic() + self.probe_seconds
        self._pool.submit(self._serve, call, body)

    def _begin_waiting(self) -> None:
        while self._waiting and len(self._running) < self._concurrency:
            call, body = self._waiting.popleft()
            self._waiting_bytes -= len(body)
            self._begin(call, body)

    def _refuse(self, call: _ServedCall, error: RpcError) -> None:
        if not call.is_one_way:
            self._answer(call, _encode_error(error, call.is_json))
        elif self._queue:
            self._answer(call, [bytes((END, 0)), b""])

    def _answer(self, call: _ServedCall, frames: List[bytes]) -> None:
        if call.epoch != self._epoch or not self._send([*call.envelope, b"", *frames]):
            self.dropped += 1

    def _answer_reserved(self, call: _ServedCall) -> None:
        status = "DRAINING" if self._drain_asked else "SERVING"
        answers = {
            "homing.ping": {"role": "server", "instance": self.instance},
            "homing.health": {"status": status, "services": {service.name: status for service in self._services}},
            "homing.stats": {
                "running": len(self._running),
                "waiting": len(self._waiting),
                "served": self.served,
                "malformed": self.malformed,
                "dropped": self.dropped,
            },
            "homing.describe": {
                "role": "server",
                "protocol": 1,
                "instance": self.instance,
                "services": [{"name": one.name, "schemaHashes": [one.schema_hash]} for one in self._services],
            },
        }
        self._answer(call, [_encode(answers[call.method.name], call.is_json)])

    def _follow(self, envelope: List[bytes], header: bytes) -> None:
        """What follows up a call counts behind that call's own envelope only."""
        route = header[2:] if header[0] == CANCEL else header[6:]
        token = route[1 : 1 + route[0]] if route else b""
        call = self._running.get(token) if token else None
        if call is None and header[0] == CANCEL and not token:
            call = next((one for one in self._running.values() if one.envelope == envelope), None)
        if call is not None and call.envelope == envelope:
            if header[0] == CANCEL:
                call.cancel()
            elif not call.credit(int.from_bytes(header[2:6], "big")):
                call.cancel()  # Credit for what was not sent: the caller has broken the call.
            return
        if header[0] != CANCEL:
            self.dropped += 1
            return
        for entry in self._waiting:
            waiting, body = entry
            if waiting.envelope == envelope:
                self._waiting.remove(entry)
                self._waiting_bytes -= len(body)
                text = f"{waiting.method.name}: the caller cancelled"
                self._refuse(waiting, _not_started(Status.CANCELLED, text))
                return
        self.dropped += 1

    def _send_outbox(self) -> None:
        while self._outbox:
            call, frames, is_end = self._outbox.popleft()
            if frames:
                self._answer(call, frames)
            if is_end:
                self._running.pop(call.token, None)
                self.served += 1
                self._begin_waiting()

    # From here on: in the threads of handlers.

    def _wake(self) -> None:
        try:
            self._wake_writer.send(b"\0")
        except (BlockingIOError, OSError):
            pass  # It has been woken and has not looked yet; or it is no more.

    def _post(self, call: _ServedCall, frames: List[bytes], is_end: bool = False) -> None:
        self._outbox.append((call, frames, is_end))
        self._wake()

    def _serve(self, call: _ServedCall, body: bytes) -> None:
        token = _current.set(CallContext(call))
        try:
            frames = self._handle(call, body)
        except BaseException as error:  # A call ends exactly once, whatever its handler does.
            try:
                frames = self._failure(call, error)
            except Exception:
                log.exception("%s failed in a way that cannot be told", call.method.name)
                frames = _encode_error(RpcError(Status.INTERNAL, f"{call.method.name} failed"), call.is_json)
        finally:
            _current.reset(token)
        if call.is_one_way:
            frames = [bytes((END, 0)), b""] if self._queue else []
        self._post(call, frames, True)

    def _handle(self, call: _ServedCall, body: bytes) -> List[bytes]:
        method = call.method
        if call.is_expired():
            text = f"{method.name}: waited too long at the server"
            raise _NeverStarted(_not_started(Status.DEADLINE_EXCEEDED, text))
        # What is said of a call that is no longer this worker's goes nowhere.
        if call.cancelled.is_set() or call.epoch != self._epoch or not self._is_current():
            raise _NeverStarted(_not_started(Status.CANCELLED, f"{method.name}: the caller cancelled"))
        try:
            args = method.decode_arguments(body, call.is_json)
        except InvalidValue as error:
            raise _NeverStarted(_invalid(method, error)) from None
        if method.form == "stream" and call.can_follow:
            self._post(call, [bytes((OPEN, 0, len(call.token))) + call.token, b""])
        if method.has_rest:
            args = [*args[:-1], *args[-1]]
        result = getattr(call.worker, method.attribute)(*args)
        if method.form == "stream":
            return self._pump(call, result)
        try:
            answer = method.encode_result(result, call.is_json)
        except InvalidValue as error:
            raise TypeError(f"the handler's result is not what the interface says: {error}") from None
        self._check_size(answer)
        return [answer]

    def _pump(self, call: _ServedCall, items: Any) -> List[bytes]:
        iterator = iter(items)
        header = bytes((ITEM, FLAG_JSON if call.is_json else 0))
        try:
            while call.await_window():
                try:
                    item = next(iterator)
                except StopIteration:
                    return [bytes((END, 0)), b""]
                try:
                    body = call.method.encode_result(item, call.is_json)
                except InvalidValue as error:
                    raise TypeError(f"an item of the handler's is not what the interface says: {error}") from None
                self._check_size(body)
                call.sent(len(body))
                self._post(call, [header, body])
            raise _over(call)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def _check_size(self, body: bytes) -> None:
        if len(body) > self._max_frame_bytes:
            text = f"a result of {len(body)} bytes exceeds max_frame_bytes {self._max_frame_bytes}"
            raise RpcError(Status.RESOURCE_EXHAUSTED, text)

    def _failure(self, call: _ServedCall, error: BaseException) -> List[bytes]:
        """What the caller may know. A handler's own message and stack stay here unless it raised an RpcError."""
        if isinstance(error, _NeverStarted):
            return _encode_error(error.reason, call.is_json)
        if isinstance(error, ServiceError):
            kind = next((one for one in type(error).__mro__ if one in call.method.errors), None)
            if kind is not None:
                try:
                    data = None if kind.shape is None else kind.shape.to_wire(error.data)
                    return _encode_error(error, call.is_json, {"name": kind.wire_name, "data": data})
                except InvalidValue as problem:
                    error = TypeError(f"the data of {kind.wire_name} is not what the interface says: {problem}")
        elif isinstance(error, RpcError):
            # What a handler's own calls told it is true of those calls: this one did start.
            outcome = FAILED if error.outcome == NOT_STARTED else error.outcome
            told = RpcError(error.status, error.message, outcome=outcome, details=error.details)
            return _encode_error(told, call.is_json)
        if call.cancelled.is_set() or call.is_expired():
            return _encode_error(_over(call), call.is_json)
        error_id = str(uuid.uuid4())
        log.error("%s failed: %s", call.method.name, error_id, exc_info=error)
        text = f"{call.method.name} failed; the server's log has it as {error_id}"
        return _encode_error(RpcError(Status.INTERNAL, text, details={"errorId": error_id}), call.is_json)


class _NeverStarted(Exception):
    def __init__(self, reason: RpcError) -> None:
        super().__init__(reason.message)
        self.reason = reason


_reserved = {
    name.encode(): Method(name, name, result=ANY, is_idempotent=True)
    for name in ("homing.ping", "homing.health", "homing.stats", "homing.describe")
}


def _over(call: _ServedCall) -> RpcError:
    if call.cancelled.is_set():
        return RpcError(Status.CANCELLED, f"{call.method.name}: the caller cancelled")
    return RpcError(Status.DEADLINE_EXCEEDED, f"{call.method.name}: the time of the call is over")


def _no_follow_ups(method: Method) -> RpcError:
    return _not_started(Status.FAILED_PRECONDITION, f"{method.name}: this route cannot carry follow-ups")


def _find_delimiter(frames: List[bytes]) -> int:
    """Index of the empty frame that ends the envelope, or -1 when there is none where the protocol allows it."""
    for index, frame in enumerate(frames[: MAX_ENVELOPE_FRAMES + 1]):
        if not frame:
            return index
        if len(frame) > MAX_ADDRESS_BYTES:
            break
    return -1


def _read_schema_hash(packed: bytes) -> Optional[str]:
    """None when there is none in the form that it has."""
    at = 3 + len(SCHEMA_HASH_KEY)
    if len(packed) <= at or packed[0] != 0xDE or packed[1:3] == b"\0\0" or packed[3:at] != SCHEMA_HASH_KEY:
        return None
    length = packed[at]
    if not 0 < length <= MAX_SCHEMA_HASH_BYTES or len(packed) < at + 1 + length:
        return None
    return packed[at + 1 : at + 1 + length].decode(errors="replace")


def _without_schema_hash(packed: bytes) -> bytes:
    """What is left of metadata whose hash `_read_schema_hash` has read."""
    at = 3 + len(SCHEMA_HASH_KEY)
    entries = int.from_bytes(packed[1:3], "big") - 1
    return b"" if entries == 0 else b"\xde" + entries.to_bytes(2, "big") + packed[at + 1 + packed[at] :]


def _schema_mismatch(method: Method, schema_hash: str) -> RpcError:
    service = method.name.rpartition(".")[0]
    text = (
        f"{service}: the caller is generated from schema {schema_hash}, and here it is served from schema {method.schema_hash}; "
        "generate both from one interface, or connect without schemaCheck"
    )
    return _not_started(
        Status.FAILED_PRECONDITION, text, {"schemaHash": schema_hash, "servedHashes": [method.schema_hash]}
    )


def _read_metadata(packed: bytes) -> Optional[Mapping[str, Any]]:
    """None when it is no metadata."""
    if not packed:
        return {}
    if len(packed) > MAX_METADATA_BYTES:
        return None
    try:
        metadata = ANY.from_wire(_decode(packed, False))
    except (InvalidValue, RecursionError):
        return None
    return metadata if isinstance(metadata, dict) else None


def _is_homing(frame: Any) -> bool:
    """Whether the peer that a frame came from keeps the routes of calls that stay open: it said so when it connected."""
    try:
        return frame.get("X-Homing") is not None
    except (zmq.ZMQError, KeyError, TypeError):
        return False
