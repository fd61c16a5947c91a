/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into UML (libviolin-uml.so): lets it run where a process's registers take more room than it has for them.
 *
 * UML keeps a process's x87, SSE and AVX registers (XSAVE area) in 2,696 bytes. Linux refuses to set them from fewer
 * bytes than the processor's own area has (EFAULT), and on processors with AMX that is 10,688 and more: the first
 * program ends with "ptrace set fp regs failed, errno = 14". What is behind those bytes is tile registers, which no
 * process of a guest can have, as it would have to ask the host's kernel for them (ARCH_REQ_XCOMP_PERM). So they are
 * set to their initial state here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* As the processor has it: 512 bytes of x87 and SSE, then a bit for each component that is not in its initial state. */
#define XSTATE_BV 512
#define COMPONENTS_OF_UML 0x3ffu
#define AREA_MAX (64 << 10)

typedef long ptrace_call(enum __ptrace_request request, ...);

static ptrace_call *real;
/* UML has one processor, and its kernel's stacks are too small for this. */
static uint8_t area[AREA_MAX];
/* Of a process of this host; 0: not known yet. */
static size_t area_bytes;

__attribute__((constructor)) static void find(void)
{
    real = (ptrace_call *)dlsym(RTLD_NEXT, "ptrace");
}

static long set_registers(long pid, void *type, struct iovec *given)
{
    struct iovec whole = { area, sizeof area };
    /* Asked for, not concluded from an error: a timer of UML's may strike behind any call, with an errno of its own. */
    if (area_bytes == 0) {
        if (real(PTRACE_GETREGSET, pid, type, &whole) < 0) {
            return -1;
        }
        area_bytes = whole.iov_len;
    }
    if (given->iov_len >= area_bytes || given->iov_len < XSTATE_BV + sizeof(uint64_t) || area_bytes == sizeof area) {
        return real(PTRACE_SETREGSET, pid, type, given);
    }
    memcpy(area, given->iov_base, given->iov_len);
    memset(area + given->iov_len, 0, area_bytes - given->iov_len);
    uint64_t components;
    memcpy(&components, area + XSTATE_BV, sizeof components);
    components &= COMPONENTS_OF_UML;
    memcpy(area + XSTATE_BV, &components, sizeof components);
    whole.iov_len = area_bytes;
    return real(PTRACE_SETREGSET, pid, type, &whole);
}

__attribute__((visibility("default"))) long ptrace(enum __ptrace_request request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    long pid = va_arg(arguments, long);
    void *address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);
    int is_set = request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE;
    return is_set ? set_registers(pid, address, data) : real(request, pid, address, data);
}
