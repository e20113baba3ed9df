// Matrix products of the decoder: y = x · Wᵀ with W laid out once, for as many products as its values live.
//
// W [out, in] is cut into panels of 64 outputs that stand side by side in memory, [in][64], so a product reads it front to back.
// Every output is one sum over `in` in order, whatever other rows are computed beside it: a row's bits do not depend on its batch.
// In bfloat16, two neighbours of `in` lie together ([in / 2][64][2], `in` filled up with zeros); x is rounded to bfloat16 and sums
// are kept in float32.
#pragma once

#include <vector>

#include <ATen/ATen.h>

#include "Kernels.h"

namespace ponder {

constexpr int64_t PANEL = 64;
// In bfloat16 `in` is a multiple of DEPTH and rows are computed ROWS at a time: what the processor's matrix tiles hold.
constexpr int64_t DEPTH = 32, ROWS = 32;

// Whether the learner's products on this thread are bfloat16.
extern thread_local bool half_products;

enum class Epilogue {
    store,  // y = x Wᵀ (+ bias)
    add,    // y += x Wᵀ
    gated,  // y = silu(x Gᵀ) · (x Uᵀ), W = G over U
};

struct Panels {
    int64_t in = 0, out = 0;  // out of W, both halves of a gated one
    bool half = false, gated = false;
    at::Tensor values;  // float32 or bfloat16 (as int16)

    Panels() = default;
    // Copies W [out, in], float32 or bfloat16 on the CPU.
    Panels(const at::Tensor &weight, bool half, bool gated = false);

    // Of the transposed: W = tᵀ, t [in, out] float32, rows apart by `stride`.
    static Panels transposed(const float *t, int64_t in, int64_t out, int64_t stride, bool half);

    // Elements of a panel's column: `in`, filled up in bfloat16.
    int64_t depth() const { return half ? (in + DEPTH - 1) / DEPTH * DEPTH : in; }

    // x [rows, in], rows ldx apart → y [rows, out], rows ldy apart (half of out when gated). `bias` [out] or null.
    void multiply(const float *x, int64_t ldx, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) const;
};

// c [m, n] = aᵀ b (or += with `add`), a [tokens, m] and b [tokens, n]: a weight's gradient, on all threads.
void transposed_product(const float *a, int64_t m, const float *b, int64_t n, int64_t tokens, float *c, bool add, bool half);

// What a tile does with its sums: `columns` of them are real.
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

template <int ROWS>
PONDER_INLINE void begin_tile(lanes (&sum)[ROWS][4], const float *bias) {
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < 4; v++) sum[i][v] = bias == nullptr ? lanes{} : load(bias + 16 * v);
}

// How a processor multiplies in bfloat16, the plainest first. $PONDER_PRODUCTS (plain, pairs or tiles) holds it back to what others have,
// to see here what they compute: pairs and tiles give the same bits, plain ones differ by rounding.
enum class Products { plain, pairs, tiles };
bool may_use(Products kind);

// Products of bfloat16 panels with x [rows, w.depth()], with room for a multiple of ROWS, by the processor's own instructions: pairs
// (AVX512_BF16) and tiles (AMX), and whether it has them.
bool has_pair_products();
void multiply_pairs(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias);
bool has_tile_products();
void multiply_tiles(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias);

PONDER_INLINE uint16_t rounded_half(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace ponder
