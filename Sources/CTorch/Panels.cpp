#include "Panels.h"

#include <cstdlib>
#include <string>

#include <ATen/Parallel.h>

namespace ponder {
namespace {

int64_t width(const Panels &w) { return w.gated ? PANEL / 2 : PANEL; }
int64_t outputs(const Panels &w) { return w.gated ? w.out / 2 : w.out; }
int64_t panels(const Panels &w) { return (outputs(w) + width(w) - 1) / width(w); }

// The row of W behind a panel's column, -1 for padding: a gated panel has half its columns from each half of W.
int64_t source(const Panels &w, int64_t panel, int64_t column) {
    int64_t n = width(w), row = panel * n + column % n;
    return row < outputs(w) ? row + (column >= n ? outputs(w) : 0) : -1;
}

constexpr int64_t STRIP = 48;  // columns of a transposed factor that a weight's gradient takes at a time

// Rows of `a` are lda apart, their elements DISTANCE.
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

// Bfloat16 pairs on a processor that cannot multiply them: each half is a float32 once it stands in the upper bits.
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
                std::memcpy(&left, &x, 4), std::memcpy(&right, &y, 4);
                sum[i][v] += left * first;
                sum[i][v] += right * second;
            }
        }
    }
    finish_tile<ROWS>(sum, epilogue, c, ldc, columns);
}

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
    switch (epilogue) {  // each a copy of its own, without the choice inside
        case Epilogue::store: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::store, bias);
        case Epilogue::add: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::add, bias);
        case Epilogue::gated: return all_tiles(w, x, ldx, rows, y, ldy, Epilogue::gated, bias);
    }
}

PONDER_CLONES void multiply_halves(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue,
                                   const float *bias) {
    all_tiles(w, x, w.depth(), rows, y, ldy, epilogue, bias);
}

// A strip's columns are the rows of the product: strip [w.in][STRIP].
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

PONDER_CLONES void round_rows(const float *x, int64_t ldx, int64_t rows, int64_t in, int64_t depth, uint16_t *y) {
    for (int64_t r = 0; r < rows; r++, x += ldx, y += depth) {
        for (int64_t i = 0; i < in; i++) y[i] = rounded_half(x[i]);
        for (int64_t i = in; i < depth; i++) y[i] = 0;
    }
}

// Rows k and k + 1 of t [in, columns…] side by side, as a bfloat16 panel has them: to [depth / 2][PANEL][2].
PONDER_CLONES void pair_rows(const float *t, int64_t in, int64_t depth, int64_t stride, int64_t columns, uint16_t *to) {
    for (int64_t k = 0; k < depth; k += 2, to += 2 * PANEL) {
        uint16_t first[PANEL] = {}, second[PANEL] = {};
        if (k < in)
            for (int64_t j = 0; j < columns; j++) first[j] = rounded_half(t[k * stride + j]);
        if (k + 1 < in)
            for (int64_t j = 0; j < columns; j++) second[j] = rounded_half(t[(k + 1) * stride + j]);
        for (int64_t j = 0; j < PANEL; j++) to[2 * j] = first[j], to[2 * j + 1] = second[j];
    }
}

