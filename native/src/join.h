/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_JOIN_H
#define VIOLIN_JOIN_H

#include <sys/uio.h>

/* Makes parts one, in memory that is the calling thread's until its next call; 0, or -EMSGSIZE beyond 66 KiB. */
int join_parts(const struct iovec *parts, size_t count, struct iovec *whole);

#endif
