/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_DATAGRAMS_H
#define VIOLIN_DATAGRAMS_H

#include <sys/types.h>
#include <sys/uio.h>

#include "violin.h"

/* Makes the datagrams of a message, one behind the other, in `room` bytes at `out`: joined from its parts or cut from a
 * super-frame, and sealed if the message is to be. Returns their bytes; -EMSGSIZE if they do not fit, -EINVAL if the
 * parts are no such message, -EIO if sealing failed. */
ssize_t make_datagrams(const struct violin_message *message, const struct iovec *parts, uint8_t *out, size_t room);

#endif
