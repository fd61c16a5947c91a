/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_ABI_H
#define VIOLIN_ABI_H

#include "violin.h"

/* Raised with every change of a struct or signature: a jar refuses a library of another version. */
#define VIOLIN_ABI_VERSION 1

VIOLIN_API int violin_abi_version(void);

#endif
