import msgpack, sys, zmq
socket = zmq.Context().socket(zmq.REP)
socket.connect(sys.argv[1])
while True:
    header, arguments = socket.recv_multipart()
    socket.send(msgpack.packb(sum(msgpack.unpackb(arguments))))
