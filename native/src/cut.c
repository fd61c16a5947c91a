/* SPDX-License-Identifier: Apache-2.0
 *
 * A super-frame cut into datagrams while it is copied for the kernel: Java describes the cut once, and what is one
 * segment's own is written here, into memory that the system call reads a moment later. The headers are those that
 * Linux makes (tcp_gso_segment, __udp_gso_segment, inet_gso_segment); docs/tunnel-protocol.md has what stands in front
 * of them. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "cut.h"
#include "join.h"
#include "violin.h"

enum {
    IPV4_TOTAL_LENGTH = 2,
    IPV4_ID = 4,
    IPV4_CHECKSUM = 10,
    IPV6_PAYLOAD_LENGTH = 4,
    IPV6_HEADER_BYTES = 40,
    TCP_SEQUENCE = 4,
    TCP_FLAGS = 13,
    TCP_CHECKSUM = 16,
    UDP_LENGTH = 4,
    UDP_CHECKSUM = 6,
};

static void put_16(uint8_t *at, uint32_t value)
{
    uint16_t big = htons((uint16_t)value);
    memcpy(at, &big, sizeof(big));
}

static void put_32(uint8_t *at, uint32_t value)
{
    uint32_t big = htonl(value);
    memcpy(at, &big, sizeof(big));
}

static uint32_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* Makes the template at `datagram` the headers of segment `index`, whose payload begins `from` bytes on. */
static void write_headers(uint8_t *datagram, const struct violin_cut *cut, size_t headers, uint32_t index,
                          uint32_t from, uint32_t bytes, uint8_t tcp_flags)
{
    uint32_t frame_bytes = (uint32_t)headers - cut->frame + bytes;
    uint32_t ip_bytes = (uint32_t)headers - cut->network + bytes;
    uint32_t transport_bytes = (uint32_t)headers - cut->transport + bytes;
    uint8_t *network = datagram + cut->network;
    uint8_t *transport = datagram + cut->transport;
    uint64_t counter;
    memcpy(&counter, datagram + VIOLIN_DATAGRAM_COUNTER, sizeof(counter));
    counter = htobe64(be64toh(counter) + index);
    memcpy(datagram + VIOLIN_DATAGRAM_COUNTER, &counter, sizeof(counter));
    put_16(datagram + VIOLIN_DATAGRAM_RECORD, frame_bytes);
    if (cut->kind & VIOLIN_CUT_IPV6) {
        put_16(network + IPV6_PAYLOAD_LENGTH, ip_bytes - IPV6_HEADER_BYTES);
    } else {
        uint32_t id = (cut->id + index) & 0xffff;
        put_16(network + IPV4_TOTAL_LENGTH, ip_bytes);
        put_16(network + IPV4_ID, id);
        put_16(network + IPV4_CHECKSUM, ~fold(cut->ipv4_sum + ip_bytes + id));
    }
    uint32_t partial = fold(cut->pseudo_sum + transport_bytes);
    if (cut->kind & VIOLIN_CUT_UDP) {
        put_16(transport + UDP_LENGTH, transport_bytes);
        put_16(transport + UDP_CHECKSUM, partial);
    } else {
        put_32(transport + TCP_SEQUENCE, cut->sequence + from);
        transport[TCP_FLAGS] = tcp_flags;
        put_16(transport + TCP_CHECKSUM, partial);
    }
}

int cut_parts(const struct iovec *parts, size_t count, struct iovec *whole)
{
    if (count != 2 || parts[0].iov_len <= sizeof(struct violin_cut))
        return -EINVAL;
    const struct violin_cut *cut = parts[0].iov_base;
    const uint8_t *template = (const uint8_t *)(cut + 1);
    size_t headers = parts[0].iov_len - sizeof(*cut);
    const uint8_t *payload = parts[1].iov_base;
    size_t left = parts[1].iov_len;
    if (cut->segment_bytes == 0 || left == 0)
        return -EINVAL;
    size_t segments = (left + cut->segment_bytes - 1) / cut->segment_bytes;
    if (segments * headers + left > JOIN_BYTES)
        return -EMSGSIZE;
    uint8_t *out = join_memory();
    *whole = (struct iovec){ .iov_base = out, .iov_len = segments * headers + left };
    uint32_t from = 0;
    for (uint32_t i = 0; left > 0; i++) {
        uint32_t bytes = left < cut->segment_bytes ? (uint32_t)left : cut->segment_bytes;
        left -= bytes;
        memcpy(out, template, headers);
        write_headers(out, cut, headers, i, from, bytes,
                      i == 0 ? cut->first_flags : left == 0 ? cut->last_flags : cut->flags);
        memcpy(out + headers, payload + from, bytes);
        out += headers + bytes;
        from += bytes;
    }
    return 0;
}
