/* SPDX-License-Identifier: Apache-2.0
 *
 * libviolin: system calls by the batch, and what is done with datagrams on the way there: cutting, sealing, parity. One
 * file a facility, the file's name as prefix.
 *
 * Every function returns -errno on failure, keeps no state and, but for an AEAD's key, allocates nothing: the caller
 * owns all memory. Addresses come from the caller's own off-heap memory and are trusted; lengths that come from
 * the kernel are checked by it.
 */
#ifndef VIOLIN_H
#define VIOLIN_H

#include <stddef.h>
#include <stdint.h>

/* The library's face; all else is hidden. */
#define VIOLIN_API __attribute__((visibility("default")))

/* Raised with every change of a struct or signature: a jar refuses a library of another version. */
#define VIOLIN_ABI_VERSION 10

/* The most frames, datagrams or events one call reads. */
#define VIOLIN_BATCH_MAX 64

/* The most messages one call sends. */
#define VIOLIN_MESSAGES_MAX 256

/* The most parts that one message has; the kernel's UIO_MAXIOV. */
#define VIOLIN_PARTS_MAX 1024

/* A stretch of memory to read a frame into. */
struct violin_slice {
    uint64_t address;
    uint32_t length; /* in: bytes there are; out: bytes that came */
    int32_t status;  /* out: 0; VIOLIN_TRUNCATED: it was longer than the slice */
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

/* A datagram received, or several of one source that the kernel has joined (UDP_GRO). */
struct violin_received {
    struct violin_slice slice;
    struct violin_endpoint source;
    uint32_t segment_bytes; /* bytes of each joined datagram but the last, which may be shorter; 0: it is one */
    uint32_t reserved;
};
_Static_assert(sizeof(struct violin_received) == 48, "mirrored in Java");

/* A message to send, of `part_count` consecutive entries of the call's parts: a frame, or datagrams to one peer. */
struct violin_message {
    struct violin_endpoint destination; /* UDP only */
    uint32_t part_count;
    uint32_t segment_bytes; /* UDP only: cut into datagrams of so many bytes, each of whole parts; 0: it is one */
    int32_t status;         /* out: 0 or -errno; VIOLIN_UNSEGMENTED */
    uint32_t is_cut;        /* UDP only: its two parts are a violin_cut with a template, and the payload to cut */
    uint64_t seal;          /* UDP only: the AEAD to seal each datagram with, VIOLIN_TAG_BYTES longer then; 0: none */
    uint64_t fec;           /* UDP only: the violin_fec that each datagram becomes a member of a block of; 0: none */
};
_Static_assert(sizeof(struct violin_message) == 56, "mirrored in Java");

/* The message went, but datagram by datagram, and so will others: this kernel cuts none on this way out. */
#define VIOLIN_UNSEGMENTED 1

/* The same as struct iovec. */
struct violin_part {
    uint64_t address;
    uint64_t length;
};
_Static_assert(sizeof(struct violin_part) == 16, "mirrored in Java");

#define VIOLIN_TAG_BYTES 16

/* The most members and rows of parity of a block, and the memory of the tables for all of them. */
#define VIOLIN_FEC_MEMBERS_MAX 64
#define VIOLIN_FEC_ROWS_MAX 16
/* Counters from a block's first member to its last. */
#define VIOLIN_FEC_SPAN_MAX 1024
#define VIOLIN_FEC_TABLE_BYTES (VIOLIN_FEC_MEMBERS_MAX * VIOLIN_FEC_ROWS_MAX * 32)
/* Where in a datagram its symbol begins, with 4 bytes of its own instead of the header's last; symbols are computed in
 * lengths that are multiples of the padding. */
#define VIOLIN_FEC_SYMBOL 12
#define VIOLIN_FEC_PADDING 64

/* Datagrams that have parity in common, named by their counters: the first one's, and how far each is from the last. */
struct violin_fec_block {
    uint64_t first;
    uint64_t last;
    uint16_t bytes;  /* of the longest symbol */
    uint8_t members; /* so far; 0: the block is free */
    uint8_t rows;
    uint8_t deltas[VIOLIN_FEC_MEMBERS_MAX - 1];
    uint8_t reserved[5];
};
_Static_assert(sizeof(struct violin_fec_block) == 88, "mirrored in Java");

/* One worker's encoder of one tunnel. Java sends the parity of full blocks and frees them. */
struct violin_fec {
    uint64_t tables;      /* violin_fec_tables' */
    uint64_t parity;      /* VIOLIN_FEC_ROWS_MAX rows of `stride` bytes for each block */
    uint32_t stride;      /* a multiple of VIOLIN_FEC_PADDING */
    uint32_t members;     /* of a full block, */
    uint32_t rows;        /* and its rows of parity: of blocks to come */
    uint32_t depth;       /* blocks of a group, which are filled in turn */
    uint32_t block_count; /* a multiple of the depth */
    uint32_t group;       /* its first block */
    uint32_t turn;        /* the block in the group that is next */
    uint32_t unprotected; /* datagrams that no block was free for */
    struct violin_fec_block blocks[];
};
_Static_assert(sizeof(struct violin_fec) == 48, "mirrored in Java");

/* What is known of a block whose missing members are wanted. */
struct violin_fec_decode {
    uint64_t member[VIOLIN_FEC_MEMBERS_MAX]; /* their symbols; 0: missing */
    uint64_t parity[VIOLIN_FEC_ROWS_MAX];    /* as many as are missing */
    uint64_t target[VIOLIN_FEC_ROWS_MAX];    /* where the missing go, in their order */
    uint8_t row[VIOLIN_FEC_ROWS_MAX];        /* which rows the parities are */
    uint32_t members;
    uint32_t rows; /* of parity there are */
    uint32_t bytes;
    uint32_t reserved;
};
_Static_assert(sizeof(struct violin_fec_decode) == 800, "mirrored in Java");

/* How a super-frame becomes datagrams, each a segment behind its headers. The template follows: all headers of the
 * first datagram, with its counter. Offsets are from the template's first byte. */
struct violin_cut {
    uint32_t sequence;      /* TCP's, of the first segment */
    uint32_t ipv4_sum;      /* of the IPv4 header's words but the total length, the identification and the checksum */
    uint32_t pseudo_sum;    /* of the pseudo header but the length */
    uint16_t id;            /* the IPv4 identification of the first segment */
    uint16_t segment_bytes; /* payload of every segment but the last */
    uint16_t frame;         /* where Ethernet's header begins, */
    uint16_t network;       /* IP's, */
    uint16_t transport;     /* and TCP's or UDP's */
    uint8_t kind;           /* VIOLIN_CUT_IPV6, VIOLIN_CUT_UDP */
    uint8_t first_flags;    /* TCP's, of the first segment, */
    uint8_t last_flags;     /* of the last one if it is not also the first, */
    uint8_t flags;          /* and of those between */
    uint16_t reserved;
};
_Static_assert(sizeof(struct violin_cut) == 28, "mirrored in Java");

#define VIOLIN_CUT_IPV6 1
#define VIOLIN_CUT_UDP 2

/* A datagram's counter and its first record's length, big-endian, from its first byte. */
#define VIOLIN_DATAGRAM_COUNTER 8
#define VIOLIN_DATAGRAM_RECORD 16

struct violin_event {
    uint64_t token;
    uint32_t events; /* EPOLLIN, EPOLLERR, EPOLLHUP, ... */
    uint32_t reserved;
};
_Static_assert(sizeof(struct violin_event) == 16, "mirrored in Java");

/* A ring's two queues, mapped. Heads, tails and cqes are offsets from `queues`. */
struct violin_uring {
    uint64_t queues;
    uint64_t entries; /* submission entries: sq_entries of VIOLIN_SQE_BYTES each */
    uint64_t queue_bytes;
    uint64_t entry_bytes;
    int32_t fd;
    uint32_t sq_head;
    uint32_t sq_tail;
    uint32_t sq_entries;
    uint32_t cq_head;
    uint32_t cq_tail;
    uint32_t cqes; /* cq_entries of VIOLIN_CQE_BYTES each */
    uint32_t cq_entries;
};
_Static_assert(sizeof(struct violin_uring) == 64, "mirrored in Java");

/* An interface of the host. */
struct violin_interface {
    int32_t index;
    int32_t mtu;
    uint32_t flags; /* IFF_UP, IFF_RUNNING, ... */
    uint32_t type;  /* ARPHRD_ETHER, ... */
};
_Static_assert(sizeof(struct violin_interface) == 16, "mirrored in Java");

/* An instruction of a classic BPF program: the same as struct sock_filter. */
struct violin_instruction {
    uint16_t code;
    uint8_t if_true; /* instructions that are jumped over */
    uint8_t if_false;
    uint32_t operand;
};
_Static_assert(sizeof(struct violin_instruction) == 8, "mirrored in Java");

#define VIOLIN_SQE_BYTES 64
#define VIOLIN_CQE_BYTES 16

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
VIOLIN_API int violin_fd_duplicate(int fd);

VIOLIN_API int violin_thread_pin(int cpu);
VIOLIN_API int violin_thread_realtime(int on);
VIOLIN_API int violin_thread_short_turns(void);
VIOLIN_API int64_t violin_thread_cpu_ns(void);

/* How many descriptors a device or an address has: one, or one for each worker, the first of which claims it. */
#define VIOLIN_ALONE 0
#define VIOLIN_FIRST 1
#define VIOLIN_NEXT 2

/* What a TAP may be asked to leave undone; the values are Violin's own. */
#define VIOLIN_TAP_CHECKSUM 1
#define VIOLIN_TAP_TCP 2 /* super-frames of TCP over IPv4 and IPv6 */
#define VIOLIN_TAP_UDP 4 /* and of UDP */

VIOLIN_API int violin_tap_open(const char *device, int role);
VIOLIN_API int violin_tap_offload(int fd);
VIOLIN_API int violin_tap_configure(const char *device, uint64_t mac, int mtu);
VIOLIN_API int violin_tap_read(int fd, struct violin_slice *slices, int count);
VIOLIN_API int violin_tap_write(int fd, const struct violin_part *parts, struct violin_message *messages, int count);

VIOLIN_API int violin_device_look(const char *device, struct violin_interface *found);

VIOLIN_API int violin_packet_open(void);
VIOLIN_API int violin_packet_filter(int fd, const struct violin_instruction *program, int count);
VIOLIN_API int violin_packet_bind(int fd, int interface);
VIOLIN_API int violin_packet_bound(int fd);
VIOLIN_API int violin_packet_join(int fd, int interface, int kind, uint64_t mac);
VIOLIN_API int violin_packet_drops(int fd);
VIOLIN_API int violin_packet_receive(int fd, struct violin_slice *slices, int count);

VIOLIN_API int violin_unix_listen(const char *path);
VIOLIN_API int violin_unix_connect(const char *path);
VIOLIN_API int violin_unix_accept(int fd);
VIOLIN_API int violin_unix_is_hung_up(int fd);
VIOLIN_API int violin_unix_shutdown(int fd);
VIOLIN_API int violin_unix_receive(int fd, struct violin_slice *slices, int count);
VIOLIN_API int violin_unix_send(int fd, const struct violin_part *parts, struct violin_message *messages, int count);

VIOLIN_API int violin_fec_tables(uint8_t *tables);
VIOLIN_API int violin_fec_add(struct violin_fec *fec, uint8_t *datagram, int bytes);
VIOLIN_API int violin_fec_decode(struct violin_fec_decode *decode);

#define VIOLIN_AES_256_GCM 0
#define VIOLIN_CHACHA20_POLY1305 1
#define VIOLIN_AES_256_GCM_LIBCRYPTO 2 /* though something faster be there */

/* A key of one direction, and one thread's at a time; violin_aead_free frees it. */
VIOLIN_API int64_t violin_aead_new(int cipher, int seals, const uint8_t *key);
VIOLIN_API int violin_aead_free(uint64_t aead);
VIOLIN_API int violin_aead_seal(uint64_t aead, struct violin_slice *datagrams, int count);
VIOLIN_API int violin_aead_open(uint64_t aead, struct violin_slice *datagrams, int count);

#define VIOLIN_UDP_SEGMENT 1 /* the kernel cuts what is sent */
#define VIOLIN_UDP_GRO 2     /* the kernel joins what is received */

VIOLIN_API int violin_udp_open(const struct violin_endpoint *local, int role);
VIOLIN_API int violin_udp_open_port(const struct violin_endpoint *local, const struct violin_endpoint *only);
VIOLIN_API int violin_udp_steer(int fd, int count);
VIOLIN_API int violin_udp_offload(int fd);
VIOLIN_API int violin_udp_local_port(int fd);
VIOLIN_API int64_t violin_udp_overflows(int fd);
VIOLIN_API int violin_udp_path_mtu(const struct violin_endpoint *remote);
VIOLIN_API int violin_udp_receive(int fd, struct violin_received *datagrams, int count);
VIOLIN_API int violin_udp_send(int fd, const struct violin_part *parts, struct violin_message *messages, int count);

VIOLIN_API int violin_uring_open(struct violin_uring *ring, int sq_entries, int cq_entries);
VIOLIN_API int violin_uring_close(struct violin_uring *ring);
VIOLIN_API int violin_uring_enable(int fd);
VIOLIN_API int violin_uring_enter(int fd, int submit, int wait, int64_t timeout_ns);
VIOLIN_API int violin_uring_provide(int fd, int group, uint64_t address, int entries, int min_left);
VIOLIN_API int violin_uring_withdraw(int fd, int group);

#endif
