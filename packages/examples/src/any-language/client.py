import sys, zmq
socket = zmq.Context().socket(zmq.REQ)
socket.connect(sys.argv[1])
socket.send_multipart([b"Calculator.add", b"[20, 22]"])
print(socket.recv().decode())
