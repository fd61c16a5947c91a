/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A stop between the look at it and the wait for a datagram is noticed so much later. */
#define TOOL_STOP_DELAY_US 100000

static volatile sig_atomic_t stopped;

_Noreturn void tool_fail(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

uint64_t tool_number(const char *text, uint64_t max, const char *what)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max) {
        fprintf(stderr, "%s: %s: \"%s\" is not a number of at most %llu\n", program_invocation_short_name, what, text,
                (unsigned long long)max);
        exit(2);
    }
    return value;
}

struct sockaddr_in tool_address(const char *address, const char *port)
{
    struct sockaddr_in result = { .sin_family = AF_INET };
    if (inet_pton(AF_INET, address, &result.sin_addr) != 1) {
        fprintf(stderr, "%s: \"%s\" is not an IPv4 address\n", program_invocation_short_name, address);
        exit(2);
    }
    result.sin_port = htons((uint16_t)tool_number(port, UINT16_MAX, "port"));
    return result;
}

int64_t tool_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * TOOL_NS_PER_S + now.tv_nsec;
}

void tool_sleep_until_ns(int64_t when)
{
    struct timespec until = { .tv_sec = when / TOOL_NS_PER_S, .tv_nsec = when % TOOL_NS_PER_S };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

void tool_catch_stop(void)
{
    struct sigaction action = { .sa_handler = on_stop };
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

int tool_stopped(void)
{
    return stopped;
}

int tool_udp_server(const struct sockaddr_in *address, int receive_buffer_bytes)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        tool_fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_bytes, sizeof(receive_buffer_bytes)) < 0)
        tool_fail("SO_RCVBUFFORCE");
    struct timeval patience = { .tv_usec = TOOL_STOP_DELAY_US };
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
        tool_fail("SO_RCVTIMEO");
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        tool_fail("bind");
    return fd;
}
