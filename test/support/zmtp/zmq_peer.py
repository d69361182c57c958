"""libzmq by way of pyzmq, told what to do over stdin, one JSON object a line. See zmq-side.ts for the commands."""

import hashlib
import json
import queue
import sys
import threading
import time

import zmq
import zmq.utils.z85

context = zmq.Context()
context.set(zmq.MAX_SOCKETS, 10_000)
workers = {}
asked = []
writing = threading.Lock()

# zeromq.js's names of options.
options = {
    "sendHighWaterMark": zmq.SNDHWM, "receiveHighWaterMark": zmq.RCVHWM, "sendTimeout": zmq.SNDTIMEO,
    "receiveTimeout": zmq.RCVTIMEO, "linger": zmq.LINGER, "routingId": zmq.ROUTING_ID, "immediate": zmq.IMMEDIATE,
    "conflate": zmq.CONFLATE, "mandatory": zmq.ROUTER_MANDATORY, "handover": zmq.ROUTER_HANDOVER,
    "probeRouter": zmq.PROBE_ROUTER, "correlate": zmq.REQ_CORRELATE, "relaxed": zmq.REQ_RELAXED,
    "manual": zmq.XPUB_MANUAL, "welcomeMessage": zmq.XPUB_WELCOME_MSG, "noDrop": zmq.XPUB_NODROP,
    "invertMatching": zmq.INVERT_MATCHING, "maxMessageSize": zmq.MAXMSGSIZE,
    "reconnectInterval": zmq.RECONNECT_IVL, "reconnectMaxInterval": zmq.RECONNECT_IVL_MAX,
    "handshakeInterval": zmq.HANDSHAKE_IVL, "heartbeatInterval": zmq.HEARTBEAT_IVL,
    "heartbeatTimeout": zmq.HEARTBEAT_TIMEOUT, "heartbeatTimeToLive": zmq.HEARTBEAT_TTL,
    "plainServer": zmq.PLAIN_SERVER, "plainUsername": zmq.PLAIN_USERNAME, "plainPassword": zmq.PLAIN_PASSWORD,
    "curveServer": zmq.CURVE_SERVER, "curvePublicKey": zmq.CURVE_PUBLICKEY, "curveSecretKey": zmq.CURVE_SECRETKEY,
    "curveServerKey": zmq.CURVE_SERVERKEY, "zapDomain": zmq.ZAP_DOMAIN,
}
verbosities = {"allSubs": zmq.XPUB_VERBOSE, "allSubsUnsubs": zmq.XPUB_VERBOSER}


