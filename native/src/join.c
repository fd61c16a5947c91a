/* SPDX-License-Identifier: Apache-2.0
 *
 * Many parts made one before the kernel copies them. The kernel's memory for them is cold, and a copy that fills it in
 * one go needs not read it first; one that comes in pieces of a segment and of its headers reads every line that it
 * then writes over: some 5 us for 60 KiB, to 1.5 us. A copy to memory that was used a moment ago takes 1 us. */
#include <errno.h>
#include <string.h>

#include "join.h"

void *join_memory(void)
{
    static _Thread_local char memory[JOIN_BYTES] __attribute__((aligned(64)));
    return memory;
}

int join_parts(const struct iovec *parts, size_t count, struct iovec *whole)
{
    char *joined = join_memory();
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > JOIN_BYTES - bytes)
            return -EMSGSIZE;
        memcpy(joined + bytes, parts[i].iov_base, parts[i].iov_len);
        bytes += parts[i].iov_len;
    }
    *whole = (struct iovec){ .iov_base = joined, .iov_len = bytes };
    return 0;
}
