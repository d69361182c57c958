"""libzmq by way of pyzmq, told what to do over stdin, one JSON object a line. See zmq-side.ts for the commands."""

import hashlib
import json
import sys
import threading

import zmq

context = zmq.Context()
sockets = {}
echoing = {}
writing = threading.Lock()


def reply(answer):
    with writing:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def body(size, seed):
    block = hashlib.sha256(seed.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def describe(frames):
    return [[len(frame), hashlib.sha256(frame).hexdigest()] for frame in frames]


def open_socket(command):
    socket = context.socket(getattr(zmq, command["type"]))
    socket.linger = 0
    if command.get("routingId"):
        socket.setsockopt(zmq.IDENTITY, bytes.fromhex(command["routingId"]))
    if command["type"] == "ROUTER":
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    if command.get("heartbeatMs"):
        socket.setsockopt(zmq.HEARTBEAT_IVL, command["heartbeatMs"])
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, command["heartbeatMs"] * 4)
        socket.setsockopt(zmq.HEARTBEAT_TTL, command["heartbeatMs"] * 8)
    sockets[command["name"]] = socket
    return {}


def bind(command):
    socket = sockets[command["name"]]
    socket.bind(command["endpoint"])
    return {"endpoint": socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()}


def connect(command):
    sockets[command["name"]].connect(command["endpoint"])
    return {}


def send_to_peer(socket, frames):
    """A mandatory ROUTER says EHOSTUNREACH until its peer is there."""
    retry = threading.Event()
    while True:
        try:
            return socket.send_multipart(frames, copy=False)
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            retry.wait(0.002)


def send(command):
    frames = [bytes.fromhex(part) for part in command["envelope"]]
    frames += [body(size, seed) for size, seed in command["frames"]]
    send_to_peer(sockets[command["name"]], frames)
    return {}


def receive(command):
    frames = sockets[command["name"]].recv_multipart()
    return {"frames": describe(frames), "first": frames[0][:300].hex()}


def ask(command):
    send(command)
    return receive(command)


def echo(command):
    socket = sockets.pop(command["name"])
    stop = threading.Event()

    def run():
        while not stop.is_set():
            if socket.poll(20):
                socket.send_multipart(socket.recv_multipart(copy=False), copy=False)
        socket.close()

    thread = threading.Thread(target=run, daemon=True)
    echoing[command["name"]] = (thread, stop)
    thread.start()
    return {}


def proxy(command):
    front, back = sockets.pop(command["front"]), sockets.pop(command["back"])

    def run():
        try:
            zmq.proxy(front, back)
        except zmq.ZMQError:
            pass
        front.close()
        back.close()

    threading.Thread(target=run, daemon=True).start()
    return {}


def close(command):
    name = command["name"]
    if name in echoing:
        thread, stop = echoing.pop(name)
        stop.set()
        thread.join()
    else:
        sockets.pop(name).close()
    return {}


commands = {
    "open": open_socket, "bind": bind, "connect": connect, "send": send, "receive": receive,
    "ask": ask, "echo": echo, "proxy": proxy, "close": close,
}

reply({"id": 0, "version": f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}"})
for line in sys.stdin:
    command = json.loads(line)
    try:
        reply({"id": command["id"], **commands[command["op"]](command)})
    except Exception as error:
        reply({"id": command["id"], "error": f"{type(error).__name__}: {error}"})
