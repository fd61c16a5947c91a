/* SPDX-License-Identifier: Apache-2.0
 *
 * The tunnels' UDP socket: scatter-gather datagrams to many destinations, one system call a batch. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "violin.h"

/* A burst of one round trip at some Gbit/s. Where the process may not exceed net.core.{r,w}mem_max, that is it. */
#define UDP_BUFFER_BYTES (4 << 20)

union udp_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static const uint8_t v4_mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static int is_v4(const struct violin_endpoint *endpoint)
{
    return memcmp(endpoint->address, v4_mapped, sizeof(v4_mapped)) == 0;
}

/* An endpoint as the kernel wants it; returns the length. */
static socklen_t to_kernel(union udp_address *to, const struct violin_endpoint *from)
{
    memset(to, 0, sizeof(*to));
    if (is_v4(from)) {
        to->v4.sin_family = AF_INET;
        to->v4.sin_port = htons(from->port);
        memcpy(&to->v4.sin_addr, from->address + 12, 4);
        return sizeof(to->v4);
    }
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_port = htons(from->port);
    memcpy(&to->v6.sin6_addr, from->address, 16);
    to->v6.sin6_scope_id = from->scope;
    return sizeof(to->v6);
}

static void from_kernel(struct violin_endpoint *to, const union udp_address *from)
{
    memset(to, 0, sizeof(*to));
    if (from->any.sa_family == AF_INET) {
        memcpy(to->address, v4_mapped, sizeof(v4_mapped));
        memcpy(to->address + 12, &from->v4.sin_addr, 4);
        to->port = ntohs(from->v4.sin_port);
    } else {
        memcpy(to->address, &from->v6.sin6_addr, 16);
        to->port = ntohs(from->v6.sin6_port);
        to->scope = from->v6.sin6_scope_id;
    }
}

static void udp_buffer(int fd, int force, int option)
{
    int bytes = UDP_BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) < 0)
        setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

int violin_udp_open(const struct violin_endpoint *local)
{
    union udp_address address;
    socklen_t length = to_kernel(&address, local);
    int v4 = is_v4(local);
    int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* The tunnel cuts its datagrams to the first hop's MTU; a narrower hop further on may fragment them (DF clear). */
    int discover = IP_PMTUDISC_DONT;
    int only = 1;
    int error = v4 ? setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover))
                   : setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    if (error == 0)
        error = bind(fd, &address.any, length);
    if (error < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    udp_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
    udp_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
    return fd;
}

int violin_udp_local_port(int fd)
{
    union udp_address address;
    socklen_t length = sizeof(address);
    if (getsockname(fd, &address.any, &length) < 0)
        return -errno;
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

/* Datagrams that the kernel dropped because the receive buffer was full, since the socket was opened; wraps at 2^32. */
int64_t violin_udp_overflows(int fd)
{
    uint32_t info[SK_MEMINFO_VARS];
    socklen_t length = sizeof(info);
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &length) < 0)
        return -errno;
    return info[SK_MEMINFO_DROPS];
}

/* The MTU of the route to a peer, as the kernel knows it. */
int violin_udp_path_mtu(const struct violin_endpoint *remote)
{
    union udp_address address;
    socklen_t length = to_kernel(&address, remote);
    int v4 = is_v4(remote);
    int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int mtu = 0;
    socklen_t size = sizeof(mtu);
    int error = connect(fd, &address.any, length);
    if (error == 0)
        error = getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &size);
    error = error < 0 ? -errno : 0;
    close(fd);
    return error ? error : mtu;
}

int violin_udp_receive(int fd, struct violin_received *datagrams, int count)
{
    struct mmsghdr messages[VIOLIN_BATCH_MAX];
    struct iovec parts[VIOLIN_BATCH_MAX];
    union udp_address sources[VIOLIN_BATCH_MAX];
    if (count > VIOLIN_BATCH_MAX)
        count = VIOLIN_BATCH_MAX;
    for (int i = 0; i < count; i++) {
        parts[i].iov_base = (void *)(uintptr_t)datagrams[i].slice.address;
        parts[i].iov_len = datagrams[i].slice.length;
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &sources[i],
            .msg_namelen = sizeof(sources[i]),
            .msg_iov = &parts[i],
            .msg_iovlen = 1,
        };
    }
    int n = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        datagrams[i].slice.length = messages[i].msg_len;
        datagrams[i].slice.status = messages[i].msg_hdr.msg_flags & MSG_TRUNC ? VIOLIN_TRUNCATED : 0;
        from_kernel(&datagrams[i].source, &sources[i]);
    }
    return n;
}

/* Sends in order and returns how many went; `status` tells of each. A full socket (-EAGAIN) ends the batch, any other
 * error is that datagram's own (no route to this peer) and the rest goes on. */
int violin_udp_send(int fd, const struct violin_part *parts, struct violin_datagram *datagrams, int count)
{
    _Static_assert(sizeof(struct violin_part) == sizeof(struct iovec), "a part is an iovec");
    struct mmsghdr messages[VIOLIN_BATCH_MAX];
    union udp_address destinations[VIOLIN_BATCH_MAX];
    if (count > VIOLIN_BATCH_MAX)
        count = VIOLIN_BATCH_MAX;
    for (int i = 0; i < count; i++) {
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &destinations[i],
            .msg_namelen = to_kernel(&destinations[i], &datagrams[i].destination),
            .msg_iov = (struct iovec *)(uintptr_t)parts,
            .msg_iovlen = datagrams[i].part_count,
        };
        parts += datagrams[i].part_count;
        datagrams[i].status = 0;
    }
    int next = 0;
    int sent = 0;
    while (next < count) {
        int n = sendmmsg(fd, messages + next, (unsigned)(count - next), MSG_DONTWAIT);
        if (n > 0) {
            next += n;
            sent += n;
            continue;
        }
        int error = -errno;
        if (error == -EINTR)
            continue;
        int last = error == -EAGAIN ? count : next + 1;
        while (next < last)
            datagrams[next++].status = error;
    }
    return sent;
}
