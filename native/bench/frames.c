/* SPDX-License-Identifier: Apache-2.0
 *
 * How many frames a second go through a device?
 *
 * The sender writes whole frames to the device by AF_PACKET, past the IP stack and the queueing discipline, 64 a system
 * call: it must not be the slowest part. A device whose queue is full (a TAP that is not read fast enough) refuses a
 * frame; the sender then sleeps for a tenth of a millisecond, in which no queue runs dry, and leaves the CPU to the
 * tunnel. A device without a queue (veth, VXLAN) does its work within the send. Either way what is offered is what the
 * device takes.
 *
 * The receiver is an application's UDP socket. It counts, and has the kernel copy only the sequence number. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define FRAMES_BATCH 64
#define FRAMES_PACKET_MAX 9000
#define FRAMES_REFUSED_PAUSE_NS (100 * TOOL_NS_PER_US)
#define FRAMES_RECEIVE_BUFFER_BYTES (32 << 20)

/* All of an IP packet but its padding; what the receiver copies is the last member. */
struct frames_packet {
    struct iphdr ip;
    struct udphdr udp;
    uint64_t sequence;
} __attribute__((packed));

struct frames_device {
    int fd;
    /* 0 on a device that carries IP packets without a link header. */
    size_t header_bytes;
    uint8_t mac[ETH_ALEN];
};

