/* SPDX-License-Identifier: Apache-2.0
 *
 * The batched calls against the real kernel: loopback UDP and a unix socket pair of a temporary path. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "violin.h"

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static struct violin_endpoint loopback(uint16_t port)
{
    struct violin_endpoint endpoint = { .address = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1 },
                                        .port = port };
    return endpoint;
}

static void udp_carries_parts_and_names_the_source(void)
{
    struct violin_endpoint any = loopback(0);
    int a = violin_udp_open(&any, VIOLIN_ALONE);
    int b = violin_udp_open(&any, VIOLIN_ALONE);
    CHECK(a >= 0 && b >= 0);
    struct violin_endpoint to = loopback((uint16_t)violin_udp_local_port(b));
    CHECK(violin_udp_path_mtu(&to) > 1500);

    struct violin_part parts[] = {
        { address_of("head"), 4 }, { address_of("body"), 4 }, { address_of("alone"), 5 },
    };
    struct violin_message out[] = { { .destination = to, .part_count = 2, .status = -1 },
                                    { .destination = to, .part_count = 1, .status = -1 } };
    CHECK(violin_udp_send(a, parts, out, 2) == 2);
    CHECK(out[0].status == 0 && out[1].status == 0);

    char first[64];
    char second[4];
    struct violin_received in[] = {
        { .slice = { address_of(first), sizeof(first), 0 } },
        { .slice = { address_of(second), sizeof(second), 0 } },
        { .slice = { address_of(first), sizeof(first), 0 } },
    };
    CHECK(violin_udp_receive(b, in, 3) == 2);
    CHECK(in[0].slice.length == 8 && memcmp(first, "headbody", 8) == 0 && in[0].slice.status == 0);
    CHECK(in[1].slice.status == VIOLIN_TRUNCATED);
    CHECK(in[0].source.port == violin_udp_local_port(a));
    CHECK(memcmp(in[0].source.address, to.address, 16) == 0);
    CHECK(violin_udp_receive(b, in, 3) == 0);

    CHECK(violin_udp_overflows(b) == 0);
    static char flood[60000];
    struct violin_part large = { address_of(flood), sizeof(flood) };
    for (int i = 0; i < 4096 && violin_udp_overflows(b) == 0; i++) {
        struct violin_message one = { .destination = to, .part_count = 1 };
        violin_udp_send(a, &large, &one, 1);
    }
    CHECK(violin_udp_overflows(b) > 0);

    struct violin_endpoint taken = loopback((uint16_t)violin_udp_local_port(b));
    CHECK(violin_udp_open(&taken, VIOLIN_ALONE) == -EADDRINUSE);
    violin_fd_close(a);
    violin_fd_close(b);
}

/* A socket for one peer alone hears no other, and is told when that has gone. */
static void a_udp_port_hears_one_peer_and_of_its_refusals(void)
{
    struct violin_endpoint any = loopback(0);
    int peer = violin_udp_open_port(&any, NULL);
    struct violin_endpoint at_peer = loopback((uint16_t)violin_udp_local_port(peer));
    int port = violin_udp_open_port(&any, &at_peer);
    int stranger = violin_udp_open_port(&any, NULL);
    CHECK(peer >= 0 && port >= 0 && stranger >= 0);
    char frame[16];
    struct violin_received in = { .slice = { address_of(frame), sizeof(frame), 0 } };
    struct violin_part part = { address_of("frame"), 5 };
    struct violin_message out = { .destination = loopback((uint16_t)violin_udp_local_port(port)), .part_count = 1 };
    CHECK(violin_udp_send(stranger, &part, &out, 1) == 1);
    CHECK(violin_udp_receive(port, &in, 1) == 0);
    CHECK(violin_udp_send(peer, &part, &out, 1) == 1);
    CHECK(violin_udp_receive(port, &in, 1) == 1 && in.slice.length == 5);

    violin_fd_close(peer);
    out.destination = at_peer;
    CHECK(violin_udp_send(port, &part, &out, 1) == 1);
    CHECK(violin_udp_receive(port, &in, 1) == -ECONNREFUSED);
    CHECK(violin_udp_send(port, &part, &out, 1) == 1);
    CHECK(violin_udp_send(port, &part, &out, 1) == 0 && out.status == -ECONNREFUSED);
    violin_fd_close(port);
    violin_fd_close(stranger);
}

