/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams sealed and opened where they lie, by libcrypto's AEADs: the header is the associated data, its counter the
 * nonce, the tag stands at the end (docs/tunnel-protocol.md). A context keeps its key schedule from datagram to
 * datagram. It belongs to one thread at a time. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

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

int64_t violin_aead_new(int cipher, int seals, const uint8_t *key)
{
    const EVP_CIPHER *type = cipher == VIOLIN_CHACHA20_POLY1305 ? EVP_chacha20_poly1305() : EVP_aes_256_gcm();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL)
        return -ENOMEM;
    if (EVP_CipherInit_ex(context, type, NULL, key, NULL, seals) != 1) {
        EVP_CIPHER_CTX_free(context);
        return -EIO;
    }
    return (int64_t)(uintptr_t)context;
}

/* Overwrites the key. */
int violin_aead_free(uint64_t aead)
{
    EVP_CIPHER_CTX_free((EVP_CIPHER_CTX *)(uintptr_t)aead);
    return 0;
}

int seal_datagram(uint64_t aead, uint8_t *datagram, size_t bytes)
{
    EVP_CIPHER_CTX *context = (EVP_CIPHER_CTX *)(uintptr_t)aead;
    uint8_t nonce[NONCE_BYTES];
    uint8_t *body = datagram + HEADER_BYTES;
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, datagram + bytes, VIOLIN_TAG_BYTES),
        OSSL_PARAM_construct_end(),
    };
    int n;
    if (bytes < HEADER_BYTES)
        return -EINVAL;
    write_nonce(nonce, datagram);
    if (EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce) != 1
        || EVP_EncryptUpdate(context, NULL, &n, datagram, HEADER_BYTES) != 1
        || EVP_EncryptUpdate(context, body, &n, body, (int)(bytes - HEADER_BYTES)) != 1
        || EVP_EncryptFinal_ex(context, body + n, &n) != 1 || EVP_CIPHER_CTX_get_params(context, tag) != 1)
        return -EIO;
    return 0;
}

static int open_datagram(EVP_CIPHER_CTX *context, uint8_t *datagram, size_t bytes)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t *body = datagram + HEADER_BYTES;
    if (bytes < HEADER_BYTES + VIOLIN_TAG_BYTES)
        return -EBADMSG;
    size_t sealed = bytes - HEADER_BYTES - VIOLIN_TAG_BYTES;
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, body + sealed, VIOLIN_TAG_BYTES),
        OSSL_PARAM_construct_end(),
    };
    int n;
    write_nonce(nonce, datagram);
    if (EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) != 1 || EVP_CIPHER_CTX_set_params(context, tag) != 1
        || EVP_DecryptUpdate(context, NULL, &n, datagram, HEADER_BYTES) != 1
        || EVP_DecryptUpdate(context, body, &n, body, (int)sealed) != 1
        || EVP_DecryptFinal_ex(context, body + n, &n) != 1)
        return -EBADMSG;
    return 0;
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
        slice->status = open_datagram((EVP_CIPHER_CTX *)(uintptr_t)aead, (uint8_t *)(uintptr_t)slice->address,
                                      slice->length);
        good += slice->status == 0;
    }
    return good;
}
