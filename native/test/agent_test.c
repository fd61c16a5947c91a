/* The frame decoder of the guest agent: round trips, resynchronisation, and bytes that mean nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "../guest/agent.h"

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);       \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

static uint8_t stream[8 * AGENT_TO_GUEST_FRAME_MAX];

static void decodes_what_was_encoded(void)
{
    struct agent_frame frame;
    size_t at = 0, bytes = agent_encode(stream, AGENT_RUN, 7, 9, "true", 5);
    for (size_t part = 0; part < bytes; part++)
        CHECK(!agent_decode(stream, part, &at, AGENT_TO_GUEST_PAYLOAD_MAX, &frame) && at == 0);
    CHECK(agent_decode(stream, bytes, &at, AGENT_TO_GUEST_PAYLOAD_MAX, &frame));
    CHECK(at == bytes && frame.type == AGENT_RUN && frame.epoch == 7 && frame.id == 9 && frame.length == 5);
    CHECK(memcmp(frame.payload, "true", 5) == 0);
}

/* CRC-32 of "123456789" is the check value that every description of the polynomial gives. */
static void crc_is_the_ieee_one(void)
{
    CHECK(agent_crc32((const uint8_t *)"123456789", 9) == 0xCBF43926u);
}

static void finds_the_frame_behind_a_broken_one(void)
{
    static const uint8_t half[AGENT_TO_GUEST_PAYLOAD_MAX];
    struct agent_frame frame;
    size_t at = 0, bytes = agent_encode(stream, AGENT_RUN, 1, 1, half, sizeof(half)) / 2;
    memset(stream + bytes, 0, AGENT_TO_GUEST_FRAME_MAX);
    bytes += AGENT_TO_GUEST_FRAME_MAX;
    bytes += agent_encode(stream + bytes, AGENT_HELLO, 2, 0, NULL, 0);
    CHECK(agent_decode(stream, bytes, &at, AGENT_TO_GUEST_PAYLOAD_MAX, &frame));
    CHECK(at == bytes && frame.type == AGENT_HELLO && frame.epoch == 2);
}

/* Random bytes strewn with magic numbers and headers: never a frame, never outside the buffer, always an end. */
static void random_bytes_are_no_frames(unsigned seed)
{
    srand(seed);
    for (int round = 0; round < 300; round++) {
        struct agent_frame frame;
        size_t at = 0, bytes = (size_t)(rand() % 4096);
        for (size_t i = 0; i < bytes; i++)
            stream[i] = (uint8_t)rand();
        for (size_t i = 0; i + AGENT_HEADER < bytes; i += 1 + (size_t)(rand() % 64)) {
            agent_put32(stream + i, AGENT_MAGIC);
            stream[i + 15] = AGENT_VERSION;
        }
        CHECK(!agent_decode(stream, bytes, &at, AGENT_TO_GUEST_PAYLOAD_MAX, &frame));
        CHECK(at <= bytes);
    }
}

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20040712;
    printf("seed %u\n", seed);
    decodes_what_was_encoded();
    crc_is_the_ieee_one();
    finds_the_frame_behind_a_broken_one();
    random_bytes_are_no_frames(seed);
    return 0;
}
