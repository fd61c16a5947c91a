/* SPDX-License-Identifier: Apache-2.0
 *
 * What is preloaded into UML, as UML calls it: registers of a process are read into, and set from, an area that may be
 * smaller than the processor's. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* UML's, in bytes. */
#define AREA 2696
/* Where SSE registers are in it, and the bits of the components that are there: x87, SSE. */
#define XMM 160
#define XMM_BYTES 256
#define COMPONENTS 512

static pid_t stopped_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    return child;
}

static long registers(enum __ptrace_request request, pid_t child, uint8_t *area, size_t bytes)
{
    struct iovec all = { area, bytes };
    return ptrace(request, child, (void *)NT_X86_XSTATE, &all);
}

static void registers_are_set_from_an_area_of_umls_size(void)
{
    pid_t child = stopped_child();
    uint8_t area[AREA];
    uint8_t after[AREA];
    /* The first may find out how large the processor's is; later ones know. */
    for (int round = 1; round <= 3; round++) {
        CHECK(registers(PTRACE_GETREGSET, child, area, sizeof area) == 0);
        memset(area + XMM, 0x10 + round, XMM_BYTES);
        area[COMPONENTS] |= 3;
        CHECK(registers(PTRACE_SETREGSET, child, area, sizeof area) == 0);
        memset(after, 0, sizeof after);
        CHECK(registers(PTRACE_GETREGSET, child, after, sizeof after) == 0);
        CHECK(memcmp(after + XMM, area + XMM, XMM_BYTES) == 0);
    }
    CHECK(registers(PTRACE_SETREGSET, child, area, 100) < 0);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
}

static void strike(int signal)
{
    (void)signal;
    errno = EINTR;
}

/* The first call of a process finds out how large the processor's area is, whatever errno a timer leaves meanwhile. */
static void a_timer_does_no_harm(void)
{
    for (int round = 0; round < 1000; round++) {
        pid_t uml = fork();
        if (uml == 0) {
            pid_t child = stopped_child();
            uint8_t area[AREA];
            int all_well = registers(PTRACE_GETREGSET, child, area, sizeof area) == 0;
            struct itimerval soon = { { 0, 0 }, { 0, 1 + round % 50 } };
            all_well &= signal(SIGALRM, strike) != SIG_ERR && setitimer(ITIMER_REAL, &soon, NULL) == 0;
            all_well &= registers(PTRACE_SETREGSET, child, area, sizeof area) == 0;
            kill(child, SIGKILL);
            _exit(all_well ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        int status;
        CHECK(waitpid(uml, &status, 0) == uml && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
    }
}

static void other_calls_are_the_kernels(void)
{
    pid_t child = stopped_child();
    long word = 42;
    CHECK(ptrace(PTRACE_POKEDATA, child, &word, 43) == 0);
    errno = 0;
    CHECK(ptrace(PTRACE_PEEKDATA, child, &word, 0) == 43 && errno == 0);
    CHECK(ptrace(PTRACE_CONT, child, 0, 0) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(ptrace(PTRACE_CONT, child, 0, 0) < 0 && errno == ESRCH);
}

int main(void)
{
    a_timer_does_no_harm(); /* before this process has found out */
    registers_are_set_from_an_area_of_umls_size();
    other_calls_are_the_kernels();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