static struct frames_device frames_open(const char *name)
{
    struct frames_device device = { .fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) };
    if (device.fd < 0)
        tool_fail("socket");
    struct ifreq request = { 0 };
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(device.fd, SIOCGIFHWADDR, &request) < 0)
        tool_fail(name);
    if (request.ifr_hwaddr.sa_family == ARPHRD_ETHER)
        device.header_bytes = sizeof(struct ether_header);
    memcpy(device.mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    if (ioctl(device.fd, SIOCGIFINDEX, &request) < 0)
        tool_fail(name);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = request.ifr_ifindex
    };
    if (bind(device.fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        tool_fail("bind");
    int on = 1;
    if (setsockopt(device.fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0)
        tool_fail("PACKET_QDISC_BYPASS");
    if (setsockopt(device.fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0)
        tool_fail("PACKET_VNET_HDR");
    return device;
}

/* The Internet checksum's sum of an even number of bytes, in the order of the wire. */
static uint16_t frames_sum(const void *from, size_t bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes; i += sizeof(uint16_t)) {
        uint16_t word;
        memcpy(&word, (const uint8_t *)from + i, sizeof(word));
        sum += word;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

/* The UDP checksum is partial, the pseudo-header's sum, as an IP stack hands it to a NIC. A device that does not sum
 * for itself has the kernel do it. */
static struct frames_packet frames_packet(const struct sockaddr_in *from, const struct sockaddr_in *to, size_t bytes)
{
    struct iphdr ip = {
        .version = 4, .ihl = 5, .tot_len = htons((uint16_t)bytes), .ttl = 64, .protocol = IPPROTO_UDP,
        .saddr = from->sin_addr.s_addr, .daddr = to->sin_addr.s_addr,
    };
    struct udphdr udp = {
        .source = from->sin_port, .dest = to->sin_port, .len = htons((uint16_t)(bytes - sizeof(ip)))
    };
    struct {
        uint32_t from, to;
        uint16_t protocol, bytes;
    } pseudo = { ip.saddr, ip.daddr, htons(IPPROTO_UDP), udp.len };
    udp.check = frames_sum(&pseudo, sizeof(pseudo));
    return (struct frames_packet){ .ip = ip, .udp = udp };
}

/* Gives a packet its number. A tunnel may fragment it, so its identification is its own as well. */
static void frames_number(uint8_t *at, const struct frames_packet *packet, uint64_t sequence)
{
    struct iphdr ip = packet->ip;
    ip.id = htons((uint16_t)sequence);
    ip.check = (uint16_t)~frames_sum(&ip, sizeof(ip));
    memcpy(at, &ip, sizeof(ip));
    memcpy(at + offsetof(struct frames_packet, sequence), &sequence, sizeof(sequence));
}

/* Sends frames[0..FRAMES_BATCH) and returns how many the device took, which may be none. */
static unsigned frames_send_batch(int fd, struct mmsghdr *frames)
{
    int sent = sendmmsg(fd, frames, FRAMES_BATCH, 0);
    if (sent < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
        tool_fail("sendmmsg");
    return sent < 0 ? 0 : (unsigned)sent;
}

static int frames_send(char **argv)
{
    static uint8_t buffers[FRAMES_BATCH][sizeof(struct ether_header) + FRAMES_PACKET_MAX];
    struct frames_device device = frames_open(argv[0]);
    struct ether_header header = { .ether_type = htons(ETH_P_IP) };
    if (device.header_bytes > 0 && ether_aton_r(argv[1], (struct ether_addr *)header.ether_dhost) == NULL) {
        errno = EINVAL;
        tool_fail(argv[1]);
    }
    memcpy(header.ether_shost, device.mac, ETH_ALEN);
    struct sockaddr_in from = tool_address(argv[2], argv[4]);
    struct sockaddr_in to = tool_address(argv[3], argv[4]);
    size_t bytes = tool_number(argv[5], FRAMES_PACKET_MAX, "bytes");
    if (bytes < sizeof(struct frames_packet)) {
        errno = EMSGSIZE;
        tool_fail(argv[5]);
    }
    int64_t duration_ns = (int64_t)tool_number(argv[6], 3600000, "milliseconds") * 1000000;

    struct frames_packet packet = frames_packet(&from, &to, bytes);
    struct mmsghdr messages[FRAMES_BATCH];
    struct iovec vectors[FRAMES_BATCH][2];
    struct virtio_net_hdr offload = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .csum_start = (uint16_t)(device.header_bytes + offsetof(struct frames_packet, udp)),
        .csum_offset = offsetof(struct udphdr, check),
    };
    memset(messages, 0, sizeof(messages));
    for (size_t i = 0; i < FRAMES_BATCH; i++) {
        memcpy(buffers[i], &header, device.header_bytes);
        memcpy(buffers[i] + device.header_bytes, &packet, sizeof(packet));
        vectors[i][0] = (struct iovec){ &offload, sizeof(offload) };
        vectors[i][1] = (struct iovec){ buffers[i], device.header_bytes + bytes };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = vectors[i], .msg_iovlen = 2 };
    }

    uint64_t sent = 0, refused = 0;
    int64_t began = tool_now_ns(), now = began;
    while (now - began < duration_ns && !tool_stopped()) {
        for (size_t i = 0; i < FRAMES_BATCH; i++)
            frames_number(buffers[i] + device.header_bytes, &packet, sent + i);
        unsigned taken = frames_send_batch(device.fd, messages);
        sent += taken;
        if (taken < FRAMES_BATCH) {
            refused++;
            tool_sleep_until_ns(tool_now_ns() + FRAMES_REFUSED_PAUSE_NS);
        }
        now = tool_now_ns();
    }
    printf("{\"sent\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"ns\": %" PRId64 "}\n", sent, refused, now - began);
    return 0;
}

static int frames_receive(char **argv)
{
    struct sockaddr_in address = tool_address(argv[0], argv[1]);
    int fd = tool_udp_server(&address, FRAMES_RECEIVE_BUFFER_BYTES);
    uint64_t sequences[FRAMES_BATCH];
    struct iovec vectors[FRAMES_BATCH];
    struct mmsghdr messages[FRAMES_BATCH];
    memset(messages, 0, sizeof(messages));
    for (size_t i = 0; i < FRAMES_BATCH; i++) {
        vectors[i] = (struct iovec){ &sequences[i], sizeof(sequences[i]) };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
    }
    puts("ready");
    fflush(stdout);

    uint64_t received = 0, reordered = 0, next = 0;
    int64_t first = 0, last = 0;
    while (!tool_stopped()) {
        int count = recvmmsg(fd, messages, FRAMES_BATCH, MSG_WAITFORONE, NULL);
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            tool_fail("recvmmsg");
        if (count <= 0)
            continue;
        last = tool_now_ns();
        first = received == 0 ? last : first;
        received += (unsigned)count;
        for (int i = 0; i < count; i++) {
            reordered += sequences[i] < next;
            next = sequences[i] < next ? next : sequences[i] + 1;
        }
    }
    uint32_t memory[SK_MEMINFO_VARS] = { 0 };
    socklen_t length = sizeof(memory);
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &length) < 0)
        tool_fail("SO_MEMINFO");
    printf("{\"received\": %" PRIu64 ", \"reordered\": %" PRIu64 ", \"socketDrops\": %u, \"ns\": %" PRId64 "}\n",
           received, reordered, memory[SK_MEMINFO_DROPS], last - first);
    return 0;
}

int main(int argc, char **argv)
{
    tool_catch_stop();
    if (argc == 9 && strcmp(argv[1], "send") == 0)
        return frames_send(argv + 2);
    if (argc == 4 && strcmp(argv[1], "receive") == 0)
        return frames_receive(argv + 2);
    fprintf(stderr, "usage: frames send DEVICE TO_MAC FROM_IP TO_IP PORT IP_PACKET_BYTES MILLISECONDS\n"
                    "       frames receive IP PORT          # until SIGTERM\n");
    return 2;
}