/* Loopback cuts nothing: what one call sends as many datagrams, the other receives as one buffer that knows their
 * size. */
static void udp_carries_many_datagrams_as_one(void)
{
    struct violin_endpoint any = loopback(0);
    int a = violin_udp_open(&any, VIOLIN_ALONE);
    int b = violin_udp_open(&any, VIOLIN_ALONE);
    CHECK(violin_udp_offload(b) == (VIOLIN_UDP_SEGMENT | VIOLIN_UDP_GRO));
    struct violin_endpoint to = loopback((uint16_t)violin_udp_local_port(b));

    static char bytes[3300];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    struct violin_part parts[] = {
        { address_of(bytes), 10 },          { address_of(bytes + 10), 990 },    { address_of(bytes + 1000), 10 },
        { address_of(bytes + 1010), 990 },  { address_of(bytes + 2000), 1000 }, { address_of(bytes + 3000), 300 },
        { address_of(bytes), 100 },
    };
    struct violin_message out[] = { { .destination = to, .part_count = 6, .segment_bytes = 1000 },
                                    { .destination = to, .part_count = 1 } };
    CHECK(violin_udp_send(a, parts, out, 2) == 2);
    CHECK(out[0].status == 0 && out[1].status == 0);

    static char slots[4][70000];
    struct violin_received in[4];
    for (int i = 0; i < 4; i++)
        in[i] = (struct violin_received){ .slice = { address_of(slots[i]), sizeof(slots[i]), 0 } };
    CHECK(violin_udp_receive(b, in, 4) == 2);
    CHECK(in[0].segment_bytes == 1000 && in[0].slice.length == 3300 && memcmp(slots[0], bytes, 3300) == 0);
    CHECK(in[1].slice.length == 100 && in[1].segment_bytes == 0);

    static char huge[2 * 65500];
    struct violin_part halves[] = { { address_of(huge), 32000 }, { address_of(huge), 32000 } };
    struct violin_message long_ones = { .destination = to, .part_count = 2, .segment_bytes = 32000 };
    CHECK(violin_udp_send(a, halves, &long_ones, 1) == 1);
    CHECK(long_ones.status == 0);
    struct violin_part two[] = { { address_of(huge), 65500 }, { address_of(huge), 65500 }, { address_of(bytes), 100 } };
    struct violin_message then[] = { { .destination = to, .part_count = 2, .segment_bytes = 65500 },
                                     { .destination = to, .part_count = 1 } };
    CHECK(violin_udp_send(a, two, then, 2) == 1);
    CHECK(then[0].status == -EMSGSIZE && then[1].status == 0);
    violin_fd_close(a);
    violin_fd_close(b);
}

/* As of a frame that ends with its headers. */
static void a_part_of_nothing_makes_no_datagram(void)
{
    struct violin_endpoint any = loopback(0);
    int a = violin_udp_open(&any, VIOLIN_ALONE);
    int b = violin_udp_open(&any, VIOLIN_ALONE);
    CHECK(violin_udp_offload(b) == (VIOLIN_UDP_SEGMENT | VIOLIN_UDP_GRO));
    static const uint8_t key[32];
    int64_t seal = violin_aead_new(VIOLIN_AES_256_GCM, 1, key);
    CHECK(seal > 0);
    static char bytes[200];
    struct violin_part parts[] = { { address_of(bytes), 100 }, { address_of(bytes + 100), 100 },
                                   { address_of(bytes), 0 } };
    struct violin_message out = { .destination = loopback((uint16_t)violin_udp_local_port(b)), .part_count = 3,
                                  .segment_bytes = 100, .seal = (uint64_t)seal, .status = -1 };
    CHECK(violin_udp_send(a, parts, &out, 1) == 1 && out.status == 0);
    static char slot[70000];
    struct violin_received in = { .slice = { address_of(slot), sizeof(slot), 0 } };
    CHECK(violin_udp_receive(b, &in, 1) == 1);
    CHECK(in.slice.length == 232 && in.segment_bytes == 116);
    violin_aead_free((uint64_t)seal);
    violin_fd_close(a);
    violin_fd_close(b);
}

