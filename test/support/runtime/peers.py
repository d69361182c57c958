"""Peers in Python for the tests. Each says on its first line where it can be reached, or what it received."""
import json
import sys

import msgpack
import zmq

context = zmq.Context()
role, *arguments = sys.argv[1:]


def say(value):
    print(json.dumps(value), flush=True)


def json_dump(value):
    return json.dumps(value).encode()


def bound(kind):
    socket = context.socket(kind)
    return socket, f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"


if role == "worker":
    # The whole of a plain worker.
    socket = context.socket(zmq.REP)
    socket.connect(arguments[0])
    say("ready")
    while True:
        method, args = socket.recv_multipart()
        load, dump = (json.loads, json_dump) if args[:1] == b"[" else (msgpack.unpackb, msgpack.packb)
        socket.send(dump(f"{load(args)[0]} from Python"))

elif role == "bound-worker":
    socket, endpoint = bound(zmq.REP)
    say(endpoint)
    while True:
        method, args = socket.recv_multipart()
        load, dump = (json.loads, json_dump) if args[:1] == b"[" else (msgpack.unpackb, msgpack.packb)
        socket.send(dump(f"{load(args)[0]} from Python"))

elif role == "silent-worker":
    socket = context.socket(zmq.REP)
    socket.connect(arguments[0])
    say("ready")
    while True:
        socket.recv_multipart()
        say("received")
        sys.stdin.readline()

elif role == "client":
    endpoint, method, text = arguments
    socket = context.socket(zmq.REQ)
    socket.connect(endpoint)
    answers = []
    for args in (json.dumps([text]).encode(), msgpack.packb([text])):
        socket.send_multipart([method.encode(), args])
        answers.append([frame.hex() for frame in socket.recv_multipart()])
    say(answers)

elif role == "proxy":
    # ROUTER towards clients; a DEALER that connects to what is given, or waits for workers. A ROUTER drops what is beyond
    # its high water mark, of which 1000 is the default: less than a stream may have under way.
    context.setsockopt(zmq.SNDHWM, 0)
    front, front_endpoint = bound(zmq.ROUTER)
    if arguments:
        back, back_endpoint = context.socket(zmq.DEALER), arguments[0]
        back.connect(back_endpoint)
    else:
        back, back_endpoint = bound(zmq.DEALER)
    say([front_endpoint, back_endpoint])
    zmq.proxy(front, back)
