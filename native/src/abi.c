/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract between this library and its Java side, in numbers that a test compares. */
#include "violin.h"

int violin_abi_version(void)
{
    return VIOLIN_ABI_VERSION;
}

int violin_abi_layout(int index)
{
    static const int layout[] = {
        sizeof(struct violin_slice),
        offsetof(struct violin_slice, address),
        offsetof(struct violin_slice, length),
        offsetof(struct violin_slice, status),
        sizeof(struct violin_endpoint),
        offsetof(struct violin_endpoint, address),
        offsetof(struct violin_endpoint, port),
        offsetof(struct violin_endpoint, scope),
        sizeof(struct violin_received),
        offsetof(struct violin_received, slice),
        offsetof(struct violin_received, source),
        offsetof(struct violin_received, segment_bytes),
        sizeof(struct violin_message),
        offsetof(struct violin_message, destination),
        offsetof(struct violin_message, part_count),
        offsetof(struct violin_message, segment_bytes),
        offsetof(struct violin_message, status),
        offsetof(struct violin_message, is_cut),
        offsetof(struct violin_message, seal),
        sizeof(struct violin_part),
        offsetof(struct violin_part, address),
        offsetof(struct violin_part, length),
        sizeof(struct violin_cut),
        offsetof(struct violin_cut, sequence),
        offsetof(struct violin_cut, ipv4_sum),
        offsetof(struct violin_cut, pseudo_sum),
        offsetof(struct violin_cut, id),
        offsetof(struct violin_cut, segment_bytes),
        offsetof(struct violin_cut, frame),
        offsetof(struct violin_cut, network),
        offsetof(struct violin_cut, transport),
        offsetof(struct violin_cut, kind),
        offsetof(struct violin_cut, first_flags),
        offsetof(struct violin_cut, last_flags),
        offsetof(struct violin_cut, flags),
        sizeof(struct violin_event),
        offsetof(struct violin_event, token),
        offsetof(struct violin_event, events),
        sizeof(struct violin_uring),
        offsetof(struct violin_uring, queues),
        offsetof(struct violin_uring, entries),
        offsetof(struct violin_uring, queue_bytes),
        offsetof(struct violin_uring, entry_bytes),
        offsetof(struct violin_uring, fd),
        offsetof(struct violin_uring, sq_head),
        offsetof(struct violin_uring, sq_tail),
        offsetof(struct violin_uring, sq_entries),
        offsetof(struct violin_uring, cq_head),
        offsetof(struct violin_uring, cq_tail),
        offsetof(struct violin_uring, cqes),
        offsetof(struct violin_uring, cq_entries),
        VIOLIN_SQE_BYTES,
        VIOLIN_CQE_BYTES,
        VIOLIN_BATCH_MAX,
        VIOLIN_MESSAGES_MAX,
        VIOLIN_PARTS_MAX,
        VIOLIN_DATAGRAM_COUNTER,
        VIOLIN_DATAGRAM_RECORD,
        VIOLIN_TAG_BYTES,
    };
    if (index < 0 || (size_t)index >= sizeof(layout) / sizeof(layout[0]))
        return -1;
    return layout[index];
}