static void unix_keeps_frames_whole_and_stops_when_full(void)
{
    char directory[] = "/tmp/violin-test-XXXXXX";
    CHECK(mkdtemp(directory) != NULL);
    char path[64];
    snprintf(path, sizeof(path), "%s/port", directory);
    int listener = violin_unix_listen(path);
    CHECK(listener >= 0);
    CHECK(violin_unix_listen(path) == -EADDRINUSE);
    CHECK(violin_unix_accept(listener) == -EAGAIN);
    int guest = violin_unix_connect(path);
    int port = violin_unix_accept(listener);
    CHECK(guest >= 0 && port >= 0);

    static char frame[1514];
    struct violin_message out[VIOLIN_BATCH_MAX];
    struct violin_part parts[2 * VIOLIN_BATCH_MAX];
    for (int i = 0; i < VIOLIN_BATCH_MAX; i++) {
        parts[2 * i] = (struct violin_part){ address_of(frame), 14 };
        parts[2 * i + 1] = (struct violin_part){ address_of(frame + 14), sizeof(frame) - 14 };
        out[i].part_count = 2;
    }
    int sent = 0;
    int last = 0;
    do {
        last = violin_unix_send(guest, parts, out, VIOLIN_BATCH_MAX);
        sent += last;
    } while (last == VIOLIN_BATCH_MAX);
    CHECK(sent > 20);
    CHECK(out[last].status == -EAGAIN && out[VIOLIN_BATCH_MAX - 1].status == -EAGAIN);

    static char slots[VIOLIN_BATCH_MAX][2048];
    int received = 0;
    for (;;) {
        struct violin_slice in[VIOLIN_BATCH_MAX];
        for (int i = 0; i < VIOLIN_BATCH_MAX; i++)
            in[i] = (struct violin_slice){ address_of(slots[i]), sizeof(slots[i]), 0 };
        int n = violin_unix_receive(port, in, VIOLIN_BATCH_MAX);
        if (n <= 0)
            break;
        for (int i = 0; i < n; i++)
            CHECK(in[i].length == sizeof(frame) && in[i].status == 0);
        received += n;
    }
    CHECK(received == sent);

    CHECK(violin_unix_is_hung_up(port) == 0);
    violin_fd_close(guest);
    CHECK(violin_unix_is_hung_up(port) == 1);
    violin_fd_close(port);
    violin_fd_close(listener);
    unlink(path);
    rmdir(directory);
}

static void epoll_reports_the_token_and_times_out(void)
{
    int epoll = violin_epoll_create();
    int fd = violin_eventfd_create();
    struct violin_event events[4];
    CHECK(violin_epoll_add(epoll, fd, 1, 42) == 0);
    CHECK(violin_epoll_wait(epoll, events, 4, 1000000) == 0);
    CHECK(violin_eventfd_signal(fd) == 0);
    CHECK(violin_epoll_wait(epoll, events, 4, -1) == 1 && events[0].token == 42);
    CHECK(violin_eventfd_drain(fd) == 0);
    CHECK(violin_eventfd_drain(fd) == 0);
    CHECK(violin_epoll_wait(epoll, events, 4, 0) == 0);
    CHECK(violin_epoll_remove(epoll, fd) == 0);
    violin_fd_close(fd);
    violin_fd_close(epoll);
}

static uint32_t worker_of(uint32_t address, uint16_t port, uint32_t count)
{
    return ((address ^ port) * 0x9E3779B1u >> 16) % count;
}

