/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_CUT_H
#define VIOLIN_CUT_H

#include <sys/uio.h>

/* Makes the datagrams of a message whose parts are a struct violin_cut with its template, and a payload. They lie one
 * behind the other in join_memory(); 0, or -EINVAL if the parts are no such message, or -EMSGSIZE beyond JOIN_BYTES. */
int cut_parts(const struct iovec *parts, size_t count, struct iovec *whole);

#endif
