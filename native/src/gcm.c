/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's Multi-Buffer Crypto for IPsec, which runs on other makers' processors as well: a datagram takes a quarter of
 * what it takes libcrypto 3.0, which knows no VAES, and looks up parameters by their names for each. */
#include "gcm.h"

#ifdef VIOLIN_HAS_IPSEC_MB

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>

#define KEY_ALIGNMENT 64

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Functions that suit the processor; of no use for others than GCM, which has no state in it. NULL: none. */
static IMB_MGR *functions;

static void choose(void)
{
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    IMB_MGR *manager = alloc_mb_mgr(0);
    if (manager == NULL)
        return;
    init_mb_mgr_auto(manager, NULL);
    if ((manager->features & needed) == needed && imb_get_errno(manager) == 0)
        functions = manager;
    else
        free_mb_mgr(manager);
}

void *gcm_new(const uint8_t *key)
{
    pthread_once(&once, choose);
    if (functions == NULL)
        return NULL;
    size_t bytes = (sizeof(struct gcm_key_data) + KEY_ALIGNMENT - 1) / KEY_ALIGNMENT * KEY_ALIGNMENT;
    struct gcm_key_data *schedule = aligned_alloc(KEY_ALIGNMENT, bytes);
    if (schedule != NULL)
        IMB_AES256_GCM_PRE(functions, key, schedule);
    return schedule;
}

void gcm_free(void *key)
{
    OPENSSL_cleanse(key, sizeof(struct gcm_key_data));
    free(key);
}

void gcm_run(const void *key, int seals, const struct gcm_text *text, uint8_t *tag)
{
    struct gcm_context_data context;
    aes_gcm_enc_dec_t run = seals ? functions->gcm256_enc : functions->gcm256_dec;
    run(key, &context, text->text, text->text, text->bytes, text->nonce, text->associated, text->associated_bytes, tag,
        GCM_TAG_BYTES);
}

#else

void *gcm_new(const uint8_t *key)
{
    (void)key;
    return NULL;
}

void gcm_free(void *key)
{
    (void)key;
}

void gcm_run(const void *key, int seals, const struct gcm_text *text, uint8_t *tag)
{
    (void)key, (void)seals, (void)text, (void)tag;
}

#endif