/* What names a session is found at one socket, and what names none at one by its sender; we know at which. */
static void udp_sockets_share_an_address_by_session_or_peer(void)
{
    enum { SOCKETS = 3, PEERS = 32 };
    struct violin_endpoint any = loopback(0);
    int sockets[SOCKETS];
    sockets[0] = violin_udp_open(&any, VIOLIN_FIRST);
    struct violin_endpoint shared = loopback((uint16_t)violin_udp_local_port(sockets[0]));
    for (int i = 1; i < SOCKETS; i++)
        sockets[i] = violin_udp_open(&shared, VIOLIN_NEXT);
    CHECK(violin_udp_steer(sockets[0], SOCKETS) == 0);
    CHECK(violin_udp_open(&shared, VIOLIN_ALONE) == -EADDRINUSE);
    CHECK(violin_udp_open(&shared, VIOLIN_FIRST) == -EADDRINUSE);

    static char buffer[2048];
    int used[2][SOCKETS] = { { 0 } };
    for (int i = 0; i < 2 * PEERS; i++) {
        int named = i & 1;
        char header[16] = { 0 };
        header[7] = (char)(named ? i : 0);
        header[4] = (char)(named ? 0xF0 : 0);
        struct violin_endpoint source = loopback(0);
        source.address[15] = (uint8_t)(1 + i);
        int peer = violin_udp_open(&source, VIOLIN_ALONE);
        struct violin_part part = { address_of(header), sizeof(header) };
        struct violin_message message = { .destination = shared, .part_count = 1 };
        CHECK(violin_udp_send(peer, &part, &message, 1) == 1);
        uint32_t expected = named
            ? (0xF0000000u + (uint32_t)i) % SOCKETS
            : worker_of(0x7F000001u + (uint32_t)i, (uint16_t)violin_udp_local_port(peer), SOCKETS);
        for (uint32_t j = 0; j < SOCKETS; j++) {
            struct violin_received in = { .slice = { address_of(buffer), sizeof(buffer), 0 } };
            CHECK(violin_udp_receive(sockets[j], &in, 1) == (j == expected));
        }
        used[named][expected]++;
        violin_fd_close(peer);
    }
    for (int i = 0; i < SOCKETS; i++) {
        CHECK(used[0][i] > 0 && used[1][i] > 0);
        violin_fd_close(sockets[i]);
    }
}

static void a_thread_is_pinned_to_a_cpu_that_there_is(void)
{
    CHECK(violin_thread_pin(-1) == -EINVAL);
    CHECK(violin_thread_pin(1023) == -EINVAL);
    CHECK(violin_thread_pin(sched_getcpu()) == 0);
    CHECK(violin_thread_short_turns() >= 0);
    CHECK(setpriority(PRIO_PROCESS, 0, 3) == 0);
    int realtime = violin_thread_realtime(1);
    CHECK(realtime == 0 || realtime == 1);
    CHECK(violin_thread_realtime(0) == realtime);
    CHECK((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_OTHER);
    CHECK(getpriority(PRIO_PROCESS, 0) == 3);
}

static void bad_names_are_refused(void)
{
    char path[200];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = 0;
    CHECK(violin_unix_listen(path) == -ENAMETOOLONG);
    CHECK(violin_tap_open("a-name-of-more-than-15-bytes", VIOLIN_ALONE) == -EINVAL);
    CHECK(violin_tap_open("", VIOLIN_ALONE) == -EINVAL);
    CHECK(violin_abi_layout(-1) == -1 && violin_abi_layout(1000) == -1 && violin_abi_layout(0) == 16);
}

int main(void)
{
    udp_carries_parts_and_names_the_source();
    udp_carries_many_datagrams_as_one();
    a_part_of_nothing_makes_no_datagram();
    a_udp_port_hears_one_peer_and_of_its_refusals();
    unix_keeps_frames_whole_and_stops_when_full();
    epoll_reports_the_token_and_times_out();
    udp_sockets_share_an_address_by_session_or_peer();
    bad_names_are_refused();
    a_thread_is_pinned_to_a_cpu_that_there_is();
    if (failures == 0)
        puts("batch_test: passed");
    return failures != 0;
}
