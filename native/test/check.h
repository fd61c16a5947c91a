/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of one file: a condition that does not hold is told and counted, and the test goes on. */
#ifndef VIOLIN_CHECK_H
#define VIOLIN_CHECK_H

#include <errno.h>
#include <stdio.h>

static int failures;

#define CHECK(condition)                                                             \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
            failures++;                                                              \
        }                                                                            \
    } while (0)

#endif
