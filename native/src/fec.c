/* SPDX-License-Identifier: Apache-2.0
 *
 * Forward error correction over datagrams: a systematic Cauchy code over GF(2^8), whose arithmetic is ISA-L's. Parity
 * is added up while the datagrams of a block go by, so none of them is kept; docs/tunnel-protocol.md has the code. */
#include <endian.h>
#include <errno.h>
#include <isa-l.h>
#include <string.h>

#include "violin.h"

#define TABLE_BYTES 32
#define DATAGRAM_TYPE 0

/* Of parity row `row` and member `member`. A Cauchy matrix: any rows and as many columns of it can be inverted, however
 * many members a block has come to. */
static uint8_t coefficient(uint32_t row, uint32_t member)
{
    return gf_inv((uint8_t)((VIOLIN_FEC_MEMBERS_MAX | row) ^ member));
}

/* What an encoder multiplies by: VIOLIN_FEC_TABLE_BYTES, the same for all. */
int violin_fec_tables(uint8_t *tables)
{
    uint8_t matrix[VIOLIN_FEC_ROWS_MAX * VIOLIN_FEC_MEMBERS_MAX];
    _Static_assert(sizeof(matrix) * TABLE_BYTES == VIOLIN_FEC_TABLE_BYTES, "as ISA-L wants them");
    for (uint32_t row = 0; row < VIOLIN_FEC_ROWS_MAX; row++)
        for (uint32_t member = 0; member < VIOLIN_FEC_MEMBERS_MAX; member++)
            matrix[row * VIOLIN_FEC_MEMBERS_MAX + member] = coefficient(row, member);
    ec_init_tables(VIOLIN_FEC_MEMBERS_MAX, VIOLIN_FEC_ROWS_MAX, matrix, tables);
    return 0;
}

static size_t padded(size_t bytes)
{
    return (bytes + VIOLIN_FEC_PADDING - 1) & ~(size_t)(VIOLIN_FEC_PADDING - 1);
}

static uint8_t *parity_of(const struct violin_fec *fec, uint32_t block, uint32_t row)
{
    return (uint8_t *)(uintptr_t)fec->parity + ((size_t)block * VIOLIN_FEC_ROWS_MAX + row) * fec->stride;
}

/* The block that the next member goes to, or NULL while none is free. Blocks of a group are filled in turn, so that a
 * burst of losses hits each of them a little. */
static struct violin_fec_block *open_block(struct violin_fec *fec)
{
    struct violin_fec_block *block = &fec->blocks[fec->group + fec->turn];
    if (block->members < fec->members)
        return block;
    uint32_t next = (fec->group + fec->depth) % fec->block_count;
    for (uint32_t i = 0; i < fec->depth; i++)
        if (fec->blocks[next + i].members > 0)
            return NULL;
    fec->group = next;
    fec->turn = 0;
    return &fec->blocks[next];
}

static void add_member(struct violin_fec *fec, struct violin_fec_block *block, uint64_t counter)
{
    if (block->members == 0) {
        block->first = counter;
        block->bytes = 0;
        block->rows = (uint8_t)fec->rows;
        memset(parity_of(fec, (uint32_t)(block - fec->blocks), 0), 0, (size_t)block->rows * fec->stride);
    } else {
        block->deltas[block->members - 1] = (uint8_t)(counter - block->last);
    }
    block->last = counter;
    block->members++;
}

/* Adds a datagram, not sealed yet, to the block whose turn it is. Less than VIOLIN_FEC_PADDING bytes behind it are
 * overwritten. Returns 1, or 0 if there is no block for it. */
