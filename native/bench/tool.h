/* SPDX-License-Identifier: Apache-2.0
 *
 * What the load generators share. They are programs, not a library: a mistake ends them with one line. */
#ifndef TOOL_H
#define TOOL_H

#include <stdint.h>
#include <netinet/in.h>

#define TOOL_NS_PER_S 1000000000LL
#define TOOL_NS_PER_US 1000LL

/* Prints "PROGRAM: what: errno's text" and exits with 1. */
_Noreturn void tool_fail(const char *what);

/* A decimal number of at most max, or the program ends with a word about "what". */
uint64_t tool_number(const char *text, uint64_t max, const char *what);

/* An IPv4 address and a port, or the program ends. */
struct sockaddr_in tool_address(const char *address, const char *port);

/* CLOCK_MONOTONIC. */
int64_t tool_now_ns(void);

void tool_sleep_until_ns(int64_t when);

/* SIGTERM and SIGINT from now on only make tool_stopped() true, and interrupt system calls. */
void tool_catch_stop(void);

int tool_stopped(void);

/* A UDP socket bound to address, with a receive buffer that outlasts a moment off the CPU. A receive that waits ends
 * with EAGAIN now and then, to look at tool_stopped(). */
int tool_udp_server(const struct sockaddr_in *address, int receive_buffer_bytes);

#endif
