/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_H
#define VIOLIN_H

/* Functions marked so are the library's face; all else is hidden. They return -errno, keep no state and allocate
 * nothing: the caller owns all memory. */
#define VIOLIN_API __attribute__((visibility("default")))

#endif
