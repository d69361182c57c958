// Messages one way, as fast as they are taken. One program, two parts:
//   server   PUSH, or PUB that waits instead of dropping (ZMQ_XPUB_NODROP): sends without end
//   client   PULL, or SUB: counts what comes, and what was skipped
// A message is one frame: an octet for the topic, and its number in octets 4 to 7. See src/workload.ts.
#include "libzmq.hpp"

#include <cstdint>

static const char topic = 'T';
static const size_t number_offset = 4;

static void send_forever(void *context, Flags &flags) {
	const bool is_publishing = flags["--scenario"] == "pub-sub";
	const size_t bytes = std::stoul(flags["--bytes"]);
	void *socket = open_socket(context, is_publishing ? ZMQ_PUB : ZMQ_PUSH, std::stoi(flags["--high-water-mark"]));
	if (is_publishing) set_number(socket, ZMQ_XPUB_NODROP, 1, "ZMQ_XPUB_NODROP");
	tell_ready(bind_loopback(socket));
	for (uint32_t number = 0;; number++) {
		zmq_msg_t message;
		check(zmq_msg_init_size(&message, bytes), "zmq_msg_init_size");
		char *data = static_cast<char *>(zmq_msg_data(&message));
		data[0] = topic;
		memcpy(data + number_offset, &number, sizeof number);
		check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
	}
}

static void measure(void *context, Flags &flags) {
	const bool is_subscribing = flags["--scenario"] == "pub-sub";
	const size_t bytes = std::stoul(flags["--bytes"]);
	const Seconds warm_up(std::stod(flags["--warm-up"]));
	const Seconds duration(std::stod(flags["--seconds"]));
	// Reading the clock costs a small message more than it does a large one.
	const uint32_t stride = bytes < 4096 ? 64 : 1;

	void *socket = open_socket(context, is_subscribing ? ZMQ_SUB : ZMQ_PULL, std::stoi(flags["--high-water-mark"]));
	set_number(socket, ZMQ_RCVTIMEO, stall_ms, "ZMQ_RCVTIMEO");
	if (is_subscribing) check(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, &topic, 1), "ZMQ_SUBSCRIBE");
	connect_loopback(socket, flags["--port"]);

	zmq_msg_t message;
	zmq_msg_init(&message);
	uint32_t next = 0, count = 0, lost = 0;
	long cpu_before = 0;
	bool is_measuring = false;
	auto phase_began = Clock::now();
	for (;;) {
		check(zmq_msg_recv(&message, socket, 0), "zmq_msg_recv");
		uint32_t number;
		const char *data = static_cast<const char *>(zmq_msg_data(&message));
		if (zmq_msg_size(&message) != bytes || data[0] != topic) fail("not a message that was sent");
		memcpy(&number, data + number_offset, sizeof number);
		if (number < next) fail("a message out of order");
		lost += number - next;
		next = number + 1;
		if (++count % stride != 0) continue;
		const auto now = Clock::now();
		const double seconds = seconds_between(phase_began, now);
		if (seconds < (is_measuring ? duration : warm_up).count()) continue;
		if (is_measuring) {
			printf("{\"messages\":%u,\"lost\":%u,\"seconds\":%f,\"cpuUs\":%ld}\n", count, lost, seconds, cpu_us() - cpu_before);
			fflush(stdout);
			_exit(0);
		}
		is_measuring = true;
		count = lost = 0;
		cpu_before = cpu_us();
		phase_began = now;
		tell_nothing();
	}
}

int main(int count, char **words) {
	Flags flags = read_flags(count, words);
	const std::string part = count > 1 ? words[1] : "";
	answer_parent(tell_usage);
	void *context = open_context();
	if (part == "server") send_forever(context, flags);
	if (part == "client") measure(context, flags);
	fprintf(stderr, "usage: libzmq-stream server | client --port=N ...\n");
	return 2;
}
