#include "Panels.h"

#include <cstdlib>
#include <string>

#include <ATen/Parallel.h>

namespace ponder {
namespace {

int64_t width(const Panels &w) { return w.gated ? PANEL / 2 : PANEL; }
int64_t outputs(const Panels &w) { return w.gated ? w.out / 2 : w.out; }
int64_t panels(const Panels &w) { return (outputs(w) + width(w) - 1) / width(w); }

// The row of W that a panel's column holds, -1 for padding. A gated panel takes half of its columns from each half of W.
int64_t source(const Panels &w, int64_t panel, int64_t column) {
    int64_t n = width(w), row = panel * n + column % n;
    return row < outputs(w) ? row + (column >= n ? outputs(w) : 0) : -1;
}

constexpr int64_t STRIP = 48;  // columns of the transposed factor that one strip of a weight's gradient covers

// c [ROWS, columns] = a [ROWS, in] · b [in][64], with the epilogue. Rows of `a` are lda elements apart, neighbours in a row DISTANCE
// apart; rows of c are ldc apart. The bias is [64] or null.
template <int ROWS, int64_t DISTANCE = 1>
PONDER_INLINE void tile(const Panels &w, const float *b, const float *a, int64_t lda, Epilogue epilogue, const float *bias,
                        float *c, int64_t ldc, int64_t columns) {
    lanes sum[ROWS][4];
    begin_tile<ROWS>(sum, bias);
    for (int64_t k = 0; k < w.in; k++, b += PANEL) {
        lanes right[4];
        for (int v = 0; v < 4; v++) right[v] = load(b + 16 * v);
        for (int i = 0; i < ROWS; i++) {
            float left = a[i * lda + k * DISTANCE];
            for (int v = 0; v < 4; v++) sum[i][v] += left * right[v];
        }
    }
    finish_tile<ROWS>(sum, epilogue, c, ldc, columns);
}

// The same with bfloat16 pairs, a [ROWS, depth] and b [depth / 2][64][2], on a processor that cannot multiply them: a bfloat16 is the
// float32 whose upper 16 bits it is.
template <int ROWS>
PONDER_INLINE void tile(const Panels &w, const uint16_t *b, const uint16_t *a, int64_t lda, Epilogue epilogue,
                        const float *bias, float *c, int64_t ldc, int64_t columns) {
    lanes sum[ROWS][4];
    begin_tile<ROWS>(sum, bias);
    for (int64_t k = 0; k < lda; k += 2, b += 2 * PANEL) {
        for (int v = 0; v < 4; v++) {
            whole both = *(const whole *)(b + 32 * v);
            lanes first = (lanes)(both << 16), second = (lanes)(both & (whole{} + (int32_t)0xffff0000));
            for (int i = 0; i < ROWS; i++) {
                uint32_t x = (uint32_t)a[i * lda + k] << 16, y = (uint32_t)a[i * lda + k + 1] << 16;
                float left, right;
                std::memcpy(&left, &x, 4);
                std::memcpy(&right, &y, 4);
                sum[i][v] += left * first;
                sum[i][v] += right * second;
            }
        }
    }
    finish_tile<ROWS>(sum, epilogue, c, ldc, columns);
}

// y [rows, outputs] = x [rows, in] · Wᵀ, panel by panel and tile by tile; rows of x are ldx elements apart, rows of y ldy.
template <typename Value>
PONDER_INLINE void all_tiles(const Panels &w, const Value *x, int64_t ldx, int64_t rows, float *y, int64_t ldy, Epilogue epilogue,
                             const float *bias) {
    const Value *values = (const Value *)w.values.const_data_ptr();
    for (int64_t p = 0; p < panels(w); p++) {
        const Value *b = values + p * w.depth() * PANEL;
        int64_t columns = std::min(width(w), outputs(w) - p * width(w));
        float *c = y + p * width(w);
        float padding[PANEL];
        const float *offset = bias == nullptr ? nullptr : bias + p * PANEL;
        if (bias != nullptr && columns < PANEL) {
            for (int64_t j = 0; j < PANEL; j++) padding[j] = j < columns ? offset[j] : 0;
            offset = padding;
        }
        int64_t i = 0;
        for (; i + 6 <= rows; i += 6) tile<6>(w, b, x + i * ldx, ldx, epilogue, offset, c + i * ldy, ldy, columns);
        for (; i + 2 <= rows; i += 2) tile<2>(w, b, x + i * ldx, ldx, epilogue, offset, c + i * ldy, ldy, columns);
        for (; i < rows; i++) tile<1>(w, b, x + i * ldx, ldx, epilogue, offset, c + i * ldy, ldy, columns);
    }
}

PONDER_CLONES void multiply_floats(const Panels &w, const float *x, int64_t ldx, int64_t rows, float *y, int64_t ldy,
                                   Epilogue epilogue, const float *bias) {
    switch (epilogue) {  // one copy of the loop for each, without the choice inside it
        case Epilogue::store: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::store, bias);
        case Epilogue::add: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::add, bias);
        case Epilogue::gated: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::gated, bias);
    }
}

