// Bfloat16 products with the processor's matrix tiles (AMX): one instruction multiplies [16, 32] by [32, 16].
#include "Panels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ponder {

bool has_tile_products() {
    static const bool has = [] {
        if (!may_use(Products::tiles)) return false;
        unsigned a, b, c, d;
        constexpr unsigned BF16 = 1u << 22, TILE = 1u << 24;
        if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & (BF16 | TILE)) != (BF16 | TILE) || !has_pair_products()) return false;
        // A process must ask the kernel for the registers (Linux, Documentation/arch/x86/xstate.rst): ARCH_REQ_XCOMP_PERM,
        // XFEATURE_XTILEDATA.
        return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
    }();
    return has;
}

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,amx-tile,amx-bf16")

namespace {

struct alignas(64) TileShapes {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t bytes[16] = {};
    uint8_t rows[16] = {};

    TileShapes() {
        for (int t = 0; t < 8; t++) {
            bytes[t] = 64;
            rows[t] = 16;
        }
    }
};

// Writes columns [start, start + 32) of sums [32][64] = x [32, depth] · b, b a panel [depth / 2][64][2].
// Tiles 0 to 3 are the sums of 16 rows by 16 columns, 4 and 5 the rows of x, 6 and 7 the columns of b.
PONDER_INLINE void multiply_32_columns(const uint16_t *b, const uint16_t *x, int64_t depth, float *sums, int64_t start) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    const uint16_t *lower = x + 16 * depth, *left = b + 2 * start, *right = left + 32;
    for (int64_t k = 0; k < depth; k += DEPTH) {
        _tile_loadd(4, x + k, depth * 2);
        _tile_loadd(5, lower + k, depth * 2);
        _tile_loadd(6, left + k * PANEL, PANEL * 4);
        _tile_loadd(7, right + k * PANEL, PANEL * 4);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums + start, PANEL * 4);
    _tile_stored(1, sums + start + 16, PANEL * 4);
    _tile_stored(2, sums + 16 * PANEL + start, PANEL * 4);
    _tile_stored(3, sums + 16 * PANEL + start + 16, PANEL * 4);
}

}  // namespace

void multiply_tiles(const Panels &w, const uint16_t *x, int64_t rows, float *y, int64_t ldy, Epilogue epilogue, const float *bias) {
    static const TileShapes shapes;
    _tile_loadconfig(&shapes);
    int64_t width = w.gated ? PANEL / 2 : PANEL, outputs = w.gated ? w.out / 2 : w.out, depth = w.depth();
    const uint16_t *b = (const uint16_t *)w.values.const_data_ptr();
    alignas(64) float sums[ROWS * PANEL];
    for (int64_t start = 0; start < outputs; start += width, b += depth * PANEL) {
        int64_t columns = std::min(width, outputs - start);
        float offset[PANEL] = {};
        if (bias != nullptr) std::memcpy(offset, bias + start, columns * sizeof(float));
        for (int64_t i = 0; i < rows; i += ROWS) {
            multiply_32_columns(b, x + i * depth, depth, sums, 0);
            multiply_32_columns(b, x + i * depth, depth, sums, PANEL / 2);
            for (int64_t r = 0; r < std::min(ROWS, rows - i); r++) {
                lanes line[1][4];
                for (int v = 0; v < 4; v++) line[0][v] = load(sums + r * PANEL + 16 * v) + load(offset + 16 * v);
                finish_tile<1>(line, epilogue, y + start + (i + r) * ldy, ldy, columns);
            }
        }
    }
    _tile_release();
}

#pragma GCC pop_options

}  // namespace ponder

#else

namespace ponder {

bool has_tile_products() { return false; }
void multiply_tiles(const Panels &, const uint16_t *, int64_t, float *, int64_t, Epilogue, const float *) {}

}  // namespace ponder
#endif
