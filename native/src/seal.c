/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams sealed and opened where they lie, by libcrypto's AEADs or a faster library's: the header is the associated
 * data, its counter the nonce, the tag stands at the end (docs/tunnel-protocol.md). A key's schedule is kept from
 * datagram to datagram. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "gcm.h"
#include "seal.h"
#include "violin.h"

#define NONCE_BYTES 12
#define HEADER_BYTES VIOLIN_DATAGRAM_RECORD

/* The nonce of a datagram: 32 zero bits, then the counter as it stands in the header. */
static void write_nonce(uint8_t *nonce, const uint8_t *datagram)
{
    memset(nonce, 0, NONCE_BYTES - 8);
    memcpy(nonce + NONCE_BYTES - 8, datagram + VIOLIN_DATAGRAM_COUNTER, 8);
}

/* A key of one of the two. */
struct aead {
    void *gcm;
    EVP_CIPHER_CTX *evp;
};

int64_t violin_aead_new(int cipher, int seals, const uint8_t *key)
{
    const EVP_CIPHER *type = cipher == VIOLIN_CHACHA20_POLY1305 ? EVP_chacha20_poly1305() : EVP_aes_256_gcm();
    struct aead *aead = calloc(1, sizeof(*aead));
    if (aead == NULL)
        return -ENOMEM;
    if (cipher == VIOLIN_AES_256_GCM)
        aead->gcm = gcm_new(key);
    if (aead->gcm == NULL) {
        aead->evp = EVP_CIPHER_CTX_new();
        if (aead->evp == NULL || EVP_CipherInit_ex(aead->evp, type, NULL, key, NULL, seals) != 1) {
            EVP_CIPHER_CTX_free(aead->evp);
            free(aead);
            return -EIO;
        }
    }
    return (int64_t)(uintptr_t)aead;
}

/* Overwrites the key. */
int violin_aead_free(uint64_t handle)
{
    struct aead *aead = (struct aead *)(uintptr_t)handle;
    if (aead->gcm != NULL)
        gcm_free(aead->gcm);
    EVP_CIPHER_CTX_free(aead->evp);
    free(aead);
    return 0;
}

static int evp_seal(EVP_CIPHER_CTX *context, const uint8_t *nonce, uint8_t *datagram, size_t bytes)
{
    uint8_t *body = datagram + HEADER_BYTES;
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, datagram + bytes, VIOLIN_TAG_BYTES),
        OSSL_PARAM_construct_end(),
    };
    int n;
    return EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce) == 1
        && EVP_EncryptUpdate(context, NULL, &n, datagram, HEADER_BYTES) == 1
        && EVP_EncryptUpdate(context, body, &n, body, (int)(bytes - HEADER_BYTES)) == 1
        && EVP_EncryptFinal_ex(context, body + n, &n) == 1 && EVP_CIPHER_CTX_get_params(context, tag) == 1;
}

static int evp_open(EVP_CIPHER_CTX *context, const uint8_t *nonce, uint8_t *datagram, size_t bytes)
{
    uint8_t *body = datagram + HEADER_BYTES;
    size_t sealed = bytes - HEADER_BYTES - VIOLIN_TAG_BYTES;
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, body + sealed, VIOLIN_TAG_BYTES),
        OSSL_PARAM_construct_end(),
    };
    int n;
    return EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 && EVP_CIPHER_CTX_set_params(context, tag) == 1
        && EVP_DecryptUpdate(context, NULL, &n, datagram, HEADER_BYTES) == 1
        && EVP_DecryptUpdate(context, body, &n, body, (int)sealed) == 1
        && EVP_DecryptFinal_ex(context, body + n, &n) == 1;
}

static struct gcm_text text_of(uint8_t *datagram, size_t bytes, const uint8_t *nonce)
{
    return (struct gcm_text){ .text = datagram + HEADER_BYTES, .bytes = bytes - HEADER_BYTES, .nonce = nonce,
        .associated = datagram, .associated_bytes = HEADER_BYTES };
}

int seal_datagram(uint64_t handle, uint8_t *datagram, size_t bytes)
{
    const struct aead *aead = (const struct aead *)(uintptr_t)handle;
    uint8_t nonce[NONCE_BYTES];
    if (bytes < HEADER_BYTES)
        return -EINVAL;
    write_nonce(nonce, datagram);
    if (aead->gcm == NULL)
        return evp_seal(aead->evp, nonce, datagram, bytes) ? 0 : -EIO;
    struct gcm_text text = text_of(datagram, bytes, nonce);
    gcm_run(aead->gcm, 1, &text, datagram + bytes);
    return 0;
}

static int open_datagram(const struct aead *aead, uint8_t *datagram, size_t bytes)
{
    uint8_t nonce[NONCE_BYTES];
    if (bytes < HEADER_BYTES + VIOLIN_TAG_BYTES)
        return -EBADMSG;
    write_nonce(nonce, datagram);
    if (aead->gcm == NULL)
        return evp_open(aead->evp, nonce, datagram, bytes) ? 0 : -EBADMSG;
    uint8_t tag[VIOLIN_TAG_BYTES];
    size_t end = bytes - VIOLIN_TAG_BYTES;
    struct gcm_text text = text_of(datagram, end, nonce);
    gcm_run(aead->gcm, 0, &text, tag);
    return CRYPTO_memcmp(tag, datagram + end, VIOLIN_TAG_BYTES) == 0 ? 0 : -EBADMSG;
}

/* Seals each where it lies, with VIOLIN_TAG_BYTES of room behind it, by which it gets longer; returns how many it was
 * able to. */
int violin_aead_seal(uint64_t aead, struct violin_slice *datagrams, int count)
{
    int good = 0;
    for (int i = 0; i < count; i++) {
        struct violin_slice *slice = &datagrams[i];
        slice->status = seal_datagram(aead, (uint8_t *)(uintptr_t)slice->address, slice->length);
        slice->length += slice->status == 0 ? VIOLIN_TAG_BYTES : 0;
        good += slice->status == 0;
    }
    return good;
}

/* Opens each where it lies; what does not prove authentic is left as rubbish, with -EBADMSG as its status. Returns how
 * many are. */
int violin_aead_open(uint64_t aead, struct violin_slice *datagrams, int count)
{
    int good = 0;
    for (int i = 0; i < count; i++) {
        struct violin_slice *slice = &datagrams[i];
        slice->status = open_datagram((const struct aead *)(uintptr_t)aead, (uint8_t *)(uintptr_t)slice->address,
                                      slice->length);
        good += slice->status == 0;
    }
    return good;
}
