/* SPDX-License-Identifier: Apache-2.0
 *
 * What UDP and unix sockets have in common. */
#ifndef VIOLIN_SOCKET_H
#define VIOLIN_SOCKET_H

#include <sys/socket.h>

/* Sends in order, never waiting, until a message is refused. Returns how many went; `error` is 0 if all did, else the
 * -errno of the first that did not. */
int socket_send(int fd, struct mmsghdr *messages, int count, int *error);

/* Sets a buffer's size, by `force` (SO_SNDBUFFORCE, SO_RCVBUFFORCE) or, where the process may not, by `option`, which
 * net.core.{r,w}mem_max limits. */
void socket_buffer(int fd, int force, int option, int bytes);

#endif
