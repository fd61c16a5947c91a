/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a thread runs, and before which others. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <time.h>

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

/* Has the calling thread run before all ordinary ones, or makes it ordinary again. Returns 1, or 0 where the process
 * may not, or has a policy already that somebody chose for it. Threads and processes that it starts are ordinary. */
int violin_thread_realtime(int on)
{
    int from = on ? SCHED_OTHER : SCHED_FIFO;
    struct sched_param param = { .sched_priority = on ? 1 : 0 };
    int policy = sched_getscheduler(0);
    if ((policy & ~SCHED_RESET_ON_FORK) != from)
        return policy < 0 ? -errno : 0;
    if (sched_setscheduler(0, (on ? SCHED_FIFO : SCHED_OTHER) | SCHED_RESET_ON_FORK, &param) == 0)
        return 1;
    return errno == EPERM ? 0 : -errno;
}

/* The CPU time that the calling thread has had. */
int64_t violin_thread_cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
