/* SPDX-License-Identifier: Apache-2.0
 *
 * Packet sockets (packet(7)): the frames of an interface of the host, each behind a virtio-net header as those of a TAP
 * are, so that super-frames pass whole. What a socket has changed on the interface the kernel takes back when the
 * socket closes, also when the process is killed.
 *
 * The kernel takes the outer VLAN tag out of a frame before any socket sees it, and tells of it beside the frame. Here
 * it is put back: each frame is read with the room of a tag in front, and if it had one, what stands before the tag is
 * moved there. The payload stays where it lies. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"
#include "violin.h"

_Static_assert(sizeof(struct violin_instruction) == sizeof(struct sock_filter), "the same");

/* The kernel doubles both, and charges what memory frames take: some hundred super-frames. */
#define PACKET_BUFFER_BYTES (4 << 20)

/* Super-frames read at once that are still in the second-level cache when they are sent on. */
#define PACKET_READ_BYTES (256 * 1024)

#define PACKET_TAG_BYTES 4
/* What stands before a tag: the virtio-net header and the frame's addresses. */
#define PACKET_HEAD_BYTES (sizeof(struct virtio_net_hdr) + 2 * ETH_ALEN)

/* Hears of nothing until it is bound. */
int violin_packet_open(void)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* What the host itself sends by the interface, and what is sent by this socket, does not come back. */
    static const int options[] = { PACKET_VNET_HDR, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING };
    int one = 1;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (setsockopt(fd, SOL_PACKET, options[i], &one, sizeof(one)) < 0) {
            int error = -errno;
            close(fd);
            return error;
        }
    }
    socket_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, PACKET_BUFFER_BYTES);
    socket_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, PACKET_BUFFER_BYTES);
    return fd;
}

/* Has the kernel drop what the program returns 0 for, uncounted. */
int violin_packet_filter(int fd, const struct violin_instruction *program, int count)
{
    struct sock_fprog filter = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)(uintptr_t)program,
    };
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ? -errno : 0;
}

int violin_packet_bind(int fd, int interface)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = interface,
    };
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

/* The index of the interface that a socket is bound to. Not positive: that has gone, and the socket is deaf. */
int violin_packet_bound(int fd)
{
    struct sockaddr_ll address;
    socklen_t length = sizeof(address);
    return getsockname(fd, (struct sockaddr *)&address, &length) < 0 ? -errno : address.sll_ifindex;
}

/* Has the interface let through what it would not: `kind` is a PACKET_MR_ of the kernel's, the address for those that
 * have one. */
int violin_packet_join(int fd, int interface, int kind, uint64_t mac)
{
    struct packet_mreq request = {
        .mr_ifindex = interface,
        .mr_type = (unsigned short)kind,
        .mr_alen = ETH_ALEN,
    };
    for (int i = 0; i < ETH_ALEN; i++)
        request.mr_address[i] = (unsigned char)(mac >> (40 - 8 * i));
    return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) < 0 ? -errno : 0;
}

/* Frames that found the socket's buffer full since the last call. */
int violin_packet_drops(int fd)
{
    struct tpacket_stats stats;
    socklen_t length = sizeof(stats);
    return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length) < 0 ? -errno : (int)stats.tp_drops;
}

static void packet_restore_tag(struct violin_slice *slice, struct msghdr *message)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    if (control == NULL || control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA)
        return;
    struct tpacket_auxdata aux;
    memcpy(&aux, CMSG_DATA(control), sizeof(aux));
    if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || slice->length < PACKET_HEAD_BYTES)
        return;
    slice->address -= PACKET_TAG_BYTES;
    slice->length += PACKET_TAG_BYTES;
    uint8_t *at = (uint8_t *)(uintptr_t)slice->address;
    memmove(at, at + PACKET_TAG_BYTES, PACKET_HEAD_BYTES);
    if (!(aux.tp_status & TP_STATUS_VLAN_TPID_VALID))
        aux.tp_vlan_tpid = ETH_P_8021Q;
    uint16_t tag[] = { htons(aux.tp_vlan_tpid), htons(aux.tp_vlan_tci) };
    memcpy(at + PACKET_HEAD_BYTES, tag, PACKET_TAG_BYTES);
    struct virtio_net_hdr header;
    memcpy(&header, at, sizeof(header));
    if (header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        header.csum_start = (uint16_t)(header.csum_start + PACKET_TAG_BYTES);
        memcpy(at, &header, sizeof(header));
    }
}

/* Reads until nothing waits, the slices are full, or there is work enough. A frame begins at its slice's `address` as
 * it is then: one without a VLAN tag further back than where the slice did. */
int violin_packet_receive(int fd, struct violin_slice *slices, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        if (bytes >= PACKET_READ_BYTES)
            return i;
        union {
            struct cmsghdr alignment;
            char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        } control;
        struct iovec part = {
            .iov_base = (void *)(uintptr_t)(slices[i].address + PACKET_TAG_BYTES),
            .iov_len = slices[i].length - PACKET_TAG_BYTES,
        };
        struct msghdr message = {
            .msg_iov = &part,
            .msg_iovlen = 1,
            .msg_control = &control,
            .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
        if (n < 0)
            return i > 0 || errno == EAGAIN || errno == EINTR ? i : -errno;
        slices[i].address += PACKET_TAG_BYTES;
        slices[i].length = (uint32_t)n;
        slices[i].status = message.msg_flags & MSG_TRUNC ? VIOLIN_TRUNCATED : 0;
        packet_restore_tag(&slices[i], &message);
        bytes += (size_t)n;
    }
    return count;
}
