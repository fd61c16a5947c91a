/* SPDX-License-Identifier: Apache-2.0
 *
 * The batched calls against the real kernel: loopback UDP and a unix socket pair of a temporary path. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "violin.h"

static int failures;

#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
            failures++;                                                              \
        }                                                                            \
    } while (0)

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
    int a = violin_udp_open(&any);
    int b = violin_udp_open(&any);
    CHECK(a >= 0 && b >= 0);
    struct violin_endpoint to = loopback((uint16_t)violin_udp_local_port(b));
    CHECK(violin_udp_path_mtu(&to) > 1500);

    struct violin_part parts[] = {
        { address_of("head"), 4 }, { address_of("body"), 4 }, { address_of("alone"), 5 },
    };
    struct violin_datagram out[] = { { to, 2, -1 }, { to, 1, -1 } };
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
        struct violin_datagram one = { to, 1, 0 };
        violin_udp_send(a, &large, &one, 1);
    }
    CHECK(violin_udp_overflows(b) > 0);

    struct violin_endpoint taken = loopback((uint16_t)violin_udp_local_port(b));
    CHECK(violin_udp_open(&taken) == -EADDRINUSE);
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
    struct violin_slice out[VIOLIN_BATCH_MAX];
    int sent = 0;
    int last = 0;
    do {
        for (int i = 0; i < VIOLIN_BATCH_MAX; i++)
            out[i] = (struct violin_slice){ address_of(frame), sizeof(frame), 0 };
        last = violin_unix_send(guest, out, VIOLIN_BATCH_MAX);
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

static void bad_names_are_refused(void)
{
    char path[200];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = 0;
    CHECK(violin_unix_listen(path) == -ENAMETOOLONG);
    CHECK(violin_tap_open("a-name-of-more-than-15-bytes") == -EINVAL);
    CHECK(violin_tap_open("") == -EINVAL);
    CHECK(violin_abi_layout(-1) == -1 && violin_abi_layout(1000) == -1 && violin_abi_layout(0) == 16);
}

int main(void)
{
    udp_carries_parts_and_names_the_source();
    unix_keeps_frames_whole_and_stops_when_full();
    epoll_reports_the_token_and_times_out();
    bad_names_are_refused();
    if (failures == 0)
        puts("batch_test: passed");
    return failures != 0;
}