int violin_fec_add(struct violin_fec *fec, uint8_t *datagram, int length)
{
    size_t bytes = (size_t)length;
    uint8_t *symbol = datagram + VIOLIN_FEC_SYMBOL;
    size_t symbol_bytes = bytes - VIOLIN_FEC_SYMBOL;
    struct violin_fec_block *block = open_block(fec);
    uint64_t counter;
    memcpy(&counter, datagram + VIOLIN_DATAGRAM_COUNTER, sizeof(counter));
    counter = be64toh(counter);
    if (block == NULL || length <= VIOLIN_DATAGRAM_RECORD || padded(symbol_bytes) > fec->stride
        || (block->members > 0
            && (counter - block->last > UINT8_MAX || counter - block->first >= VIOLIN_FEC_SPAN_MAX))) {
        fec->unprotected++;
        return 0;
    }
    add_member(fec, block, counter);
    if (symbol_bytes > block->bytes)
        block->bytes = (uint16_t)symbol_bytes;
    /* What the symbol has of its own stands where the counter's lower half is, for as long as it takes. */
    uint8_t header[VIOLIN_DATAGRAM_RECORD - VIOLIN_FEC_SYMBOL];
    memcpy(header, symbol, sizeof(header));
    symbol[0] = datagram[DATAGRAM_TYPE];
    symbol[1] = 0;
    symbol[2] = (uint8_t)(symbol_bytes >> 8);
    symbol[3] = (uint8_t)symbol_bytes;
    memset(symbol + symbol_bytes, 0, padded(symbol_bytes) - symbol_bytes);
    unsigned char *rows[VIOLIN_FEC_ROWS_MAX];
    for (uint32_t row = 0; row < block->rows; row++)
        rows[row] = parity_of(fec, (uint32_t)(block - fec->blocks), row);
    ec_encode_data_update((int)padded(symbol_bytes), VIOLIN_FEC_MEMBERS_MAX, block->rows, block->members - 1,
                          (unsigned char *)(uintptr_t)fec->tables, symbol, rows);
    memcpy(symbol, header, sizeof(header));
    fec->turn = (fec->turn + 1) % fec->depth;
    return 1;
}

/* Finds the members that are missing. All symbols are `bytes` long, padded with zeros; `bytes` is a multiple of
 * VIOLIN_FEC_PADDING. Returns 0, or -EINVAL if there are not as many rows as members missing. */
int violin_fec_decode(struct violin_fec_decode *decode)
{
    uint32_t missing[VIOLIN_FEC_ROWS_MAX];
    uint32_t known[VIOLIN_FEC_MEMBERS_MAX];
    unsigned char *sources[VIOLIN_FEC_MEMBERS_MAX + VIOLIN_FEC_ROWS_MAX];
    unsigned char *targets[VIOLIN_FEC_ROWS_MAX];
    uint32_t n = 0;
    uint32_t have = 0;
    uint32_t rows = decode->rows;
    if (decode->members > VIOLIN_FEC_MEMBERS_MAX || rows > VIOLIN_FEC_ROWS_MAX || rows == 0)
        return -EINVAL;
    for (uint32_t i = 0; i < decode->members; i++) {
        if (decode->member[i]) {
            known[have] = i;
            sources[have++] = (unsigned char *)(uintptr_t)decode->member[i];
        } else if (n < rows) {
            missing[n++] = i;
        } else {
            return -EINVAL;
        }
    }
    if (n != rows)
        return -EINVAL;
    uint8_t square[VIOLIN_FEC_ROWS_MAX * VIOLIN_FEC_ROWS_MAX];
    uint8_t inverse[VIOLIN_FEC_ROWS_MAX * VIOLIN_FEC_ROWS_MAX];
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = 0; b < n; b++)
            square[a * n + b] = coefficient(decode->row[a], missing[b]);
        sources[have + a] = (unsigned char *)(uintptr_t)decode->parity[a];
        targets[a] = (unsigned char *)(uintptr_t)decode->target[a];
    }
    if (gf_invert_matrix(square, inverse, (int)n) != 0)
        return -EINVAL;
    /* missing = inverse * (parity + coefficients * known), as one matrix. */
    uint8_t matrix[VIOLIN_FEC_ROWS_MAX * (VIOLIN_FEC_MEMBERS_MAX + VIOLIN_FEC_ROWS_MAX)];
    uint32_t width = have + n;
    for (uint32_t b = 0; b < n; b++) {
        for (uint32_t i = 0; i < have; i++) {
            uint8_t sum = 0;
            for (uint32_t a = 0; a < n; a++)
                sum ^= gf_mul(inverse[b * n + a], coefficient(decode->row[a], known[i]));
            matrix[b * width + i] = sum;
        }
        memcpy(matrix + b * width + have, inverse + b * n, n);
    }
    uint8_t tables[sizeof(matrix) * TABLE_BYTES];
    ec_init_tables((int)width, (int)n, matrix, tables);
    ec_encode_data((int)decode->bytes, (int)width, (int)n, tables, sources, targets);
    return 0;
}
