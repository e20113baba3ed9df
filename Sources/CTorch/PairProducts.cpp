// Bfloat16 products with the AVX512_BF16 instruction, which the compiler's vector types cannot express.
#include "Panels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

namespace ponder {

bool has_pair_products() {
    static const bool has =
        may_use(Products::pairs) && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl");
    return has;
}

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma")

namespace {

// c [ROWS, columns] = a [ROWS, depth] · b [depth / 2][64][2], with the epilogue; rows of c are ldc elements apart.
template <int ROWS>
PONDER_INLINE void tile(const uint16_t *b, const uint16_t *a, int64_t depth, Epilogue epilogue, const float *bias, float *c,
                        int64_t ldc, int64_t columns) {
    lanes sum[ROWS][4];
    begin_tile<ROWS>(sum, bias);
    __m512 total[ROWS][4];
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < 4; v++) total[i][v] = (__m512)sum[i][v];
    for (int64_t k = 0; k < depth; k += 2, b += 2 * PANEL) {
        __m512i right[4];
        for (int v = 0; v < 4; v++) right[v] = _mm512_loadu_si512(b + 32 * v);
        for (int i = 0; i < ROWS; i++) {
            int32_t pair;
            std::memcpy(&pair, a + i * depth + k, sizeof pair);
            __m512i left = _mm512_set1_epi32(pair);
            for (int v = 0; v < 4; v++) total[i][v] = _mm512_dpbf16_ps(total[i][v], (__m512bh)left, (__m512bh)right[v]);
        }
    }
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < 4; v++) sum[i][v] = (lanes)total[i][v];
    finish_tile<ROWS>(sum, epilogue, c, ldc, columns);
}

}  // namespace

void multiply_pairs(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) {
    int64_t width = w.gated ? PANEL / 2 : PANEL, outputs = w.gated ? w.out / 2 : w.out, depth = w.depth();
    const uint16_t *b = (const uint16_t *)w.values.const_data_ptr();
    for (int64_t start = 0; start < outputs; start += width, b += depth * PANEL) {
        int64_t columns = std::min(width, outputs - start);
        float padding[PANEL];
        const float *offset = bias == nullptr ? nullptr : bias + start;
        if (bias != nullptr && columns < PANEL) {
            for (int64_t j = 0; j < PANEL; j++) padding[j] = j < columns ? offset[j] : 0;
            offset = padding;
        }
        int64_t i = 0;
        for (; i + 6 <= rows; i += 6) tile<6>(b, x + i * depth, depth, epilogue, offset, y + start + i * ldy, ldy, columns);
        for (; i < rows; i++) tile<1>(b, x + i * depth, depth, epilogue, offset, y + start + i * ldy, ldy, columns);
    }
}

#pragma GCC pop_options

}  // namespace ponder

#else

namespace ponder {

bool has_pair_products() { return false; }
void multiply_pairs(const Panels &, const uint16_t *, int64_t, float *, int64_t, Epilogue, const float *) {}

}  // namespace ponder
#endif
