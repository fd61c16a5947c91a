/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring's life against the real kernel: made, enabled, entered, with and without a timeout, and closed. */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "violin.h"

static uint32_t *word(const struct violin_uring *ring, uint32_t offset)
{
    return (uint32_t *)(uintptr_t)(ring->queues + offset);
}

static void prepare(struct violin_uring *ring, const struct io_uring_sqe *entry)
{
    uint32_t tail = *word(ring, ring->sq_tail);
    struct io_uring_sqe *entries = (struct io_uring_sqe *)(uintptr_t)ring->entries;
    entries[tail & (ring->sq_entries - 1)] = *entry;
    __atomic_store_n(word(ring, ring->sq_tail), tail + 1, __ATOMIC_RELEASE);
}

/* The next completion, or NULL. */
static struct io_uring_cqe *reap(struct violin_uring *ring)
{
    uint32_t head = *word(ring, ring->cq_head);
    if (head == __atomic_load_n(word(ring, ring->cq_tail), __ATOMIC_ACQUIRE))
        return NULL;
    struct io_uring_cqe *cqes = (struct io_uring_cqe *)(uintptr_t)(ring->queues + ring->cqes);
    __atomic_store_n(word(ring, ring->cq_head), head + 1, __ATOMIC_RELEASE);
    return &cqes[head & (ring->cq_entries - 1)];
}

static void a_ring_carries_entries_and_completions(struct violin_uring *ring)
{
    CHECK(ring->sq_entries == 8 && ring->cq_entries == 32);
    CHECK(violin_uring_enter(ring->fd, 0, 0, 0) == -EBADFD);
    CHECK(violin_uring_enable(ring->fd) == 0);
    CHECK(violin_uring_enter(ring->fd, 0, 1, 1000000) == 0);
    for (uint64_t token = 1; token <= 3; token++) {
        struct io_uring_sqe nop = { .opcode = IORING_OP_NOP, .user_data = token };
        prepare(ring, &nop);
    }
    CHECK(violin_uring_enter(ring->fd, 3, 3, -1) == 3);
    for (uint64_t token = 1; token <= 3; token++) {
        struct io_uring_cqe *done = reap(ring);
        CHECK(done != NULL && done->user_data == token && done->res == 0);
    }
    CHECK(reap(ring) == NULL);
}

static void buffers_are_filled_whole_or_in_pieces(struct violin_uring *ring)
{
    struct io_uring_buf_ring *buffers =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static char slot[64];
    CHECK(violin_uring_provide(ring->fd, 1, (uintptr_t)buffers, 4, 0) == 0);
    CHECK(violin_uring_provide(ring->fd, 1, (uintptr_t)buffers, 4, 0) == -EEXIST);
    buffers->bufs[0] = (struct io_uring_buf){ .addr = (uintptr_t)slot, .len = sizeof(slot), .bid = 7 };
    __atomic_store_n(&buffers->tail, 1, __ATOMIC_RELEASE);
    int ends[2];
    CHECK(pipe(ends) == 0);
    struct io_uring_sqe read = { .opcode = 49, .flags = IOSQE_BUFFER_SELECT, .fd = ends[0], .buf_group = 1 };
    prepare(ring, &read);
    CHECK(write(ends[1], "frame", 5) == 5);
    CHECK(violin_uring_enter(ring->fd, 1, 1, 1000000000) == 1);
    struct io_uring_cqe *done = reap(ring);
    CHECK(done != NULL && done->res == 5 && done->flags >> IORING_CQE_BUFFER_SHIFT == 7);
    CHECK(memcmp(slot, "frame", 5) == 0);
    close(ends[1]);
    CHECK(violin_uring_enter(ring->fd, 0, 1, 1000000000) == 0);
    done = reap(ring);
    CHECK(done != NULL && (done->flags & IORING_CQE_F_MORE) == 0);
    close(ends[0]);
    CHECK(violin_uring_withdraw(ring->fd, 1) == 0);
    int pieces = violin_uring_provide(ring->fd, 2, (uintptr_t)buffers, 4, 32);
    CHECK(pieces == 0 || pieces == -EINVAL);
    munmap(buffers, 4096);
}

int main(void)
{
    struct violin_uring ring;
    int error = violin_uring_open(&ring, 8, 32);
    if (error == -EPERM || error == -ENOSYS || error == -EOPNOTSUPP) {
        puts("uring_test: skipped: io_uring is missing, forbidden or too old here");
        return 0;
    }
    CHECK(error == 0);
    a_ring_carries_entries_and_completions(&ring);
    buffers_are_filled_whole_or_in_pieces(&ring);
    CHECK(violin_uring_close(&ring) == 0);
    if (failures == 0)
        puts("uring_test: passed");
    return failures != 0;
}