PONDER_CLONES void multiply_plain_bf16(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue,
                                   const float *bias) {
    all_tiles(w, x, w.depth(), rows, y, ldy, epilogue, bias);
}

// y [columns, w.out] = stripᵀ · Wᵀ, strip [w.in][STRIP]: a column of the strip is a row of the product.
PONDER_CLONES void multiply_strip(const Panels &w, const float *strip, int64_t columns, float *y, int64_t ldy, Epilogue epilogue) {
    const float *values = w.values.const_data_ptr<float>();
    for (int64_t p = 0; p < panels(w); p++) {
        const float *b = values + p * w.in * PANEL;
        int64_t width = std::min(PANEL, w.out - p * PANEL), i = 0;
        float *c = y + p * PANEL;
        for (; i + 6 <= columns; i += 6) tile<6, STRIP>(w, b, strip + i, 1, epilogue, nullptr, c + i * ldy, ldy, width);
        for (; i < columns; i++) tile<1, STRIP>(w, b, strip + i, 1, epilogue, nullptr, c + i * ldy, ldy, width);
    }
}

// x [rows, in], rows ldx elements apart → y [rows, depth] in bfloat16, padded with zeros.
PONDER_CLONES void round_rows(const float *x, int64_t ldx, int64_t rows, int64_t in, int64_t depth, uint16_t *y) {
    for (int64_t r = 0; r < rows; r++, x += ldx, y += depth) {
        for (int64_t i = 0; i < in; i++) y[i] = to_bf16(x[i]);
        for (int64_t i = in; i < depth; i++) y[i] = 0;
    }
}

// Interleaves rows k and k + 1 of t [in, columns], rows `stride` elements apart, as a bfloat16 panel has them: to [depth / 2][64][2].
PONDER_CLONES void pair_rows(const float *t, int64_t in, int64_t depth, int64_t stride, int64_t columns, uint16_t *to) {
    for (int64_t k = 0; k < depth; k += 2, to += 2 * PANEL) {
        uint16_t first[PANEL] = {}, second[PANEL] = {};
        if (k < in)
            for (int64_t j = 0; j < columns; j++) first[j] = to_bf16(t[k * stride + j]);
        if (k + 1 < in)
            for (int64_t j = 0; j < columns; j++) second[j] = to_bf16(t[(k + 1) * stride + j]);
        for (int64_t j = 0; j < PANEL; j++) {
            to[2 * j] = first[j];
            to[2 * j + 1] = second[j];
        }
    }
}

// Transposes a [count, columns], rows `stride` elements apart, to bfloat16 rows: to [columns][depth]. It works on one square at a
// time, which stays in the first-level cache.
PONDER_CLONES void turn_rows(const float *a, int64_t count, int64_t depth, int64_t stride, int64_t columns, uint16_t *to) {
    uint16_t square[DEPTH][PANEL] = {};
    for (int64_t start = 0; start < depth; start += DEPTH) {
        for (int64_t t = 0; t < DEPTH; t++) {
            bool is_there = start + t < count;
            for (int64_t j = 0; j < columns; j++) square[t][j] = is_there ? to_bf16(a[(start + t) * stride + j]) : 0;
        }
        for (int64_t j = 0; j < columns; j++)
            for (int64_t t = 0; t < DEPTH; t++) to[j * depth + start + t] = square[t][j];
    }
}

Products most_products() {
    const char *wanted = std::getenv("PONDER_PRODUCTS");
    std::string kind = wanted == nullptr || *wanted == 0 ? "tiles" : wanted;
    TORCH_CHECK_VALUE(kind == "plain" || kind == "pairs" || kind == "tiles", "PONDER_PRODUCTS is \"", kind,
                      "\"; it must be plain, pairs or tiles");
    return kind == "plain" ? Products::plain : kind == "pairs" ? Products::pairs : Products::tiles;
}

void multiply_rounded(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) {
    if (has_tile_products()) multiply_tiles(w, x, rows, y, ldy, epilogue, bias);
    else if (has_pair_products()) multiply_pairs(w, x, rows, y, ldy, epilogue, bias);
    else multiply_plain_bf16(w, x, rows, y, ldy, epilogue, bias);
}

}  // namespace

bool may_use(Products kind) {
    static const Products most = most_products();
    return kind <= most;
}

