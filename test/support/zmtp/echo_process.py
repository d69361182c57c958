"""As echo-process.ts, with libzmq."""

import sys
import threading

import zmq

endpoint, heartbeat = sys.argv[1:]
router = zmq.Context().socket(zmq.ROUTER)
router.linger = 0
router.heartbeat_ivl = int(heartbeat)
router.bind(endpoint)
print(router.last_endpoint.decode(), flush=True)


def end_with_parent():
    sys.stdin.read()
    import os

    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
while True:
    router.send_multipart(router.recv_multipart())
