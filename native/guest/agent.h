/* The frames of the agent's line, mirrored by org.violin.control.guest.AgentFrame.
 *
 * Frames carry a magic number and a CRC, a receiver that meets anything else looks for the next magic number byte by
 * byte, and whoever opens the line first sends as many zeros as the longest frame has, which completes (and so fails) a
 * frame left half sent. Both directions use this form, big-endian:
 *
 *      0        4        8        12       14     15        16        16+length
 *      | magic  | epoch  | id     | length | type | version | payload | crc32  |     crc over epoch..payload
 *
 * The daemon picks a random epoch each time it opens the line and says so in HELLO. Every later frame carries it;
 * others are dropped. A new epoch means that nobody waits for the commands of the old one: they are killed. The agent
 * announces itself with a HELLO of epoch 0 when it starts, so a daemon that came first knows when to speak.
 *
 *      to the guest                                       from the guest
 *      HELLO      opens an epoch                           HELLO   answers; epoch 0: the agent has just started
 *      ARGUMENTS  id, part of argv                         ACK     every other frame was taken
 *      RUN        id, the rest of argv, each of its        STDOUT  id, bytes
 *                 strings ending with NUL                  STDERR  id, bytes
 *      CREDIT     id, u32: may send so many bytes more     EXIT    id, u32: status, or 128 + signal; ends the id
 *      CANCEL     id: SIGTERM to its group, then SIGKILL   FAILED  id, text: never ran; ends the id
 *      PING       the daemon lives
 *      POWEROFF
 */
#ifndef VIOLIN_GUEST_AGENT_H
#define VIOLIN_GUEST_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    AGENT_MAGIC = 0x56674131, /* "VgA1" */
    AGENT_VERSION = 1,
    AGENT_HEADER = 16,
    AGENT_FRAME_OVERHEAD = AGENT_HEADER + 4,
    AGENT_TO_GUEST_PAYLOAD_MAX = 1024,
    AGENT_TO_GUEST_FRAME_MAX = AGENT_TO_GUEST_PAYLOAD_MAX + AGENT_FRAME_OVERHEAD,
    AGENT_FROM_GUEST_PAYLOAD_MAX = 8192,
    AGENT_FROM_GUEST_FRAME_MAX = AGENT_FROM_GUEST_PAYLOAD_MAX + AGENT_FRAME_OVERHEAD,
    AGENT_INITIAL_CREDIT = 131072,
    AGENT_ARGUMENTS_MAX = 65536,
};

enum agent_type {
    AGENT_HELLO = 1,
    AGENT_RUN = 2,
    AGENT_CREDIT = 3,
    AGENT_CANCEL = 4,
    AGENT_POWEROFF = 5,
    AGENT_STDOUT = 6,
    AGENT_STDERR = 7,
    AGENT_EXIT = 8,
    AGENT_FAILED = 9,
    AGENT_ARGUMENTS = 10,
    AGENT_ACK = 11,
    AGENT_PING = 12,
};

struct agent_frame {
    uint8_t type;
    uint32_t epoch;
    uint32_t id;
    size_t length;
    uint8_t *payload; /* into the caller's buffer */
};

static inline void agent_put32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

static inline uint32_t agent_get32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* CRC-32 of IEEE 802.3, half a byte at a time: the line is slow, the table small. */
static inline uint32_t agent_crc32(const uint8_t *bytes, size_t length)
{
    uint32_t table[16];
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 4; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
        table[i] = crc;
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* Writes a frame; `to` has room for length + AGENT_FRAME_OVERHEAD. Returns its size. */
static inline size_t agent_encode(uint8_t *to, uint8_t type, uint32_t epoch, uint32_t id, const void *payload,
                                  size_t length)
{
    agent_put32(to, AGENT_MAGIC);
    agent_put32(to + 4, epoch);
    agent_put32(to + 8, id);
    to[12] = (uint8_t)(length >> 8);
    to[13] = (uint8_t)length;
    to[14] = type;
    to[15] = AGENT_VERSION;
    if (length > 0)
        memcpy(to + AGENT_HEADER, payload, length);
    agent_put32(to + AGENT_HEADER + length, agent_crc32(to + 4, AGENT_HEADER - 4 + length));
    return length + AGENT_FRAME_OVERHEAD;
}

/*
 * Looks for the next whole frame in in[*at .. bytes). Advances *at past it, or past what can be no frame. False: more
 * bytes are needed. A payload longer than payload_max is no frame.
 */
static inline bool agent_decode(uint8_t *in, size_t bytes, size_t *at, size_t payload_max, struct agent_frame *frame)
{
    for (; bytes - *at >= AGENT_FRAME_OVERHEAD; (*at)++) {
        uint8_t *header = in + *at;
        size_t length = (size_t)header[12] << 8 | header[13];
        if (agent_get32(header) != AGENT_MAGIC || header[15] != AGENT_VERSION || length > payload_max)
            continue;
        if (bytes - *at < length + AGENT_FRAME_OVERHEAD)
            return false;
        if (agent_crc32(header + 4, AGENT_HEADER - 4 + length) != agent_get32(header + AGENT_HEADER + length))
            continue;
        *frame = (struct agent_frame){
            .type = header[14],
            .epoch = agent_get32(header + 4),
            .id = agent_get32(header + 8),
            .length = length,
            .payload = header + AGENT_HEADER,
        };
        *at += length + AGENT_FRAME_OVERHEAD;
        return true;
    }
    return false;
}

#endif
