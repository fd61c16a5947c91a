/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP sockets, of tunnels and of ports: datagrams to and from many peers, as few system calls as there can be. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datagrams.h"
#include "join.h"
#include "socket.h"
#include "violin.h"

/* The kernel doubles both, and charges what memory datagrams take. A TCP stream that never loses anything fills all
 * that there is: with 8 MB the round trip beside it was over three times that with 768 KB, at nearly the same
 * throughput. With the double of this one stream was 5 to 16 % faster than with 768 KB, as it lost a twentieth as much,
 * and the round trip beside it a quarter longer. */
#define UDP_RECEIVE_BYTES (1 << 19)
/* A burst of one round trip at some Gbit/s. */
#define UDP_SEND_BYTES (4 << 20)

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

/* Closes a socket that a call has failed on; the error. */
static int failed(int fd)
{
    int error = -errno;
    close(fd);
    return error;
}

/* A socket that is not bound; `discover`: what is done about a path's MTU, a value of IP_MTU_DISCOVER. */
static int new_socket(int v4, int discover)
{
    _Static_assert(IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE && IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT, "one for both");
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int one = 1;
    int error = v4 ? setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover))
                   : setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover, sizeof(discover));
    if (error == 0 && !v4)
        error = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (error < 0)
        return failed(fd);
    socket_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, UDP_RECEIVE_BYTES);
    socket_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, UDP_SEND_BYTES);
    return fd;
}

/* Several sockets share an address by SO_REUSEPORT. The first binds without it, which fails where anybody has the
 * address, sharing or not; it shares from then on. Nobody fragments what the tunnel sends: it finds out what the path
 * carries (RFC 8899), and believes no ICMP. */
int violin_udp_open(const struct violin_endpoint *local, int role)
{
    union udp_address address;
    socklen_t length = to_kernel(&address, local);
    int v4 = is_v4(local);
    int fd = new_socket(v4, IP_PMTUDISC_PROBE);
    if (fd < 0)
        return fd;
    int one = 1;
    int error = v4 ? 0 : setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &one, sizeof(one));
    if (error == 0 && role == VIOLIN_NEXT)
        error = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (error == 0)
        error = bind(fd, &address.any, length);
    if (error == 0 && role == VIOLIN_FIRST)
        error = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    return error < 0 ? failed(fd) : fd;
}

/* A socket for a peer that is no daemon, and has no way to say what the path carries: what exceeds it goes in fragments
 * of IP. With `only` the kernel takes datagrams from this address and port alone, and tells of those that were refused
 * there; where no route leads there yet, it takes any, and tells nothing. */
int violin_udp_open_port(const struct violin_endpoint *local, const struct violin_endpoint *only)
{
    union udp_address address;
    socklen_t length = to_kernel(&address, local);
    int fd = new_socket(is_v4(local), IP_PMTUDISC_DONT);
    if (fd < 0)
        return fd;
    if (bind(fd, &address.any, length) < 0)
        return failed(fd);
    if (only == NULL)
        return fd;
    length = to_kernel(&address, only);
    if (connect(fd, &address.any, length) < 0 && errno != ENETUNREACH && errno != EHOSTUNREACH)
        return failed(fd);
    return fd;
}

/* Has the sockets that share an address, in the order in which they were bound, take what names one session, or else
 * comes from one peer, always at the same one: the kernel's own choice would depend on a secret, and change with the
 * address that the peer sends to. Java computes the same numbers (Endpoint.worker). A session: its index, at 4 of the
 * datagram, modulo the count. A peer, where the index is 0: the source's words exclusively or'ed (with IPv4 the port
 * too; with IPv6 it may lie behind other headers), times an odd constant, the upper half of that modulo the count. The
 * filter sees the datagram from UDP's payload on; one too short for an index goes to the first. */
int violin_udp_steer(int fd, int count)
{
    const uint32_t multiplier = 0x9E3779B1;
    const uint32_t ip = (uint32_t)SKF_NET_OFF;
    const uint32_t index = 4;
    struct sock_filter v4[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, index),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 7),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, ip),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, ip),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 12),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, multiplier),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (uint32_t)count),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_filter v6[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, index),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 12),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 8),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 12),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 16),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 20),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, multiplier),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (uint32_t)count),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    int family;
    socklen_t length = sizeof(family);
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) < 0)
        return -errno;
    struct sock_fprog program = { .len = sizeof(v4) / sizeof(v4[0]), .filter = v4 };
    if (family == AF_INET6)
        program = (struct sock_fprog){ .len = sizeof(v6) / sizeof(v6[0]), .filter = v6 };
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) < 0 ? -errno : 0;
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

/* Both ways a socket takes and gives many datagrams as one; returns which of the two the kernel has. */
int violin_udp_offload(int fd)
{
    int offload = 0;
    int value = 1;
    socklen_t length = sizeof(value);
    if (setsockopt(fd, SOL_UDP, UDP_GRO, &value, sizeof(value)) == 0)
        offload |= VIOLIN_UDP_GRO;
    if (getsockopt(fd, SOL_UDP, UDP_SEGMENT, &value, &length) == 0)
        offload |= VIOLIN_UDP_SEGMENT;
    return offload;
}

/* One message's control data: UDP_GRO's int when receiving, UDP_SEGMENT's uint16_t when sending. */
union udp_control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static uint32_t joined_bytes(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int bytes;
            memcpy(&bytes, CMSG_DATA(c), sizeof(bytes));
            return bytes > 0 ? (uint32_t)bytes : 0;
        }
    }
    return 0;
}

