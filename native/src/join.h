/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_JOIN_H
#define VIOLIN_JOIN_H

#include <sys/uio.h>

/* The longest message of a UDP socket, and the longest super-frame with what stands in front of it. */
#define JOIN_BYTES (68 * 1024)

/* JOIN_BYTES that are the calling thread's, for what it hands to the kernel next. */
void *join_memory(void);

/* Makes parts one, in join_memory(); 0, or -EMSGSIZE beyond JOIN_BYTES. */
int join_parts(const struct iovec *parts, size_t count, struct iovec *whole);

#endif
