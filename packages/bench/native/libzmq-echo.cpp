// The yardstick: libzmq as C++ programs use it. One program, four parts:
//   server   ROUTER that gives every message back, frame by frame
//   client   DEALER with N messages of three frames in flight
//   proxy    zmq_proxy between ROUTER (clients) and DEALER (workers)
//   worker   DEALER that connects to the proxy and gives every message back
//
// No high water marks, since the number in flight is the bound. Everything else is libzmq's default: one I/O thread,
// TCP_NODELAY, its own batching.
#include "libzmq.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

// Keep in step with src/load/meter.ts.
static const long stride = 17;
static const long sampling_from = 16;

static void serve(void *context, Flags &flags) {
	void *socket = open_socket(context, ZMQ_ROUTER, 0);
	const std::string public_key = secure_server(socket, flags);
	tell_ready(bind_loopback(socket), public_key);
	echo_forever(socket);
}

static void work(void *context, const std::string &port) {
	void *socket = open_socket(context, ZMQ_DEALER, 0);
	connect_loopback(socket, port);
	tell_nothing();
	echo_forever(socket);
}

static void relay(void *context) {
	void *clients = open_socket(context, ZMQ_ROUTER, 0);
	void *workers = open_socket(context, ZMQ_DEALER, 0);
	const int port = bind_loopback(clients);
	tell_ready(port, "", bind_loopback(workers));
	zmq_proxy(clients, workers, nullptr);
}

static void measure(void *context, Flags &flags) {
	const long in_flight = std::stol(flags["--in-flight"]);
	const Seconds warm_up(std::stod(flags["--warm-up"]));
	const Seconds duration(std::stod(flags["--seconds"]));
	// The last four octets say which entry of `starts` the call was timed at: a pool's replies come in any order.
	char token[8] = {1};
	const uint32_t untimed = 0xffffffff;
	// Three frame headers of two octets and the token: see src/workload.ts.
	const std::string body(std::stol(flags["--bytes"]) - 14, 'x');
	const long step = in_flight < sampling_from ? 1 : stride;

	void *socket = open_socket(context, ZMQ_DEALER, 0);
	set_number(socket, ZMQ_RCVTIMEO, stall_ms, "ZMQ_RCVTIMEO");
	secure_client(socket, flags);
	connect_loopback(socket, flags["--port"]);

	// More than can be in flight, so that an entry is not used again before its reply is there.
	std::vector<Clock::time_point> starts(4 * in_flight + 1024);
	uint32_t next_start = 0;
	long sent = 0, next_timed_sent = 1;
	auto send = [&] {
		uint32_t start = untimed;
		if (++sent >= next_timed_sent) {
			next_timed_sent += step;
			start = next_start++ % starts.size();
			starts[start] = Clock::now();
		}
		memcpy(token + 4, &start, sizeof start);
		check(zmq_send(socket, token, sizeof token, ZMQ_SNDMORE), "zmq_send");
		check(zmq_send(socket, nullptr, 0, ZMQ_SNDMORE), "zmq_send");
		check(zmq_send(socket, body.data(), body.size(), 0), "zmq_send");
	};

	std::vector<double> samples;
	samples.reserve(1 << 19);
	std::vector<char> buffer(body.size() + 64);
	long calls = 0, cpu_before = 0;
	bool is_measuring = false;
	auto phase_began = Clock::now();
	for (long i = 0; i < in_flight; i++) send();
	for (;;) {
		int more = 1;
		size_t more_size = sizeof more;
		uint32_t start = untimed;
		for (int frame = 0; more; frame++) {
			int size = zmq_recv(socket, buffer.data(), buffer.size(), 0);
			check(size, "zmq_recv");
			if (frame == 0 && size == sizeof token) memcpy(&start, buffer.data() + 4, sizeof start);
			// The shape is known: asking for RCVMORE only where the message must end keeps the client lean.
			if (frame < 2) continue;
			check(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size), "ZMQ_RCVMORE");
			if (more || size != (int)body.size()) fail("not the message that was sent");
		}
		calls++;
		if (start != untimed) {
			auto now = Clock::now();
			samples.push_back(std::chrono::duration<double, std::micro>(now - starts[start]).count());
			if (!is_measuring && now - phase_began >= warm_up) {
				is_measuring = true;
				samples.clear();
				calls = 0;
				cpu_before = cpu_us();
				phase_began = now;
				tell_nothing();
			} else if (is_measuring && now - phase_began >= duration) {
				const double seconds = seconds_between(phase_began, now);
				const long cpu = cpu_us() - cpu_before;
				std::sort(samples.begin(), samples.end());
				auto percentile = [&](double share) { return samples[(size_t)std::ceil(samples.size() * share) - 1]; };
				printf("{\"calls\":%ld,\"seconds\":%f,\"latencyUs\":{\"p50\":%f,\"p99\":%f},\"cpuUs\":%ld}\n", calls, seconds,
					   percentile(0.5), percentile(0.99), cpu);
				fflush(stdout);
				_exit(0);
			}
		}
		send();
	}
}

int main(int count, char **words) {
	Flags flags = read_flags(count, words);
	const std::string part = count > 1 ? words[1] : "";
	answer_parent(tell_usage);
	void *context = open_context();
	if (part == "server") serve(context, flags);
	if (part == "client") measure(context, flags);
	if (part == "proxy") relay(context);
	if (part == "worker") work(context, flags["--port"]);
	fprintf(stderr, "usage: libzmq-echo server | client | proxy | worker --port=N ...\n");
	return 2;
}
