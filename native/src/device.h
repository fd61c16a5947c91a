/* SPDX-License-Identifier: Apache-2.0
 *
 * Interfaces of the host by their names. */
#ifndef VIOLIN_DEVICE_H
#define VIOLIN_DEVICE_H

#include <linux/if.h>

/* A request that names a device; -EINVAL if none can have the name. */
int device_request(struct ifreq *request, const char *device);

#endif
