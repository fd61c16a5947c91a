/* SPDX-License-Identifier: Apache-2.0
 *
 * The version of the contract between this library and its Java side. */
#include "abi.h"

VIOLIN_API int violin_abi_version(void)
{
    return VIOLIN_ABI_VERSION;
}
