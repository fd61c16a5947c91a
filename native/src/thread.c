/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a thread runs, and before which others. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "violin.h"

/* Binds the calling thread to one CPU. */
int violin_thread_pin(int cpu)
{
    cpu_set_t set;
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return -EINVAL;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

/* sched_setattr(2), which glibc 2.36 does not have. Their first version. */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns;
    uint64_t deadline_ns;
    uint64_t period_ns;
};
_Static_assert(sizeof(struct attributes) == 48, "SCHED_ATTR_SIZE_VER0");

#define RESET_ON_FORK 1 /* SCHED_FLAG_RESET_ON_FORK */
/* The shortest that Linux gives. */
#define SHORT_TURN_NS 100000

/* Returns 1, or 0 where the kernel or whoever confines the process has it not. */
static int set(const struct attributes *attributes)
{
    if (syscall(SYS_sched_setattr, 0, attributes, 0) == 0)
        return 1;
    return errno == EPERM || errno == ENOSYS ? 0 : -errno;
}

/* Has the calling thread run before all ordinary ones, or makes it ordinary again, with short turns. Returns 1, or 0
 * where the process may not, or has a policy already that somebody chose for it. Threads and processes that it starts
 * are ordinary. It is as nice afterwards as it was before: the kernel has kept that, and who may not be less nice may
 * not say so either. */
int violin_thread_realtime(int on)
{
    int from = on ? SCHED_OTHER : SCHED_FIFO;
    struct attributes to = {
        .size = sizeof(to), .policy = on ? SCHED_FIFO : SCHED_OTHER, .flags = RESET_ON_FORK,
        .nice = getpriority(PRIO_PROCESS, 0), .priority = on ? 1 : 0, .runtime_ns = on ? 0 : SHORT_TURN_NS,
    };
    int policy = sched_getscheduler(0);
    if ((policy & ~SCHED_RESET_ON_FORK) != from)
        return policy < 0 ? -errno : 0;
    return set(&to);
}

/* Has the calling thread, if it is ordinary, ask for short turns: the kernel lets it in before who runs has had its
 * own, longer one. Returns 1, or 0 where it is not ordinary or the kernel has none (before Linux 6.12 it is 1, and
 * nothing changes). */
int violin_thread_short_turns(void)
{
    struct attributes now = { .size = sizeof(now) };
    if (syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) < 0)
        return errno == EPERM || errno == ENOSYS ? 0 : -errno;
    if (now.policy != SCHED_OTHER)
        return 0;
    now.runtime_ns = SHORT_TURN_NS;
    return set(&now);
}

/* The CPU time that the calling thread has had. */
int64_t violin_thread_cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
