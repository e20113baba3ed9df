// Small kernels in the compiler's vector types: no intrinsics, no -march. `PONDER_CLONES` makes one copy of a function for each
// instruction set and picks one at load time, so one binary runs anywhere and uses what the machine has.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__linux__)
#define PONDER_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PONDER_CLONES
#endif
// Vectors are passed only between functions that are always inlined, so the calling convention does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

#define PONDER_INLINE static inline __attribute__((always_inline))

namespace ponder {

// Sixteen floats: one AVX-512 register, two AVX2, four SSE.
typedef float lanes __attribute__((vector_size(64), aligned(4)));
typedef int32_t whole __attribute__((vector_size(64), aligned(4)));

// e^x for x <= 0 (softmax after its maximum is subtracted), relative error below 2e-7: Cody-Waite reduction and a degree-6
// polynomial, the classic single-precision scheme (Cephes expf).
PONDER_INLINE lanes exp_nonpositive(lanes x) {
    x = x < -87.0f ? lanes{} - 87.0f : x;
    whole n = __builtin_convertvector(x * 1.44269504088896341f - 0.5f, whole);
    lanes nf = __builtin_convertvector(n, lanes);
    lanes r = x - nf * 0.693359375f;
    r = r + nf * 2.12194440e-4f;
    lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * (lanes)((n + 127) << 23);
}

PONDER_INLINE float horizontal_sum(lanes x) {
    float sum = 0;
    for (int i = 0; i < 16; i++) sum += x[i];
    return sum;
}

PONDER_INLINE float horizontal_maximum(lanes x) {
    float m = x[0];
    for (int i = 1; i < 16; i++) m = x[i] > m ? x[i] : m;
    return m;
}

PONDER_INLINE lanes load(const float *p) { return *(const lanes *)p; }
PONDER_INLINE void store(float *p, lanes x) { *(lanes *)p = x; }

// 1 / (1 + e^-x), without overflow for large positive or negative x.
PONDER_INLINE lanes sigmoid(lanes x) {
    lanes e = exp_nonpositive(x < 0.0f ? x : -x);
    return (x < 0.0f ? e : lanes{} + 1.0f) / (1.0f + e);
}

// One tile of c = a · b (or c += a · b): a [ROWS, depth], b [depth, 16 VECTORS], c [ROWS, 16 VECTORS], with rows lda, ldb and ldc
// elements apart. TURNED: a is stored transposed, [depth, ROWS].
template <int ROWS, int VECTORS, bool TURNED>
PONDER_INLINE void tile(int64_t depth, const float *a, int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc,
                        bool accumulate) {
    lanes sum[ROWS][VECTORS];
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < VECTORS; v++)
            sum[i][v] = accumulate ? *(const lanes *)(c + i * ldc + 16 * v) : lanes{};
    for (int64_t k = 0; k < depth; k++) {
        lanes right[VECTORS];
        for (int v = 0; v < VECTORS; v++) right[v] = *(const lanes *)(b + k * ldb + 16 * v);
        for (int i = 0; i < ROWS; i++) {
            float left = TURNED ? a[k * lda + i] : a[i * lda + k];
            for (int v = 0; v < VECTORS; v++) sum[i][v] += left * right[v];
        }
    }
    for (int i = 0; i < ROWS; i++)
        for (int v = 0; v < VECTORS; v++) *(lanes *)(c + i * ldc + 16 * v) = sum[i][v];
}

// The same for any number of rows, six, two or one at a time.
template <int VECTORS, bool TURNED>
PONDER_INLINE void columns(int64_t rows, int64_t depth, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
                           int64_t ldc, bool accumulate) {
    int64_t i = 0, next = TURNED ? 1 : lda;
    for (; i + 6 <= rows; i += 6) tile<6, VECTORS, TURNED>(depth, a + i * next, lda, b, ldb, c + i * ldc, ldc, accumulate);
    for (; i + 2 <= rows; i += 2) tile<2, VECTORS, TURNED>(depth, a + i * next, lda, b, ldb, c + i * ldc, ldc, accumulate);
    for (; i < rows; i++) tile<1, VECTORS, TURNED>(depth, a + i * next, lda, b, ldb, c + i * ldc, ldc, accumulate);
}

// c [rows, width] = a [rows, depth] · b [depth, width] (or +=), rows lda, ldb and ldc elements apart. It reads and writes whole
// vectors: b and c must have memory for `width` rounded up to a multiple of 16. TURNED: a is stored transposed, [depth, rows].
template <bool TURNED = false>
PONDER_INLINE void small_matmul(int64_t rows, int64_t width, int64_t depth, const float *a, int64_t lda, const float *b,
                                int64_t ldb, float *c, int64_t ldc, bool accumulate) {
    int64_t j = 0;
    for (; j + 32 <= width; j += 32) columns<2, TURNED>(rows, depth, a, lda, b + j, ldb, c + j, ldc, accumulate);
    for (; j < width; j += 16) columns<1, TURNED>(rows, depth, a, lda, b + j, ldb, c + j, ldc, accumulate);
}

PONDER_INLINE int64_t padded(int64_t n) { return (n + 15) & ~int64_t(15); }

}  // namespace ponder