// Columns of a [count, …], rows `stride` apart, as rows of bfloat16: to [columns][depth]. A square at a time, which stays in the
// first-level cache.
PONDER_CLONES void turn_rows(const float *a, int64_t count, int64_t depth, int64_t stride, int64_t columns, uint16_t *to) {
    uint16_t square[DEPTH][PANEL] = {};
    for (int64_t start = 0; start < depth; start += DEPTH) {
        for (int64_t t = 0; t < DEPTH; t++) {
            bool is_there = start + t < count;
            for (int64_t j = 0; j < columns; j++) square[t][j] = is_there ? rounded_half(a[(start + t) * stride + j]) : 0;
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
    else multiply_halves(w, x, rows, y, ldy, epilogue, bias);
}

}  // namespace

bool may_use(Products kind) {
    static const Products most = most_products();
    return kind <= most;
}

Panels::Panels(const at::Tensor &weight, bool half, bool gated) : in(weight.size(1)), out(weight.size(0)), half(half), gated(gated) {
    TORCH_CHECK(weight.is_cpu() && weight.dim() == 2 && (!gated || out % 2 == 0), "cannot lay out a weight ", weight.sizes());
    auto w = weight.detach().to(at::kFloat).contiguous();
    int64_t d = depth(), squares = (in + PANEL - 1) / PANEL;
    values = at::empty({panels(*this) * d * PANEL}, half ? at::kShort : at::kFloat);
    at::parallel_for(0, panels(*this), 1, [&](int64_t first, int64_t last) {
        std::vector<float> zeros(in, 0);
        // A square at a time, which the first-level cache holds.
        for (int64_t square = first * squares; square < last * squares; square++)
            for (int64_t c = 0; c < PANEL; c++) {
                int64_t p = square / squares, begin = square % squares * PANEL, end = std::min(in, begin + PANEL);
                int64_t row = source(*this, p, c);
                const float *from = zeros.data();
                if (row >= 0) from = w.const_data_ptr<float>() + row * in;
                if (half) {
                    uint16_t *to = (uint16_t *)values.mutable_data_ptr() + p * d * PANEL;
                    for (int64_t k = begin; k < end; k++) to[k / 2 * 2 * PANEL + 2 * c + k % 2] = rounded_half(from[k]);
                    for (int64_t k = in; end == in && k < d; k++) to[k / 2 * 2 * PANEL + 2 * c + k % 2] = 0;
                } else {
                    float *to = values.data_ptr<float>() + p * d * PANEL;
                    for (int64_t k = begin; k < end; k++) to[k * PANEL + c] = from[k];
                }
            }
    });
}

Panels Panels::transposed(const float *t, int64_t in, int64_t out, int64_t stride, bool half) {
    Panels w;
    w.in = in, w.out = out, w.half = half;
    w.values = at::empty({panels(w) * w.depth() * PANEL}, half ? at::kShort : at::kFloat);
    at::parallel_for(0, panels(w), 1, [&](int64_t first, int64_t last) {
        for (int64_t p = first; p < last; p++) {
            int64_t columns = std::min(PANEL, out - p * PANEL), start = p * w.depth() * PANEL;
            if (half) {
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

void transposed_product(const float *a, int64_t m, const float *b, int64_t n, int64_t tokens, float *c, bool add, bool half) {
    constexpr int64_t TOKENS = 1024;  // that are summed at a time: a panel of b stays in the second-level cache
    int64_t width = half ? PANEL : STRIP, strips = (m + width - 1) / width;
    if (tokens == 0 && !add) std::memset(c, 0, m * n * sizeof(float));
    for (int64_t start = 0; start < tokens; start += TOKENS) {
        int64_t count = std::min(TOKENS, tokens - start);
        auto w = Panels::transposed(b + start * n, count, n, n, half);
        auto epilogue = add || start > 0 ? Epilogue::add : Epilogue::store;
        at::parallel_for(0, strips, 1, [&](int64_t first, int64_t last) {
            static thread_local std::vector<float> strip;
            static thread_local std::vector<uint16_t> turned;
            for (int64_t s = first; s < last; s++) {
                int64_t columns = std::min(width, m - s * width);
                const float *from = a + start * m + s * width;
                float *to = c + s * width * n;
                if (half) {
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
    if (!half) return multiply_floats(*this, x, ldx, rows, y, ldy, epilogue, bias);
    static thread_local std::vector<uint16_t> rounded;
    int64_t room = (rows + ROWS - 1) / ROWS * ROWS * depth();
    if ((int64_t)rounded.size() < room) rounded.resize(room);
    round_rows(x, ldx, rows, in, depth(), rounded.data());
    multiply_rounded(*this, rounded.data(), rows, y, ldy, epilogue, bias);
}

}  // namespace ponder
