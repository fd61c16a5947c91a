/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message's datagrams are made of is copied once, to memory that the system call reads a moment later; whatever
 * is to be done with a datagram is done there, while it is in the nearest cache: a super-frame is cut, with the headers
 * that Linux makes (tcp_gso_segment, __udp_gso_segment, inet_gso_segment), and each datagram is sealed.
 * docs/tunnel-protocol.md has what stands in front of a frame. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "datagrams.h"
#include "seal.h"

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

/* Where datagrams are made. */
struct target {
    uint8_t *at;
    uint64_t seal;
    uint64_t fec;
};

/* The datagram of `bytes` at the target is complete. */
static int end_datagram(struct target *to, size_t bytes)
{
    if (to->fec)
        violin_fec_add((struct violin_fec *)(uintptr_t)to->fec, to->at, (int)bytes);
    if (to->seal) {
        int error = seal_datagram(to->seal, to->at, bytes);
        if (error)
            return error;
        bytes += VIOLIN_TAG_BYTES;
    }
    to->at += bytes;
    return 0;
}

static int cut(struct target *to, const struct violin_cut *how, size_t headers, const struct iovec *payload)
{
    const uint8_t *template = (const uint8_t *)(how + 1);
    const uint8_t *from = payload->iov_base;
    size_t left = payload->iov_len;
    for (uint32_t i = 0; left > 0; i++) {
        uint32_t bytes = left < how->segment_bytes ? (uint32_t)left : how->segment_bytes;
        left -= bytes;
        memcpy(to->at, template, headers);
        write_headers(to->at, how, headers, i, i * how->segment_bytes, bytes,
                      i == 0 ? how->first_flags : left == 0 ? how->last_flags : how->flags);
        memcpy(to->at + headers, from, bytes);
        from += bytes;
        int error = end_datagram(to, headers + bytes);
        if (error)
            return error;
    }
    return 0;
}

/* Parts never reach from one datagram into the next. */
static int join(struct target *to, const struct iovec *parts, size_t count, size_t datagram_bytes)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(to->at + made, parts[i].iov_base, parts[i].iov_len);
        made += parts[i].iov_len;
        if (made > 0 && (made == datagram_bytes || i == count - 1)) {
            int error = end_datagram(to, made);
            if (error)
                return error;
            made = 0;
        }
    }
    return 0;
}

/* All is known before anything is made: a datagram is sealed, and becomes a block's member, once. */
static int has_room(size_t room, size_t bytes, size_t datagrams)
{
    return bytes + datagrams * VIOLIN_TAG_BYTES + VIOLIN_FEC_PADDING <= room;
}

ssize_t make_datagrams(const struct violin_message *message, const struct iovec *parts, uint8_t *out, size_t room)
{
    struct target to = { .at = out, .seal = message->seal, .fec = message->fec };
    int error;
    if (message->is_cut) {
        const struct violin_cut *how = parts[0].iov_base;
        if (message->part_count != 2 || parts[0].iov_len <= sizeof(*how) || how->segment_bytes == 0)
            return -EINVAL;
        size_t headers = parts[0].iov_len - sizeof(*how);
        size_t datagrams = (parts[1].iov_len + how->segment_bytes - 1) / how->segment_bytes;
        if (!has_room(room, datagrams * headers + parts[1].iov_len, datagrams))
            return -EMSGSIZE;
        error = cut(&to, how, headers, &parts[1]);
    } else {
        size_t bytes = 0;
        for (size_t i = 0; i < message->part_count; i++)
            bytes += parts[i].iov_len;
        size_t datagrams = message->segment_bytes ? bytes / message->segment_bytes + 1 : 1;
        if (!has_room(room, bytes, datagrams))
            return -EMSGSIZE;
        error = join(&to, parts, message->part_count, message->segment_bytes);
    }
    return error ? error : to.at - out;
}
