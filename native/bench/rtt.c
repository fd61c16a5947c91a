/* SPDX-License-Identifier: Apache-2.0
 *
 * How long do a small request and its answer take?
 *
 * Requests leave on a schedule that does not wait for answers, and a round trip counts from the moment its request was
 * due. So a tunnel that stops for 10 ms is seen by every request of those 10 ms, and not only by the one that a client
 * which waits for answers would have had under way (coordinated omission). The intervals vary by a half around their
 * mean, so that no timer of a tunnel can be in step with them.
 *
 * A sleeping process is woken some tens of microseconds late. The prober therefore wakes early and spins to the moment;
 * it is then late only when the machine is busy, and that is part of the answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "tool.h"

#define RTT_REQUEST_BYTES 64
#define RTT_RECEIVE_BUFFER_BYTES (4 << 20)
#define RTT_SPIN_NS (60 * TOOL_NS_PER_US)
/* An answer that comes later than this after the last request is lost. */
#define RTT_PATIENCE_NS TOOL_NS_PER_S
#define RTT_REQUESTS_MAX 10000000

struct rtt_sample {
    int64_t due;
    int64_t sent;
    int64_t answered;
};

struct rtt_probe {
    int fd;
    struct rtt_sample *samples;
    uint64_t count;
    uint64_t answers;
};

/* Takes every answer that is there. */
static void rtt_take_answers(struct rtt_probe *probe)
{
    uint64_t message[RTT_REQUEST_BYTES / sizeof(uint64_t)];
    while (1) {
        ssize_t bytes = recv(probe->fd, message, sizeof(message), MSG_DONTWAIT);
        if (bytes < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
            tool_fail("recv");
        if (bytes < 0)
            return;
        int64_t now = tool_now_ns();
        uint64_t index = message[0];
        if (bytes == sizeof(message) && index < probe->count && probe->samples[index].answered == 0) {
            probe->samples[index].answered = now;
            probe->answers++;
        }
    }
}

/* Takes answers until the moment, asleep for all but the end. */
static void rtt_wait(struct rtt_probe *probe, int64_t until)
{
    while (1) {
        rtt_take_answers(probe);
        int64_t left = until - tool_now_ns();
        if (left <= 0 || tool_stopped())
            return;
        if (left > RTT_SPIN_NS) {
            int64_t sleep_ns = left - RTT_SPIN_NS;
            struct timespec timeout = { .tv_sec = sleep_ns / TOOL_NS_PER_S, .tv_nsec = sleep_ns % TOOL_NS_PER_S };
            struct pollfd ready = { .fd = probe->fd, .events = POLLIN };
            if (ppoll(&ready, 1, &timeout, NULL) < 0 && errno != EINTR)
                tool_fail("ppoll");
        }
    }
}

/* A share of the interval from a half to one and a half; xorshift64 by Marsaglia. */
static int64_t rtt_interval(uint64_t *state, int64_t mean_ns)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return mean_ns / 2 + (int64_t)(*state % (uint64_t)mean_ns);
}

static int rtt_probe(char **argv)
{
    struct sockaddr_in local = tool_address(argv[0], "0");
    struct sockaddr_in remote = tool_address(argv[1], argv[2]);
    uint64_t rate = tool_number(argv[3], 100000, "requests a second");
    uint64_t milliseconds = tool_number(argv[4], 3600000, "milliseconds");
    struct rtt_probe probe = { .count = rate * milliseconds / 1000 };
    if (probe.count == 0 || probe.count > RTT_REQUESTS_MAX) {
        errno = ERANGE;
        tool_fail("requests");
    }
    probe.samples = calloc(probe.count, sizeof(*probe.samples));
    if (probe.samples == NULL)
        tool_fail("calloc");
    probe.fd = tool_udp_server(&local, RTT_RECEIVE_BUFFER_BYTES);
    if (connect(probe.fd, (struct sockaddr *)&remote, sizeof(remote)) < 0)
        tool_fail("connect");
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);

    uint64_t message[RTT_REQUEST_BYTES / sizeof(uint64_t)] = { 0 };
    uint64_t random = 0x9e3779b97f4a7c15;
    int64_t due = tool_now_ns() + 10 * TOOL_NS_PER_US;
    uint64_t sent = 0;
    for (; sent < probe.count && !tool_stopped(); sent++) {
        due += rtt_interval(&random, TOOL_NS_PER_S / (int64_t)rate);
        rtt_wait(&probe, due);
        probe.samples[sent].due = due;
        probe.samples[sent].sent = tool_now_ns();
        message[0] = sent;
        /* What is refused here was not answered. */
        if (send(probe.fd, message, sizeof(message), 0) < 0 && errno != ENOBUFS && errno != EINTR
            && errno != ECONNREFUSED)
            tool_fail("send");
    }
    int64_t patience = tool_now_ns() + RTT_PATIENCE_NS;
    while (probe.answers < sent && tool_now_ns() < patience && !tool_stopped())
        rtt_wait(&probe, tool_now_ns() + TOOL_NS_PER_S / 1000);

    printf("sent %" PRIu64 " answered %" PRIu64 "\n", sent, probe.answers);
    for (uint64_t i = 0; i < sent; i++)
        if (probe.samples[i].answered != 0)
            printf("%" PRId64 " %" PRId64 "\n", probe.samples[i].answered - probe.samples[i].due,
                   probe.samples[i].sent - probe.samples[i].due);
    free(probe.samples);
    return 0;
}

static int rtt_echo(char **argv)
{
    struct sockaddr_in local = tool_address(argv[0], argv[1]);
    int fd = tool_udp_server(&local, RTT_RECEIVE_BUFFER_BYTES);
    puts("ready");
    fflush(stdout);
    char message[RTT_REQUEST_BYTES];
    while (!tool_stopped()) {
        struct sockaddr_in from;
        socklen_t length = sizeof(from);
        ssize_t bytes = recvfrom(fd, message, sizeof(message), 0, (struct sockaddr *)&from, &length);
        if (bytes < 0 && errno != EINTR && errno != EAGAIN)
            tool_fail("recvfrom");
        if (bytes >= 0 && sendto(fd, message, (size_t)bytes, 0, (struct sockaddr *)&from, length) < 0
            && errno != ENOBUFS && errno != EINTR)
            tool_fail("sendto");
    }
    return 0;
}

int main(int argc, char **argv)
{
    tool_catch_stop();
    if (argc == 7 && strcmp(argv[1], "probe") == 0)
        return rtt_probe(argv + 2);
    if (argc == 4 && strcmp(argv[1], "echo") == 0)
        return rtt_echo(argv + 2);
    fprintf(stderr, "usage: rtt probe FROM_IP TO_IP PORT REQUESTS_A_SECOND MILLISECONDS\n"
                    "         prints nanoseconds, a line an answer: from when it was due to the answer, to the send\n"
                    "       rtt echo IP PORT          # until SIGTERM\n");
    return 2;
}
