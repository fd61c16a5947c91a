/* SPDX-License-Identifier: Apache-2.0
 *
 * libviolin: system calls by the batch. One file a kernel facility, the file's name as prefix.
 *
 * Every function returns -errno on failure, keeps no state and allocates nothing: the caller owns all memory. Addresses
 * come from the caller's own off-heap memory and are trusted; lengths that come from the kernel are checked by it.
 */
#ifndef VIOLIN_H
#define VIOLIN_H

#include <stddef.h>
#include <stdint.h>

/* The library's face; all else is hidden. */
#define VIOLIN_API __attribute__((visibility("default")))

/* Raised with every change of a struct or signature: a jar refuses a library of another version. */
#define VIOLIN_ABI_VERSION 1

/* The most frames, datagrams or events one call takes. */
#define VIOLIN_BATCH_MAX 64

/* The most parts all datagrams of one call have together: header and payload, twice for a fragmented frame. */
#define VIOLIN_PARTS_MAX 256

/* A stretch of memory to read a frame into, or a frame to write. */
struct violin_slice {
    uint64_t address;
    uint32_t length; /* in: bytes there are; out, when reading: bytes that came */
    int32_t status;  /* out: 0, or -errno of this frame; VIOLIN_TRUNCATED: it was longer than the slice */
};
_Static_assert(sizeof(struct violin_slice) == 16, "mirrored in Java");

#define VIOLIN_TRUNCATED 1

/* A UDP endpoint: IPv4 addresses are v4-mapped (RFC 4291, 2.5.5.2). */
struct violin_endpoint {
    uint8_t address[16];
    uint16_t port; /* host order */
    uint16_t reserved;
    uint32_t scope; /* interface index of a link-local address */
};
_Static_assert(sizeof(struct violin_endpoint) == 24, "mirrored in Java");

/* A datagram received. */
struct violin_received {
    struct violin_slice slice;
    struct violin_endpoint source;
};
_Static_assert(sizeof(struct violin_received) == 40, "mirrored in Java");

/* A datagram to send: `part_count` consecutive entries of the call's parts. */
struct violin_datagram {
    struct violin_endpoint destination;
    uint32_t part_count;
    int32_t status; /* out: 0 or -errno */
};
_Static_assert(sizeof(struct violin_datagram) == 32, "mirrored in Java");

/* The same as struct iovec. */
struct violin_part {
    uint64_t address;
    uint64_t length;
};
_Static_assert(sizeof(struct violin_part) == 16, "mirrored in Java");

struct violin_event {
    uint64_t token;
    uint32_t events; /* EPOLLIN, EPOLLERR, EPOLLHUP, ... */
    uint32_t reserved;
};
_Static_assert(sizeof(struct violin_event) == 16, "mirrored in Java");

VIOLIN_API int violin_abi_version(void);
/* Sizes and offsets of the structs above, for the Java side's layout test; -1 past the last. */
VIOLIN_API int violin_abi_layout(int index);

VIOLIN_API int64_t violin_memory_map(uint64_t bytes);
VIOLIN_API int violin_memory_unmap(uint64_t address, uint64_t bytes);

VIOLIN_API int violin_epoll_create(void);
VIOLIN_API int violin_epoll_add(int epoll, int fd, uint32_t events, uint64_t token);
VIOLIN_API int violin_epoll_remove(int epoll, int fd);
VIOLIN_API int violin_epoll_wait(int epoll, struct violin_event *events, int count, int64_t timeout_ns);
VIOLIN_API int violin_eventfd_create(void);
VIOLIN_API int violin_eventfd_signal(int fd);
VIOLIN_API int violin_eventfd_drain(int fd);
VIOLIN_API int violin_fd_close(int fd);

VIOLIN_API int violin_tap_open(const char *device);
VIOLIN_API int violin_tap_configure(const char *device, int mtu);
VIOLIN_API int violin_tap_read(int fd, struct violin_slice *slices, int count);
VIOLIN_API int violin_tap_write(int fd, struct violin_slice *slices, int count);

VIOLIN_API int violin_unix_listen(const char *path);
VIOLIN_API int violin_unix_connect(const char *path);
VIOLIN_API int violin_unix_accept(int fd);
VIOLIN_API int violin_unix_is_hung_up(int fd);
VIOLIN_API int violin_unix_receive(int fd, struct violin_slice *slices, int count);
VIOLIN_API int violin_unix_send(int fd, struct violin_slice *slices, int count);

VIOLIN_API int violin_udp_open(const struct violin_endpoint *local);
VIOLIN_API int violin_udp_local_port(int fd);
VIOLIN_API int64_t violin_udp_overflows(int fd);
VIOLIN_API int violin_udp_path_mtu(const struct violin_endpoint *remote);
VIOLIN_API int violin_udp_receive(int fd, struct violin_received *datagrams, int count);
VIOLIN_API int violin_udp_send(int fd, const struct violin_part *parts, struct violin_datagram *datagrams, int count);

#endif
