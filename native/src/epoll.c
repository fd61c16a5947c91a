/* SPDX-License-Identifier: Apache-2.0
 *
 * Readiness, level-triggered: what was not read is reported again, so a bounded batch loses nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "violin.h"

int violin_epoll_create(void)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

int violin_epoll_add(int epoll, int fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = { .events = events, .data.u64 = token };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

int violin_epoll_remove(int epoll, int fd)
{
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0 ? 0 : -errno;
}

/* timeout_ns < 0: until something happens. A signal ends the wait early with no events. */
int violin_epoll_wait(int epoll, struct violin_event *events, int count, int64_t timeout_ns)
{
    struct epoll_event ready[VIOLIN_BATCH_MAX];
    if (count > VIOLIN_BATCH_MAX)
        count = VIOLIN_BATCH_MAX;

    struct timespec timeout = { .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000 };
    int n = epoll_pwait2(epoll, ready, count, timeout_ns < 0 ? NULL : &timeout, NULL);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        events[i].token = ready[i].data.u64;
        events[i].events = ready[i].events;
    }
    return n;
}

int violin_eventfd_create(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

int violin_eventfd_signal(int fd)
{
    return eventfd_write(fd, 1) == 0 ? 0 : -errno;
}

int violin_eventfd_drain(int fd)
{
    eventfd_t value;
    return eventfd_read(fd, &value) == 0 || errno == EAGAIN ? 0 : -errno;
}

int violin_fd_duplicate(int fd)
{
    int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return duplicate >= 0 ? duplicate : -errno;
}

int violin_fd_close(int fd)
{
    return close(fd) == 0 ? 0 : -errno;
}
