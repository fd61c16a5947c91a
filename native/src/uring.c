/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring without liburing. The rings are mapped here and driven by the caller, which writes entries and moves heads
 * and tails itself: what is left is one system call a cycle, and what happens once in a ring's or a channel's life.
 *
 * Theory of operation. A ring belongs to one thread (SINGLE_ISSUER), and completions are posted only while that thread
 * is in violin_uring_enter (DEFER_TASKRUN), so nothing interrupts it between cycles. The ring is born disabled, because
 * the thread that makes it need not be the one that drives it: the driver enables it, and owns it from then on.
 *
 * What Linux 6.18 does, found by experiment, and relied on by the caller:
 * - A multishot read ends (no CQE_F_MORE) with -ENOBUFS when its buffers are used up; whoever provides new ones arms it
 *   again. So the buffers provided for a descriptor bound what one enter takes from it, and a flood starves nobody.
 * - A TAP that goes down only falls silent; one that is deleted ends its read with -EBADFD.
 * - A message of no bytes ends a multishot receive with 0, as the end of the connection does.
 * - A full completion queue loses nothing: completions wait in the kernel, and multishot requests end.
 * - An armed request holds its file: a descriptor that is closed before it is cancelled keeps its device alive.
 * - O_NONBLOCK alone does not keep a send or write from waiting; MSG_DONTWAIT and RWF_NOWAIT do, and then every send is
 *   complete when the enter that submits it returns.
 * - A buffer that is consumed piece by piece cuts the frame that meets its end, except where the kernel knows
 *   `min_left` (7.1, and stable releases such as 6.18.44): there a buffer is done when less than that is left. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "violin.h"

/* Newer than the oldest kernel headers that this library is built with. */
#define URING_OP_READ_MULTISHOT 49
#define URING_PBUF_RING_INC 2

struct uring_buffer_ring {
    uint64_t address;
    uint32_t entries;
    uint16_t group;
    uint16_t flags;
    uint32_t min_left;
    uint32_t reserved[5];
};
_Static_assert(sizeof(struct uring_buffer_ring) == sizeof(struct io_uring_buf_reg), "the kernel's");

/* The offsets that the caller writes entries by are the kernel's ABI. */
_Static_assert(sizeof(struct io_uring_sqe) == VIOLIN_SQE_BYTES, "mirrored in Java");
_Static_assert(sizeof(struct io_uring_cqe) == VIOLIN_CQE_BYTES, "mirrored in Java");

static int uring_setup(unsigned entries, struct io_uring_params *params)
{
    long fd = syscall(__NR_io_uring_setup, entries, params);
    return fd >= 0 ? (int)fd : -errno;
}

static int uring_register(int fd, unsigned opcode, const void *argument, unsigned count)
{
    long result = syscall(__NR_io_uring_register, fd, opcode, argument, count);
    return result >= 0 ? (int)result : -errno;
}

/* Whether the kernel reads TAPs by multishot (6.7), which is the youngest thing that the rings need. */
static int uring_probe(int fd)
{
    struct {
        struct io_uring_probe head;
        struct io_uring_probe_op ops[URING_OP_READ_MULTISHOT + 1];
    } probe;
    memset(&probe, 0, sizeof(probe));
    int error = uring_register(fd, IORING_REGISTER_PROBE, &probe, URING_OP_READ_MULTISHOT + 1);
    if (error < 0)
        return error;
    int known = probe.head.last_op >= URING_OP_READ_MULTISHOT
        && (probe.ops[URING_OP_READ_MULTISHOT].flags & IO_URING_OP_SUPPORTED) != 0;
    return known ? 0 : -EOPNOTSUPP;
}

