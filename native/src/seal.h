/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_SEAL_H
#define VIOLIN_SEAL_H

#include <stddef.h>
#include <stdint.h>

/* Seals a datagram where it lies: `bytes` of header and records, and room for VIOLIN_TAG_BYTES behind them. Returns 0,
 * -EINVAL without a whole header, or -EIO if the library will not. */
int seal_datagram(uint64_t aead, uint8_t *datagram, size_t bytes);

#endif
