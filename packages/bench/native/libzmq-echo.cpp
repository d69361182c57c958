// The yardstick: libzmq as C++ programs use it. One program, four parts:
//   server   ROUTER that gives every message back, frame by frame
//   client   DEALER with N messages of three frames in flight
//   proxy    zmq_proxy between ROUTER (clients) and DEALER (workers)
//   worker   DEALER that connects to the proxy and gives every message back
// It follows the protocol of the other contestants' programs: see src/load/messages.ts.
//
// No high water marks, since the number in flight is the bound. Frames are forwarded as the zmq_msg_t they came in, so
// nothing is copied. Everything else is libzmq's default: one I/O thread, TCP_NODELAY, its own batching.
#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using Clock = std::chrono::steady_clock;

// Keep in step with src/load/meter.ts.
static const long stride = 17;
static const long sampling_from = 16;
static const int stall_ms = 5000;

static void fail(const char *what) {
	fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
	_exit(1);
}

static void check(int result, const char *what) {
	if (result == -1) fail(what);
}

static long cpu_us() {
	rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// A thread of its own, so that the loop under test never polls anything but its sockets. From the start on, so that no
// part outlives the command: its end closes the pipe.
static void answer_parent() {
	std::thread([] {
		std::string line;
		while (std::getline(std::cin, line)) {
			printf("{\"cpuUs\":%ld}\n", cpu_us());
			fflush(stdout);
		}
		_exit(0);
	}).detach();
}

static void *open_socket(void *context, int type) {
	void *socket = zmq_socket(context, type);
	if (!socket) fail("zmq_socket");
	int none = 0;
	check(zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none), "ZMQ_SNDHWM");
	check(zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none), "ZMQ_RCVHWM");
	check(zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none), "ZMQ_LINGER");
	return socket;
}

static int bind_loopback(void *socket) {
	check(zmq_bind(socket, "tcp://127.0.0.1:*"), "zmq_bind");
	char endpoint[256];
	size_t size = sizeof endpoint;
	check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), "ZMQ_LAST_ENDPOINT");
	return atoi(strrchr(endpoint, ':') + 1);
}

static void connect_loopback(void *socket, const std::string &port) {
	check(zmq_connect(socket, ("tcp://127.0.0.1:" + port).c_str()), "zmq_connect");
}

static std::string version() {
	int major, minor, patch;
	zmq_version(&major, &minor, &patch);
	return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

static void echo_forever(void *socket) {
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	for (;;) {
		check(zmq_msg_recv(&frame, socket, 0), "zmq_msg_recv");
		int more = zmq_msg_more(&frame);
		check(zmq_msg_send(&frame, socket, more ? ZMQ_SNDMORE : 0), "zmq_msg_send");
	}
}

static void serve(void *context) {
	void *socket = open_socket(context, ZMQ_ROUTER);
	printf("{\"port\":%d,\"version\":\"%s\"}\n", bind_loopback(socket), version().c_str());
	fflush(stdout);
	echo_forever(socket);
}

static void work(void *context, const std::string &port) {
	void *socket = open_socket(context, ZMQ_DEALER);
	connect_loopback(socket, port);
	printf("{}\n");
	fflush(stdout);
	echo_forever(socket);
}

static void relay(void *context) {
	void *clients = open_socket(context, ZMQ_ROUTER);
	void *workers = open_socket(context, ZMQ_DEALER);
	int port = bind_loopback(clients);
	printf("{\"port\":%d,\"workerPort\":%d,\"version\":\"%s\"}\n", port, bind_loopback(workers), version().c_str());
	fflush(stdout);
	zmq_proxy(clients, workers, nullptr);
}

static void measure(void *context, std::map<std::string, std::string> &flags) {
	const long in_flight = std::stol(flags["--in-flight"]);
	const std::chrono::duration<double> warm_up(std::stod(flags["--warm-up"]));
	const std::chrono::duration<double> duration(std::stod(flags["--seconds"]));
	// The last four octets say which entry of `starts` the call was timed at: a pool's replies come in any order.
	char token[8] = {1};
	const uint32_t untimed = 0xffffffff;
	// Three frame headers of two octets and the token: see src/workload.ts.
	const std::string body(std::stol(flags["--bytes"]) - 14, 'x');
	const long step = in_flight < sampling_from ? 1 : stride;

	void *socket = open_socket(context, ZMQ_DEALER);
	check(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &stall_ms, sizeof stall_ms), "ZMQ_RCVTIMEO");
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
				printf("{}\n");
				fflush(stdout);
			} else if (is_measuring && now - phase_began >= duration) {
				double seconds = std::chrono::duration<double>(now - phase_began).count();
				long cpu = cpu_us() - cpu_before;
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
	std::map<std::string, std::string> flags;
	for (int i = 2; i + 1 < count; i += 2) flags[words[i]] = words[i + 1];
	const std::string part = count > 1 ? words[1] : "";
	answer_parent();
	void *context = zmq_ctx_new();
	if (part == "server") serve(context);
	if (part == "client") measure(context, flags);
	if (part == "proxy") relay(context);
	if (part == "worker") work(context, flags["--port"]);
	fprintf(stderr, "usage: libzmq-echo server | client | proxy | worker --port N ...\n");
	return 2;
}
