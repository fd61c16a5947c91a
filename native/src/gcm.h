/* SPDX-License-Identifier: Apache-2.0
 *
 * AES-256-GCM by a library that knows this processor's wide instructions, where both are there. */
#ifndef VIOLIN_GCM_H
#define VIOLIN_GCM_H

#include <stddef.h>
#include <stdint.h>

#define GCM_NONCE_BYTES 12
#define GCM_TAG_BYTES 16

/* What is done to `bytes` at `text`, where they lie. */
struct gcm_text {
    uint8_t *text;
    size_t bytes;
    const uint8_t *nonce;
    const uint8_t *associated;
    size_t associated_bytes;
};

/* A key, for one thread at a time or for several; NULL if there is no such library, processor, or memory. */
void *gcm_new(const uint8_t *key);
/* Overwrites it. */
void gcm_free(void *key);
/* Makes the tag; the caller compares it with the one of a text that is to be opened. */
void gcm_run(const void *key, int seals, const struct gcm_text *text, uint8_t *tag);

#endif
