// Attention of one new token to a cache of keys and values.
//
// The cache of one kv head is a run of blocks of 16 positions. A block is [width][16] keys, transposed, followed by [16][lane width]
// values, so that attention reads one stream of memory and the scores of a block are fused multiply-adds over whole vectors. Lane
// width is `width` rounded up to a multiple of 16. Cached values are float32 or bfloat16; arithmetic is float32.
#pragma once

#include "Kernels.h"
#include "Panels.h"

namespace ponder {

typedef uint16_t bf16_lanes __attribute__((vector_size(32), aligned(2)));

PONDER_INLINE lanes load(const uint16_t *p) { return (lanes)(__builtin_convertvector(*(const bf16_lanes *)p, whole) << 16); }
PONDER_INLINE void put(float *p, float x) { *p = x; }
PONDER_INLINE void put(uint16_t *p, float x) { *p = to_bf16(x); }

constexpr int64_t BLOCK_POSITIONS = 16;

struct BlockShape {
    int64_t width, lane_width;
    int64_t size() const { return BLOCK_POSITIONS * (width + lane_width); }
    int64_t blocks(int64_t positions) const { return (positions + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS; }
};

// Positions [0, count) of a cache.
template <typename Value>
struct Run {
    const Value *blocks;
    int64_t count;
};

// Writes key [width] and value [width] of one position into a run.
template <typename Value>
PONDER_INLINE void append(const BlockShape &shape, Value *blocks, int64_t position, const float *key, const float *value) {
    Value *block = blocks + position / BLOCK_POSITIONS * shape.size();
    int64_t place = position % BLOCK_POSITIONS;
    for (int64_t d = 0; d < shape.width; d++) put(block + d * BLOCK_POSITIONS + place, key[d]);
    Value *row = block + shape.width * BLOCK_POSITIONS + place * shape.lane_width;
    for (int64_t d = 0; d < shape.width; d++) put(row + d, value[d]);
}

// scores[r][j] = queries[r] · keys[j] for queries [QUERIES, width] and all positions j of the run; scores [QUERIES, stride].
// Positions that pad the last block get -1e30. The order of a score's sum does not depend on QUERIES.
template <int QUERIES, typename Value>
PONDER_INLINE void score_run(const BlockShape &shape, const Run<Value> &run, const float *queries, float *scores, int64_t stride) {
    int64_t blocks = shape.blocks(run.count), w = shape.width;
    for (int64_t b = 0; b < blocks; b++) {
        const Value *keys = run.blocks + b * shape.size();
        lanes sum[QUERIES][2] = {};
        for (int64_t d = 0; d < w; d += 2) {
            lanes even = load(keys + d * 16), odd = load(keys + d * 16 + 16);
            for (int r = 0; r < QUERIES; r++) {
                sum[r][0] += queries[r * w + d] * even;
                sum[r][1] += queries[r * w + d + 1] * odd;
            }
        }
        for (int r = 0; r < QUERIES; r++) store(scores + r * stride + b * 16, sum[r][0] + sum[r][1]);
    }
    for (int r = 0; r < QUERIES; r++)
        for (int64_t j = run.count; j < blocks * 16; j++) scores[r * stride + j] = -1e30f;
}

// out[r][c] += Σ over j of weights[r][j] · values[j][c], for columns c in [lane, lane + 16 VECTORS); weights [QUERIES, stride], out
// [QUERIES, lane width].
template <int QUERIES, int VECTORS, typename Value>
PONDER_INLINE void weigh_run(const BlockShape &shape, const Run<Value> &run, const float *weights, int64_t stride, int64_t lane,
                             float *out) {
    lanes sum[QUERIES][VECTORS][2] = {};
    int64_t lw = shape.lane_width;
    for (int64_t b = 0; b * 16 < run.count; b++) {
        const Value *values = run.blocks + b * shape.size() + shape.width * 16 + lane;
        int64_t count = run.count - b * 16 < 16 ? run.count - b * 16 : 16, j = 0;
        const float *p = weights + b * 16;
        for (; j + 2 <= count; j += 2)
            for (int v = 0; v < VECTORS; v++) {
                lanes even = load(values + j * lw + 16 * v), odd = load(values + (j + 1) * lw + 16 * v);
                for (int r = 0; r < QUERIES; r++) {
                    sum[r][v][0] += p[r * stride + j] * even;
                    sum[r][v][1] += p[r * stride + j + 1] * odd;
                }
            }
        for (; j < count; j++)
            for (int v = 0; v < VECTORS; v++)
                for (int r = 0; r < QUERIES; r++) sum[r][v][0] += p[r * stride + j] * load(values + j * lw + 16 * v);
    }
    for (int r = 0; r < QUERIES; r++)
        for (int v = 0; v < VECTORS; v++) {
            float *o = out + r * lw + lane + 16 * v;
            store(o, load(o) + (sum[r][v][0] + sum[r][v][1]));
        }
}

// The same for all columns.
template <int QUERIES, typename Value>
PONDER_INLINE void weigh_all(const BlockShape &shape, const Run<Value> &run, const float *weights, int64_t stride, float *out) {
    int64_t lane = 0;
    for (; lane + 32 <= shape.lane_width; lane += 32) weigh_run<QUERIES, 2>(shape, run, weights, stride, lane, out);
    for (; lane < shape.lane_width; lane += 16) weigh_run<QUERIES, 1>(shape, run, weights, stride, lane, out);
}

// Attention of QUERIES heads that share keys. Their queries [QUERIES, width], rotated and scaled, attend to the prompt's run and to
// the row's own run. Writes out [QUERIES, lane width]; `scores` is scratch for [QUERIES, stride] floats.
template <int QUERIES, typename Value>
PONDER_INLINE void attend(const BlockShape &shape, const Run<Value> &prefix, const Run<Value> &own, const float *queries,
                          float *scores, int64_t stride, float *out) {
    int64_t first = shape.blocks(prefix.count) * 16, all = first + shape.blocks(own.count) * 16;
    score_run<QUERIES>(shape, prefix, queries, scores, stride);
    score_run<QUERIES>(shape, own, queries, scores + first, stride);
    float inverse[QUERIES];
    for (int r = 0; r < QUERIES; r++) {
        float *s = scores + r * stride;
        lanes top = load(s);
        for (int64_t j = 16; j < all; j += 16) top = load(s + j) > top ? load(s + j) : top;
        float maximum = horizontal_maximum(top);
        lanes sum{};
        for (int64_t j = 0; j < all; j += 16) {
            lanes x = load(s + j), e = exp_nonpositive(x - maximum);
            e = x < -1e29f ? lanes{} : e;
            store(s + j, e);
            sum += e;
        }
        inverse[r] = 1.0f / horizontal_sum(sum);
        for (int64_t v = 0; v < shape.lane_width; v += 16) store(out + r * shape.lane_width + v, lanes{});
    }
    weigh_all<QUERIES>(shape, prefix, scores, stride, out);
    weigh_all<QUERIES>(shape, own, scores + first, stride, out);
    for (int r = 0; r < QUERIES; r++)
        for (int64_t v = 0; v < shape.lane_width; v += 16) {
            float *o = out + r * shape.lane_width + v;
            store(o, load(o) * inverse[r]);
        }
}

}  // namespace ponder