Panels::Panels(const at::Tensor &weight, bool bf16, bool gated) : in(weight.size(1)), out(weight.size(0)), bf16(bf16), gated(gated) {
    TORCH_CHECK(weight.is_cpu() && weight.dim() == 2 && (!gated || out % 2 == 0), "cannot lay out a weight ", weight.sizes());
    auto w = weight.detach().to(at::kFloat).contiguous();
    int64_t d = depth(), squares = (in + PANEL - 1) / PANEL;
    values = at::empty({panels(*this) * d * PANEL}, bf16 ? at::kShort : at::kFloat);
    at::parallel_for(0, panels(*this), 1, [&](int64_t first, int64_t last) {
        std::vector<float> zeros(in, 0);
        // One square at a time, which stays in the first-level cache.
        for (int64_t square = first * squares; square < last * squares; square++)
            for (int64_t c = 0; c < PANEL; c++) {
                int64_t p = square / squares, begin = square % squares * PANEL, end = std::min(in, begin + PANEL);
                int64_t row = source(*this, p, c);
                const float *from = zeros.data();
                if (row >= 0) from = w.const_data_ptr<float>() + row * in;
                if (bf16) {
                    uint16_t *to = (uint16_t *)values.mutable_data_ptr() + p * d * PANEL;
                    for (int64_t k = begin; k < end; k++) to[k / 2 * 2 * PANEL + 2 * c + k % 2] = to_bf16(from[k]);
                    for (int64_t k = in; end == in && k < d; k++) to[k / 2 * 2 * PANEL + 2 * c + k % 2] = 0;
                } else {
                    float *to = values.data_ptr<float>() + p * d * PANEL;
                    for (int64_t k = begin; k < end; k++) to[k * PANEL + c] = from[k];
                }
            }
    });
}

Panels Panels::transposed(const float *t, int64_t in, int64_t out, int64_t stride, bool bf16) {
    Panels w;
    w.in = in;
    w.out = out;
    w.bf16 = bf16;
    w.values = at::empty({panels(w) * w.depth() * PANEL}, bf16 ? at::kShort : at::kFloat);
    at::parallel_for(0, panels(w), 1, [&](int64_t first, int64_t last) {
        for (int64_t p = first; p < last; p++) {
            int64_t columns = std::min(PANEL, out - p * PANEL), start = p * w.depth() * PANEL;
            if (bf16) {
                pair_rows(t + p * PANEL, in, w.depth(), stride, columns, (uint16_t *)w.values.mutable_data_ptr() + start);
                continue;
            }
            float *to = w.values.data_ptr<float>() + start;
            for (int64_t k = 0; k < in; k++, to += PANEL) {
                std::memcpy(to, t + k * stride + p * PANEL, columns * sizeof(float));
                for (int64_t j = columns; j < PANEL; j++) to[j] = 0;
            }
        }
    });
    return w;
}

void transposed_product(const float *a, int64_t m, const float *b, int64_t n, int64_t tokens, float *c, bool add, bool bf16) {
    constexpr int64_t TOKENS = 1024;  // tokens summed at a time, so that a panel of b stays in the second-level cache
    int64_t width = bf16 ? PANEL : STRIP, strips = (m + width - 1) / width;
    if (tokens == 0 && !add) std::memset(c, 0, m * n * sizeof(float));
    for (int64_t start = 0; start < tokens; start += TOKENS) {
        int64_t count = std::min(TOKENS, tokens - start);
        auto w = Panels::transposed(b + start * n, count, n, n, bf16);
        auto epilogue = add || start > 0 ? Epilogue::add : Epilogue::store;
        at::parallel_for(0, strips, 1, [&](int64_t first, int64_t last) {
            static thread_local std::vector<float> strip;
            static thread_local std::vector<uint16_t> turned;
            for (int64_t s = first; s < last; s++) {
                int64_t columns = std::min(width, m - s * width);
                const float *from = a + start * m + s * width;
                float *to = c + s * width * n;
                if (bf16) {
                    turned.resize(PANEL * w.depth());
                    turn_rows(from, count, w.depth(), m, columns, turned.data());
                    multiply_rounded(w, turned.data(), columns, to, n, epilogue, nullptr);
                    continue;
                }
                strip.resize(STRIP * count);
                for (int64_t t = 0; t < count; t++) {
                    if (columns == STRIP) std::memcpy(strip.data() + t * STRIP, from + t * m, STRIP * sizeof(float));
                    else std::memcpy(strip.data() + t * STRIP, from + t * m, columns * sizeof(float));
                }
                multiply_strip(w, strip.data(), columns, to, n, epilogue);
            }
        });
    }
}

void Panels::multiply(const float *x, int64_t ldx, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) const {
    if (!bf16) return multiply_floats(*this, x, ldx, rows, y, ldy, epilogue, bias);
    static thread_local std::vector<uint16_t> rounded;
    int64_t room = (rows + ROWS - 1) / ROWS * ROWS * depth();
    if ((int64_t)rounded.size() < room) rounded.resize(room);
    round_rows(x, ldx, rows, in, depth(), rounded.data());
    multiply_rounded(*this, rounded.data(), rows, y, ldy, epilogue, bias);
}

}  // namespace ponder
