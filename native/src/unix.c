/* SPDX-License-Identifier: Apache-2.0
 *
 * Unix SEQPACKET sockets: one message is one frame, as UML's "bess" transport has it. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "socket.h"
#include "violin.h"

/* What a guest may lag behind before its frames are dropped: some 400 full frames with the kernel's overhead. */
#define UNIX_BUFFER_BYTES (1 << 20)

static int unix_address(struct sockaddr_un *address, const char *path)
{
    size_t length = strlen(path);
    if (length >= sizeof(address->sun_path))
        return -ENAMETOOLONG;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length + 1);
    return 0;
}

int violin_unix_listen(const char *path)
{
    struct sockaddr_un address;
    int error = unix_address(&address, path);
    if (error)
        return error;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

int violin_unix_connect(const char *path)
{
    struct sockaddr_un address;
    int error = unix_address(&address, path);
    if (error)
        return error;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    socket_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, UNIX_BUFFER_BYTES);
    return fd;
}

int violin_unix_accept(int fd)
{
    int connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0)
        return -errno;
    socket_buffer(connection, SO_SNDBUFFORCE, SO_SNDBUF, UNIX_BUFFER_BYTES);
    return connection;
}

/* A message of no bytes and the end of the connection read alike: this tells them apart. */
int violin_unix_is_hung_up(int fd)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN | POLLRDHUP };
    while (poll(&poller, 1, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return (poller.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0;
}

/* Ends a connection for all who have a descriptor of it. */
int violin_unix_shutdown(int fd)
{
    return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0;
}

int violin_unix_receive(int fd, struct violin_slice *slices, int count)
{
    struct mmsghdr messages[VIOLIN_BATCH_MAX];
    struct iovec parts[VIOLIN_BATCH_MAX];
    if (count > VIOLIN_BATCH_MAX)
        count = VIOLIN_BATCH_MAX;
    for (int i = 0; i < count; i++) {
        parts[i].iov_base = (void *)(uintptr_t)slices[i].address;
        parts[i].iov_len = slices[i].length;
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
    }
    int n = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        slices[i].length = messages[i].msg_len;
        slices[i].status = messages[i].msg_hdr.msg_flags & MSG_TRUNC ? VIOLIN_TRUNCATED : 0;
    }
    return n;
}

/* Sends in order and returns how many went; `status` tells of each. A full queue (-EAGAIN) ends the batch. */
int violin_unix_send(int fd, const struct violin_part *parts, struct violin_message *messages, int count)
{
    struct mmsghdr out[VIOLIN_MESSAGES_MAX];
    if (count > VIOLIN_MESSAGES_MAX)
        count = VIOLIN_MESSAGES_MAX;
    for (int i = 0; i < count; i++) {
        out[i].msg_hdr = (struct msghdr){
            .msg_iov = (struct iovec *)(uintptr_t)parts,
            .msg_iovlen = messages[i].part_count,
        };
        parts += messages[i].part_count;
        messages[i].status = 0;
    }
    int next = 0;
    int sent = 0;
    while (next < count) {
        int error;
        int went = socket_send(fd, out + next, count - next, &error);
        next += went;
        sent += went;
        int last = error == -EMSGSIZE ? next + 1 : count;
        while (next < last)
            messages[next++].status = error;
    }
    return sent;
}