int violin_udp_receive(int fd, struct violin_received *datagrams, int count)
{
    struct mmsghdr messages[VIOLIN_BATCH_MAX];
    struct iovec parts[VIOLIN_BATCH_MAX];
    union udp_address sources[VIOLIN_BATCH_MAX];
    union udp_control controls[VIOLIN_BATCH_MAX];
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
            .msg_control = &controls[i],
            .msg_controllen = sizeof(controls[i]),
        };
    }
    int n = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        datagrams[i].slice.length = messages[i].msg_len;
        datagrams[i].slice.status = messages[i].msg_hdr.msg_flags & MSG_TRUNC ? VIOLIN_TRUNCATED : 0;
        datagrams[i].segment_bytes = joined_bytes(&messages[i].msg_hdr);
        from_kernel(&datagrams[i].source, &sources[i]);
    }
    return n;
}

static void segment_control(struct msghdr *message, union udp_control *control, uint32_t segment_bytes)
{
    uint16_t bytes = (uint16_t)segment_bytes;
    memset(control, 0, sizeof(*control));
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(sizeof(bytes));
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(bytes));
    memcpy(CMSG_DATA(c), &bytes, sizeof(bytes));
}

/* Sends one by one the datagrams of a message that the kernel would not cut; 0, or the error of the first refused. */
static int send_uncut(int fd, const struct msghdr *whole, uint32_t segment_bytes)
{
    char *at = whole->msg_iov->iov_base;
    size_t left = whole->msg_iov->iov_len;
    int error = 0;
    while (left > 0) {
        struct iovec part = { .iov_base = at, .iov_len = left < segment_bytes ? left : segment_bytes };
        struct msghdr one = { .msg_name = whole->msg_name, .msg_namelen = whole->msg_namelen, .msg_iov = &part,
                              .msg_iovlen = 1 };
        if (sendmsg(fd, &one, MSG_DONTWAIT) < 0 && error == 0)
            error = -errno;
        at += part.iov_len;
        left -= part.iov_len;
    }
    return error;
}

/* What the kernel would take as it is, but slowly, or not take at all. */
static int is_to_make(const struct violin_message *message)
{
    return message->seal || message->fec || message->is_cut || (message->segment_bytes && message->part_count > 1);
}

/* Prepares messages from the first on, as many as there is memory to make; `ready` has what they then are. Returns how
 * many, 1 at least, or the first one's error. */
static int prepare(struct mmsghdr *out, const struct violin_message *messages, struct iovec *ready, int count)
{
    uint8_t *memory = join_memory();
    size_t used = 0;
    int i;
    for (i = 0; i < count; i++) {
        struct msghdr *message = &out[i].msg_hdr;
        if (!is_to_make(&messages[i]))
            continue;
        ssize_t bytes = make_datagrams(&messages[i], message->msg_iov, memory + used, JOIN_BYTES - used);
        if (bytes < 0)
            return i > 0 ? i : (int)bytes;
        ready[i] = (struct iovec){ .iov_base = memory + used, .iov_len = (size_t)bytes };
        message->msg_iov = &ready[i];
        message->msg_iovlen = 1;
        used += (size_t)bytes;
    }
    return i;
}

static uint32_t datagram_bytes(const struct violin_message *message)
{
    return message->segment_bytes + (message->seal ? VIOLIN_TAG_BYTES : 0);
}

/* What has become of a message that the kernel would not take. */
static int refused(int fd, const struct msghdr *out, const struct violin_message *message, int error)
{
    if (message->segment_bytes == 0 || (error != -EIO && error != -EMSGSIZE && error != -EINVAL))
        return error;
    int uncut = send_uncut(fd, out, datagram_bytes(message));
    return uncut ? uncut : error == -EIO ? VIOLIN_UNSEGMENTED : 0;
}

/* Sends in order and returns how many went; `status` tells of each. A full socket (-EAGAIN) ends the batch, any other
 * error is that message's own (no route to this peer) and the rest goes on. A kernel that will not cut says EIO
 * (before 6.11, without checksum offload on the way out), or EMSGSIZE or EINVAL (a datagram longer than the next hop's
 * MTU, which goes in IP fragments). */
int violin_udp_send(int fd, const struct violin_part *parts, struct violin_message *messages, int count)
{
    _Static_assert(sizeof(struct violin_part) == sizeof(struct iovec), "a part is an iovec");
    struct mmsghdr out[VIOLIN_MESSAGES_MAX];
    union udp_address destinations[VIOLIN_MESSAGES_MAX];
    union udp_control controls[VIOLIN_MESSAGES_MAX];
    struct iovec ready[VIOLIN_MESSAGES_MAX];
    if (count > VIOLIN_MESSAGES_MAX)
        count = VIOLIN_MESSAGES_MAX;
    for (int i = 0; i < count; i++) {
        out[i].msg_hdr = (struct msghdr){
            .msg_name = &destinations[i],
            .msg_namelen = to_kernel(&destinations[i], &messages[i].destination),
            .msg_iov = (struct iovec *)(uintptr_t)parts,
            .msg_iovlen = messages[i].part_count,
        };
        if (messages[i].segment_bytes)
            segment_control(&out[i].msg_hdr, &controls[i], datagram_bytes(&messages[i]));
        parts += messages[i].part_count;
        messages[i].status = 0;
    }
    int next = 0;
    int sent = 0;
    while (next < count) {
        int prepared = prepare(out + next, messages + next, ready + next, count - next);
        if (prepared < 0) {
            messages[next++].status = prepared;
            continue;
        }
        for (int end = next + prepared; next < end;) {
            int error;
            int went = socket_send(fd, out + next, end - next, &error);
            next += went;
            sent += went;
            if (error == -EAGAIN) {
                while (next < count)
                    messages[next++].status = error;
                return sent;
            }
            if (error) {
                messages[next].status = refused(fd, &out[next].msg_hdr, &messages[next], error);
                sent += messages[next++].status >= 0;
            }
        }
    }
    return sent;
}
