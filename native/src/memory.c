/* SPDX-License-Identifier: Apache-2.0
 *
 * Off-heap memory: pages are touched only when frames reach them, so the resident size follows the traffic. Huge pages,
 * where the system gives them on request: copying super-frames in and out touches many pages. */
#include <errno.h>
#include <sys/mman.h>

#include "violin.h"

int64_t violin_memory_map(uint64_t bytes)
{
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address == MAP_FAILED)
        return -errno;
    madvise(address, bytes, MADV_HUGEPAGE);
    return (int64_t)(uintptr_t)address;
}

int violin_memory_unmap(uint64_t address, uint64_t bytes)
{
    return munmap((void *)(uintptr_t)address, bytes) == 0 ? 0 : -errno;
}