static int uring_map(struct violin_uring *ring, const struct io_uring_params *params)
{
    /* One mapping holds both queues (IORING_FEAT_SINGLE_MMAP, Linux 5.4). */
    size_t submission = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
    size_t completion = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    ring->queue_bytes = submission > completion ? submission : completion;
    ring->entry_bytes = params->sq_entries * sizeof(struct io_uring_sqe);
    char *queues = mmap(NULL, ring->queue_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
                        IORING_OFF_SQ_RING);
    if (queues == MAP_FAILED)
        return -errno;
    void *entries = mmap(NULL, ring->entry_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
                         IORING_OFF_SQES);
    if (entries == MAP_FAILED) {
        int error = -errno;
        munmap(queues, ring->queue_bytes);
        return error;
    }
    /* Entry i is always described by submission slot i. */
    uint32_t *array = (uint32_t *)(queues + params->sq_off.array);
    for (uint32_t i = 0; i < params->sq_entries; i++)
        array[i] = i;
    ring->queues = (uintptr_t)queues;
    ring->entries = (uintptr_t)entries;
    ring->sq_head = params->sq_off.head;
    ring->sq_tail = params->sq_off.tail;
    ring->sq_entries = params->sq_entries;
    ring->cq_head = params->cq_off.head;
    ring->cq_tail = params->cq_off.tail;
    ring->cqes = params->cq_off.cqes;
    ring->cq_entries = params->cq_entries;
    return 0;
}

/* Makes a ring, disabled. -EOPNOTSUPP: the kernel is older than 6.7; -EPERM: kernel.io_uring_disabled forbids it;
 * -ENOSYS: no io_uring at all, or a seccomp filter pretends so. */
int violin_uring_open(struct violin_uring *ring, int sq_entries, int cq_entries)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof(params));
    memset(ring, 0, sizeof(*ring));
    params.flags = IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
        | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    params.cq_entries = (uint32_t)cq_entries;
    int fd = uring_setup((unsigned)sq_entries, &params);
    if (fd < 0)
        return fd == -EINVAL ? -EOPNOTSUPP : fd;
    ring->fd = fd;
    int error = uring_probe(fd);
    if (!error)
        error = uring_map(ring, &params);
    if (error)
        close(fd);
    return error;
}

int violin_uring_close(struct violin_uring *ring)
{
    munmap((void *)(uintptr_t)ring->entries, ring->entry_bytes);
    munmap((void *)(uintptr_t)ring->queues, ring->queue_bytes);
    return close(ring->fd) == 0 ? 0 : -errno;
}

/* Makes the calling thread the ring's one driver. */
int violin_uring_enable(int fd)
{
    return uring_register(fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

/* Submits `submit` entries, posts what has completed, and waits for at least `wait` completions or `timeout_ns`
 * (< 0: for ever). Returns how many entries were submitted; a timeout or a signal is no error. */
int violin_uring_enter(int fd, int submit, int wait, int64_t timeout_ns)
{
    struct __kernel_timespec timeout = { .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000 };
    struct io_uring_getevents_arg argument = { .ts = timeout_ns < 0 ? 0 : (uint64_t)(uintptr_t)&timeout };
    long result = syscall(__NR_io_uring_enter, fd, (unsigned)submit, (unsigned)wait,
                          IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof(argument));
    if (result >= 0)
        return (int)result;
    return errno == ETIME || errno == EINTR || errno == EBUSY || errno == EAGAIN ? 0 : -errno;
}

/* Registers a ring of buffers for `group`. min_left 0: each buffer takes one frame; else a buffer takes frames until
 * less than that is left, or -EINVAL if this kernel cannot. */
int violin_uring_provide(int fd, int group, uint64_t address, int entries, int min_left)
{
    struct uring_buffer_ring request = {
        .address = address,
        .entries = (uint32_t)entries,
        .group = (uint16_t)group,
        .flags = min_left > 0 ? URING_PBUF_RING_INC : 0,
        .min_left = (uint32_t)min_left,
    };
    return uring_register(fd, IORING_REGISTER_PBUF_RING, &request, 1);
}

int violin_uring_withdraw(int fd, int group)
{
    struct uring_buffer_ring request = { .group = (uint16_t)group };
    return uring_register(fd, IORING_UNREGISTER_PBUF_RING, &request, 1);
}
