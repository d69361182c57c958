// What it takes to open many connections: so many DEALERs, each of which sends a message and waits for it to come back.
// The server is that of libzmq-echo.cpp.
#include "libzmq.hpp"

#include <algorithm>
#include <vector>

static void open_many(void *context, Flags &flags, long count) {
	const long batch = std::stol(flags["--batch"]);
	std::vector<void *> opened;
	for (long done = 0; done < count; done += batch) {
		const long size = std::min(batch, count - done);
		for (long i = 0; i < size; i++) {
			void *socket = open_socket(context, ZMQ_DEALER, 0);
			set_number(socket, ZMQ_RCVTIMEO, stall_ms, "ZMQ_RCVTIMEO");
			connect_loopback(socket, flags["--port"]);
			check(zmq_send(socket, "hello", 5, 0), "zmq_send");
			opened.push_back(socket);
		}
		char buffer[16];
		for (long i = 0; i < size; i++) check(zmq_recv(opened[done + i], buffer, sizeof buffer, 0), "zmq_recv");
	}
}

int main(int count, char **words) {
	Flags flags = read_flags(count, words);
	const long connections = std::stol(flags["--in-flight"]);
	void *context = open_context();
	// One first, so that what is needed only once is in the figure before.
	open_many(context, flags, 1);
	const long resident_before = resident_bytes(), cpu_before = cpu_us();
	tell_nothing();
	std::string line;
	if (!std::getline(std::cin, line)) return 0;
	const auto began = Clock::now();
	open_many(context, flags, connections);
	const double seconds = seconds_between(began, Clock::now());
	printf("{\"seconds\":%f,\"residentBytes\":%ld,\"cpuUs\":%ld}\n", seconds,
		   (resident_bytes() - resident_before) / connections, cpu_us() - cpu_before);
	fflush(stdout);
	// The server is looked at while the connections stand; then the end of this pipe ends them.
	while (std::getline(std::cin, line)) {
	}
	_exit(0);
}
