// Matrix products of the decoder: y = x · Wᵀ. W is laid out once and then used for many products.
//
// W [out, in] is cut into panels of 64 outputs. A panel is contiguous, [in][64], so a product reads it from front to back. Every
// output is one sum over `in` in order, independent of the other rows in the batch: a row's bits do not depend on its batch. In
// bfloat16, two neighbours along `in` are adjacent ([in / 2][64][2], `in` padded with zeros). x is rounded to bfloat16, and sums are
// float32.
#pragma once

#include <vector>

#include <ATen/ATen.h>

#include "Kernels.h"

namespace ponder {

constexpr int64_t PANEL = 64;
// In bfloat16 `in` is padded to a multiple of DEPTH, and rows are computed ROWS at a time: the size of the processor's matrix tiles.
constexpr int64_t DEPTH = 32, ROWS = 32;

// Whether `linear` and `token_log_probabilities` on this thread multiply in bfloat16.
extern thread_local bool bf16_products;

enum class Epilogue {
    store,  // y = x Wᵀ (+ bias)
    add,    // y += x Wᵀ
    gated,  // y = silu(x Gᵀ) · (x Uᵀ), W = G over U
};

struct Panels {
    int64_t in = 0, out = 0;  // of W; `out` counts both halves of a gated W
    bool bf16 = false, gated = false;
    at::Tensor values;  // float32 or bfloat16 (as int16)

    Panels() = default;
    // Copies W [out, in], float32 or bfloat16 on the CPU.
    Panels(const at::Tensor &weight, bool bf16, bool gated = false);

    // Copies W = tᵀ, t [in, out] float32 with rows `stride` elements apart.
    static Panels transposed(const float *t, int64_t in, int64_t out, int64_t stride, bool bf16);

    // Elements of a panel's column: `in`, padded in bfloat16.
    int64_t depth() const { return bf16 ? (in + DEPTH - 1) / DEPTH * DEPTH : in; }

    // x [rows, in], rows ldx elements apart → y [rows, out], rows ldy elements apart; a gated product has out / 2 columns. `bias` is
    // [out] or null.
    void multiply(const float *x, int64_t ldx, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) const;
};

// c [m, n] = aᵀ b (or += with `add`), a [tokens, m] and b [tokens, n]: a weight's gradient, on all threads.
void transposed_product(const float *a, int64_t m, const float *b, int64_t n, int64_t tokens, float *c, bool add, bool bf16);

// Applies the epilogue to the sums [ROWS][64] of a tile and writes the first `columns` of each row to c, rows ldc elements apart.
template <int ROWS>
PONDER_INLINE void finish_tile(lanes (&sum)[ROWS][4], Epilogue epilogue, float *c, int64_t ldc, int64_t columns) {
    int vectors = 4;
    if (epilogue == Epilogue::gated) {
        vectors = 2;
        for (int i = 0; i < ROWS; i++)
            for (int v = 0; v < 2; v++) sum[i][v] = sum[i][v] * sigmoid(sum[i][v]) * sum[i][v + 2];
    }
    for (int i = 0; i < ROWS; i++) {
        float *row = c + i * ldc;
        if (columns == 16 * vectors) {
            for (int v = 0; v < vectors; v++)
                store(row + 16 * v, epilogue == Epilogue::add ? load(row + 16 * v) + sum[i][v] : sum[i][v]);
        } else {
            float line[PANEL];
            for (int v = 0; v < 4; v++) store(line + 16 * v, sum[i][v]);
            for (int64_t j = 0; j < columns; j++) row[j] = epilogue == Epilogue::add ? row[j] + line[j] : line[j];
        }
    }
}

// Starts the sums of a tile at the bias [64], or at 0 when it is null.
template <int ROWS>
PONDER_INLINE void begin_tile(lanes (&sum)[ROWS][4], const float *bias) {
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < 4; v++) sum[i][v] = bias == nullptr ? lanes{} : load(bias + 16 * v);
}

// How the processor multiplies in bfloat16, from the plainest to the fastest. $PONDER_PRODUCTS (plain, pairs or tiles) sets the
// fastest kind that may be used, which shows what another processor computes: pairs and tiles give the same bits, plain differs by
// rounding.
enum class Products { plain, pairs, tiles };
bool may_use(Products kind);

// Products of bfloat16 panels by the processor's own instructions, and whether it has them: pairs (AVX512_BF16) and tiles (AMX).
// x is [rows, w.depth()], with memory for a multiple of ROWS rows.
bool has_pair_products();
void multiply_pairs(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias);
bool has_tile_products();
void multiply_tiles(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias);

// The bits of x rounded to the nearest bfloat16, ties to even.
PONDER_INLINE uint16_t to_bf16(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace ponder
