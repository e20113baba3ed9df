#include "Panels.h"

#include <ATen/Parallel.h>

namespace ponder {
namespace {

int64_t width(const Panels &w) { return w.gated ? PANEL / 2 : PANEL; }
int64_t outputs(const Panels &w) { return w.gated ? w.out / 2 : w.out; }
int64_t panels(const Panels &w) { return (outputs(w) + width(w) - 1) / width(w); }
int64_t depth(const Panels &w) { return w.half ? (w.in + 1) / 2 * 2 : w.in; }

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
        const Value *b = values + p * depth(w) * PANEL;
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
    all_tiles(w, x, depth(w), rows, y, ldy, epilogue, bias);
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
        if (in < depth) y[in] = 0;
    }
}

}  // namespace

Panels::Panels(const at::Tensor &weight, bool half, bool gated) : in(weight.size(1)), out(weight.size(0)), half(half), gated(gated) {
    TORCH_CHECK(weight.is_cpu() && weight.dim() == 2 && (!gated || out % 2 == 0), "cannot lay out a weight ", weight.sizes());
    auto w = weight.detach().to(at::kFloat).contiguous();
    int64_t d = depth(*this), squares = (in + PANEL - 1) / PANEL;
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
                    if (end == in && in < d) to[in / 2 * 2 * PANEL + 2 * c + 1] = 0;
                } else {
                    float *to = values.data_ptr<float>() + p * d * PANEL;
                    for (int64_t k = begin; k < end; k++) to[k * PANEL + c] = from[k];
                }
            }
    });
}

Panels Panels::transposed(const float *t, int64_t in, int64_t out, int64_t stride) {
    Panels w;
    w.in = in, w.out = out;
    w.values = at::empty({panels(w) * in * PANEL}, at::kFloat);
    float *values = w.values.data_ptr<float>();
    at::parallel_for(0, panels(w), 1, [&](int64_t first, int64_t last) {
        for (int64_t p = first; p < last; p++) {
            int64_t columns = std::min(PANEL, out - p * PANEL);
            float *to = values + p * in * PANEL;
            for (int64_t k = 0; k < in; k++, to += PANEL) {
                std::memcpy(to, t + k * stride + p * PANEL, columns * sizeof(float));
                for (int64_t j = columns; j < PANEL; j++) to[j] = 0;
            }
        }
    });
    return w;
}

void transposed_product(const float *a, int64_t m, const float *b, int64_t n, int64_t tokens, float *c, bool add) {
    constexpr int64_t DEPTH = 1024;  // tokens that are summed at a time: a panel of b stays in the second-level cache
    int64_t strips = (m + STRIP - 1) / STRIP;
    if (tokens == 0 && !add) std::memset(c, 0, m * n * sizeof(float));
    for (int64_t start = 0; start < tokens; start += DEPTH) {
        int64_t depth = std::min(DEPTH, tokens - start);
        auto w = Panels::transposed(b + start * n, depth, n, n);
        bool sum = add || start > 0;
        at::parallel_for(0, strips, 1, [&](int64_t first, int64_t last) {
            static thread_local std::vector<float> strip;
            strip.resize(STRIP * depth);
            for (int64_t s = first; s < last; s++) {
                int64_t columns = std::min(STRIP, m - s * STRIP);
                const float *from = a + start * m + s * STRIP;
                for (int64_t t = 0; t < depth; t++) {
                    if (columns == STRIP) std::memcpy(strip.data() + t * STRIP, from + t * m, STRIP * sizeof(float));
                    else std::memcpy(strip.data() + t * STRIP, from + t * m, columns * sizeof(float));
                }
                multiply_strip(w, strip.data(), columns, c + s * STRIP * n, n, sum ? Epilogue::add : Epilogue::store);
            }
        });
    }
}

void Panels::multiply(const float *x, int64_t ldx, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) const {
    if (!half) return multiply_floats(*this, x, ldx, rows, y, ldy, epilogue, bias);
    static thread_local std::vector<uint16_t> rounded;
    if ((int64_t)rounded.size() < rows * depth(*this)) rounded.resize(rows * depth(*this));
    round_rows(x, ldx, rows, in, depth(*this), rounded.data());
    if (has_pair_products()) multiply_pairs(*this, rounded.data(), rows, y, ldy, epilogue, bias);
    else multiply_halves(*this, rounded.data(), rows, y, ldy, epilogue, bias);
}

}  // namespace ponder
