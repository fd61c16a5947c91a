/* SPDX-License-Identifier: Apache-2.0
 *
 * What UDP and unix sockets have in common. */
#define _GNU_SOURCE
#include <errno.h>

#include "socket.h"

int socket_send(int fd, struct mmsghdr *messages, int count, int *error)
{
    int sent = 0;
    *error = 0;
    while (sent < count && *error == 0) {
        int n = sendmmsg(fd, messages + sent, (unsigned)(count - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            sent += n;
        else if (errno != EINTR)
            *error = -errno;
    }
    return sent;
}

void socket_buffer(int fd, int force, int option, int bytes)
{
    if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) < 0)
        setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}
