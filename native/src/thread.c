/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a thread runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

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
