/* SPDX-License-Identifier: Apache-2.0
 *
 * TAP devices: one read or write is one Ethernet frame behind a virtio-net header of 10 bytes, so a batch is a loop on
 * this side of the Java boundary. The device is not persistent: it goes away with the last descriptor, also when the
 * process is killed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device.h"
#include "join.h"
#include "violin.h"

/* Linux 6.2; older headers, as Debian 12's, lack them. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/* As VIOLIN_FIRST or VIOLIN_NEXT: a device of several queues, and one queue more of it. The kernel sends a flow to the
 * queue that its answers are written to, or else by its hash. */
int violin_tap_open(const char *device, int role)
{
    struct ifreq request;
    int error = device_request(&request, device);
    if (error)
        return error;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* IFF_TUN_EXCL: a device of that name that is there already is somebody else's. */
    request.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (role == VIOLIN_NEXT ? 0 : IFF_TUN_EXCL)
                                | (role == VIOLIN_ALONE ? 0 : IFF_MULTI_QUEUE));
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

/* Asks the device for as much unfinished work as the kernel knows to leave; returns what that is. */
int violin_tap_offload(int fd)
{
    const unsigned tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    if (ioctl(fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6) == 0)
        return VIOLIN_TAP_CHECKSUM | VIOLIN_TAP_TCP | VIOLIN_TAP_UDP;
    if (ioctl(fd, TUNSETOFFLOAD, tcp) == 0)
        return VIOLIN_TAP_CHECKSUM | VIOLIN_TAP_TCP;
    if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM) == 0)
        return VIOLIN_TAP_CHECKSUM;
    return 0;
}

/* The longest super-frame that the host makes for the device: cut for a path of 1500 bytes it fills 44 datagrams, which
 * is as many as one message of a UDP socket carries. A longer one would need a second message for its last few. */
#define TAP_GSO_MAX_BYTES 60900

/* An optimisation: a kernel that will not do it goes on with 64 KiB. */
static void tap_limit_super_frames(int index)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
        struct rtattr attribute;
        uint32_t bytes;
    } request = {
        .header = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST },
        .link = { .ifi_family = AF_UNSPEC, .ifi_index = index },
        .attribute = { .rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = IFLA_GSO_MAX_SIZE },
        .bytes = TAP_GSO_MAX_BYTES,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return;
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    sendto(fd, &request, sizeof(request), 0, (struct sockaddr *)&kernel, sizeof(kernel));
    close(fd);
}

/* An address is 48 bits, the first octet the highest. */
static int tap_set_mac(int fd, struct ifreq *request, uint64_t mac)
{
    request->ifr_hwaddr.sa_family = ARPHRD_ETHER;
    for (int i = 0; i < 6; i++)
        request->ifr_hwaddr.sa_data[i] = (char)(mac >> (40 - 8 * i));
    return ioctl(fd, SIOCSIFHWADDR, request);
}

/* Sets the MAC address, unless it is 0, and the MTU, and brings the device up: only then does it get an IPv6 address,
 * which is made from the MAC. */
int violin_tap_configure(const char *device, uint64_t mac, int mtu)
{
    struct ifreq request;
    int error = device_request(&request, device);
    if (error)
        return error;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (mac && tap_set_mac(fd, &request, mac) < 0)
        error = -errno;
    request.ifr_mtu = mtu;
    if (!error && (ioctl(fd, SIOCSIFMTU, &request) < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0))
        error = -errno;
    if (!error) {
        request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
            error = -errno;
    }
    if (!error && ioctl(fd, SIOCGIFINDEX, &request) == 0)
        tap_limit_super_frames(request.ifr_ifindex);
    close(fd);
    return error;
}

/* Super-frames read at once that are still in the second-level cache when they are sent on. */
#define TAP_READ_BYTES (256 * 1024)

/* Reads until the device is empty, the slices are full, or there is work enough. TUN cuts a frame to the buffer without
 * a word; slices are longer than the device's MTU allows, so a frame that fills its slice has been cut. */
int violin_tap_read(int fd, struct violin_slice *slices, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        if (bytes >= TAP_READ_BYTES)
            return i;
        ssize_t n = read(fd, (void *)(uintptr_t)slices[i].address, slices[i].length);
        if (n < 0)
            return i > 0 || errno == EAGAIN ? i : -errno;
        slices[i].status = (uint32_t)n == slices[i].length ? VIOLIN_TRUNCATED : 0;
        slices[i].length = (uint32_t)n;
        bytes += (size_t)n;
    }
    return count;
}

/* More parts than these are joined first. */
#define TAP_PARTS_MAX 4

/* Writes all, and returns how many the device took; `status` tells of each. A packet socket takes the same. */
int violin_tap_write(int fd, const struct violin_part *parts, struct violin_message *messages, int count)
{
    int written = 0;
    for (int i = 0; i < count; i++) {
        const struct iovec *frame = (const struct iovec *)parts;
        size_t part_count = messages[i].part_count;
        struct iovec whole;
        if (part_count > TAP_PARTS_MAX && join_parts(frame, part_count, &whole) == 0) {
            frame = &whole;
            part_count = 1;
        }
        ssize_t n = writev(fd, frame, (int)part_count);
        parts += messages[i].part_count;
        messages[i].status = n < 0 ? -errno : 0;
        written += n >= 0;
    }
    return written;
}
