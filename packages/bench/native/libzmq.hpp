// What the C++ programs share: sockets on the loopback, CURVE, and the lines that they and the command tell each other
// (see src/load/messages.ts). Any failure ends the program with a line that says what failed.
#pragma once

#include <zmq.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Flags = std::map<std::string, std::string>;

// Longer than any reply may take. Unit: ms.
static const int stall_ms = 5000;
static const int max_sockets = 65535;

[[noreturn]] inline void fail(const char *what) {
	fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
	_exit(1);
}

inline void check(int result, const char *what) {
	if (result == -1) fail(what);
}

// Words of the form --name=value.
inline Flags read_flags(int count, char **words) {
	Flags flags;
	for (int i = 1; i < count; i++) {
		const std::string word = words[i];
		const size_t split = word.find('=');
		if (split != std::string::npos) flags[word.substr(0, split)] = word.substr(split + 1);
	}
	return flags;
}

inline double seconds_between(Clock::time_point from, Clock::time_point to) {
	return Seconds(to - from).count();
}

inline long cpu_us() {
	rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

inline long resident_bytes() {
	long size = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file) return 0;
	if (fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
	fclose(file);
	return resident * sysconf(_SC_PAGESIZE);
}

inline void tell_usage() {
	printf("{\"cpuUs\":%ld,\"residentBytes\":%ld,\"heapBytes\":0}\n", cpu_us(), resident_bytes());
	fflush(stdout);
}

// A thread of its own, so that the loop under test never polls anything but its sockets. From the start on, so that no
// part outlives the command: its end closes the pipe.
template <typename Answer> static void answer_parent(Answer answer) {
	std::thread([answer] {
		std::string line;
		while (std::getline(std::cin, line)) answer();
		_exit(0);
	}).detach();
}

inline void set_number(void *socket, int option, int value, const char *name) {
	check(zmq_setsockopt(socket, option, &value, sizeof value), name);
}

// For any number of sockets: each holds a descriptor of its own beside its connection's.
inline void *open_context() {
	rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	void *context = zmq_ctx_new();
	check(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, max_sockets), "ZMQ_MAX_SOCKETS");
	return context;
}

// `high_water_mark` 0: none.
inline void *open_socket(void *context, int type, int high_water_mark) {
	void *socket = zmq_socket(context, type);
	if (!socket) fail("zmq_socket");
	set_number(socket, ZMQ_SNDHWM, high_water_mark, "ZMQ_SNDHWM");
	set_number(socket, ZMQ_RCVHWM, high_water_mark, "ZMQ_RCVHWM");
	set_number(socket, ZMQ_LINGER, 0, "ZMQ_LINGER");
	return socket;
}

inline int bind_loopback(void *socket) {
	check(zmq_bind(socket, "tcp://127.0.0.1:*"), "zmq_bind");
	char endpoint[256];
	size_t size = sizeof endpoint;
	check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), "ZMQ_LAST_ENDPOINT");
	return atoi(strrchr(endpoint, ':') + 1);
}

inline void connect_loopback(void *socket, const std::string &port) {
	check(zmq_connect(socket, ("tcp://127.0.0.1:" + port).c_str()), "zmq_connect");
}

// Sets a server's half of CURVE when the flags ask for it. Returns its public key in Z85, else nothing.
inline std::string secure_server(void *socket, Flags &flags) {
	if (flags["--mechanism"] != "CURVE") return "";
	char public_key[41], secret_key[41];
	check(zmq_curve_keypair(public_key, secret_key), "zmq_curve_keypair");
	set_number(socket, ZMQ_CURVE_SERVER, 1, "ZMQ_CURVE_SERVER");
	check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, sizeof secret_key), "ZMQ_CURVE_SECRETKEY");
	return public_key;
}

inline void secure_client(void *socket, Flags &flags) {
	if (flags["--mechanism"] != "CURVE") return;
	char public_key[41], secret_key[41];
	check(zmq_curve_keypair(public_key, secret_key), "zmq_curve_keypair");
	check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, flags["--server-key"].c_str(), 41), "ZMQ_CURVE_SERVERKEY");
	check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, sizeof public_key), "ZMQ_CURVE_PUBLICKEY");
	check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, sizeof secret_key), "ZMQ_CURVE_SECRETKEY");
}

// A server's first line. Z85 has neither quotes nor backslashes.
inline void tell_ready(int port, const std::string &public_key = "", int worker_port = 0) {
	int major, minor, patch;
	zmq_version(&major, &minor, &patch);
	printf("{\"port\":%d,\"version\":\"%d.%d.%d\"", port, major, minor, patch);
	if (!public_key.empty()) printf(",\"publicKey\":\"%s\"", public_key.c_str());
	if (worker_port != 0) printf(",\"workerPort\":%d", worker_port);
	printf("}\n");
	fflush(stdout);
}

// A line without content: warmed up, or ready without a port.
inline void tell_nothing() {
	printf("{}\n");
	fflush(stdout);
}

// Frames are forwarded as the zmq_msg_t they came in, so nothing is copied.
inline void echo_forever(void *socket) {
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	for (;;) {
		check(zmq_msg_recv(&frame, socket, 0), "zmq_msg_recv");
		const int more = zmq_msg_more(&frame);
		check(zmq_msg_send(&frame, socket, more ? ZMQ_SNDMORE : 0), "zmq_msg_send");
	}
}