def reply(answer):
    with writing:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def body(size, seed):
    block = hashlib.sha256(seed.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def made(message):
    return [bytes.fromhex(part) for part in message["envelope"]] + [body(*frame) for frame in message["frames"]]


def described(frames):
    return {
        "frames": [[len(frame), hashlib.sha256(frame).hexdigest()] for frame in frames],
        "first": frames[0][:300].hex(),
    }


def set_option(socket, name, value):
    if name == "verbosity":
        socket.setsockopt(verbosities[value], 1)
    elif isinstance(value, dict):
        socket.setsockopt(options[name], bytes.fromhex(value["hex"]))
    elif isinstance(value, str):
        socket.setsockopt(options[name], value.encode())
    else:
        socket.setsockopt(options[name], int(value))


def bind_when_free(socket, endpoint):
    """A socket that was closed lets go of its endpoint a moment later, and nothing tells when."""
    end = time.monotonic() + 5
    while True:
        try:
            return socket.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() >= end:
                raise
            time.sleep(0.005)


class Worker(threading.Thread):
    """One socket and the thread that it lives in: its commands wait for each other, and for no other socket's."""

    def __init__(self, command):
        super().__init__(daemon=True)
        self.commands = queue.Queue()
        self.socket = context.socket(getattr(zmq, command["type"]))
        for name, value in command["options"].items():
            set_option(self.socket, name, value)
        self.start()

    def run(self):
        while True:
            command = self.commands.get()
            if command["op"] == "release":
                return
            answer(command, lambda: getattr(self, command["op"])(command))
            if command["op"] == "close":
                return

    def bind(self, command):
        bind_when_free(self.socket, command["endpoint"])
        return {"endpoint": self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()}

    def connect(self, command):
        self.socket.connect(command["endpoint"])

    def unbind(self, command):
        self.socket.unbind(command["endpoint"])

    def disconnect(self, command):
        self.socket.disconnect(command["endpoint"])

    def subscribe(self, command):
        self.socket.setsockopt(zmq.SUBSCRIBE, bytes.fromhex(command["topic"]))

    def unsubscribe(self, command):
        self.socket.setsockopt(zmq.UNSUBSCRIBE, bytes.fromhex(command["topic"]))

    def send(self, command):
        for message in command["messages"]:
            self.send_to_peer(made(message))

    def send_to_peer(self, frames):
        """A mandatory ROUTER says EHOSTUNREACH until its peer is there."""
        end = time.monotonic() + 10
        while True:
            try:
                return self.socket.send_multipart(frames, copy=False)
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH or time.monotonic() > end:
                    raise
                time.sleep(0.002)

    def receive(self, command):
        skipped = [bytes.fromhex(command["skip"])] if "skip" in command else None
        messages = []
        while len(messages) < command["count"]:
            frames = self.socket.recv_multipart()
            if frames != skipped:
                messages.append(described(frames))
        return {"messages": messages}

    def echo(self, command):
        """Until the next command."""
        reply({"id": command["id"]})
        while self.commands.empty():
            if self.socket.poll(5):
                self.socket.send_multipart(self.socket.recv_multipart(copy=False), copy=False)

    def beacon(self, command):
        """The same message again and again, until the next command."""
        reply({"id": command["id"]})
        while self.commands.empty():
            self.socket.send(bytes.fromhex(command["frame"]))
            time.sleep(0.002)

    def notice(self, command):
        """Ends of pipes take a word there and one back, each seen at a call only."""
        for _ in range(3):
            self.socket.getsockopt(zmq.EVENTS)
            time.sleep(0.005)

    def close(self, command):
        self.socket.close()

    def release(self):
        """The socket for another thread to use."""
        self.commands.put({"op": "release"})
        self.join()
        return self.socket


def answer(command, obey):
    try:
        result = obey()
        if command["op"] not in ("echo", "beacon"):
            reply({"id": command["id"], **(result or {})})
    except Exception as error:
        reply({"id": command["id"], "error": f"{type(error).__name__}: {error}"})


def open_socket(command):
    workers[command["name"]] = Worker(command)


def proxy(command):
    front, back = workers.pop(command["front"]).release(), workers.pop(command["back"]).release()

    def run():
        try:
            zmq.proxy(front, back)
        except zmq.ZMQError:
            pass
        front.close()
        back.close()

    threading.Thread(target=run, daemon=True).start()


def zap(command):
    """Decides about peers: `rules` has mechanism and credentials, keys in Z85, and what to answer."""
    handler = context.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")

    def run():
        while True:
            version, request, domain, address, identity, mechanism, *credentials = handler.recv_multipart()
            known = [zmq.utils.z85.encode(part) if mechanism == b"CURVE" else part for part in credentials]
            key = " ".join(part.decode() for part in [mechanism, *known])
            asked.append({
                "key": key, "domain": domain.decode(), "address": address.decode(), "identity": identity.hex(),
            })
            status, text, user = command["rules"].get(key, ["400", "unknown", ""])
            handler.send_multipart([version, request, status.encode(), text.encode(), user.encode(), b""])

    threading.Thread(target=run, daemon=True).start()


process_commands = {"open": open_socket, "proxy": proxy, "zap": zap, "zapRequests": lambda command: {"requests": asked}}


reply({"id": 0, "version": f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}"})
for line in sys.stdin:
    command = json.loads(line)
    if command["op"] in process_commands:
        answer(command, lambda: process_commands[command["op"]](command))
    elif command["op"] == "close":
        worker = workers.pop(command["name"], None)
        if worker is None:
            reply({"id": command["id"]})
        else:
            worker.commands.put(command)
    else:
        workers[command["name"]].commands.put(command)
