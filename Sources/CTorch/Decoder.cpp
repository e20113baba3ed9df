// The arithmetic of batched decoding; Decoder.h says how it works.
#include "Decoder.h"

#include <ATen/Parallel.h>

#include "Guard.h"

using namespace ponder;

namespace {

constexpr int64_t TILE = 96;  // rows of a tile: what it computes fits a core's second-level cache

// y [rows, n] = RMS norm of x [rows, n] with weight w [n].
PONDER_CLONES void norm_rows(const float *x, const float *w, int64_t rows, int64_t n, float eps, float *y) {
    for (int64_t r = 0; r < rows; r++, x += n, y += n) {
        float sum = 0;
        lanes sums{};
        int64_t i = 0;
        for (; i + 16 <= n; i += 16) sums += load(x + i) * load(x + i);
        for (; i < n; i++) sum += x[i] * x[i];
        float scale = 1.0f / std::sqrt((horizontal_sum(sums) + sum) / (float)n + eps);
        for (i = 0; i < n; i++) y[i] = x[i] * scale * w[i];
    }
}

// y = x rotated by its position's angle, times scale. x and y [2 half], cosine and sine [half].
PONDER_INLINE void turn(const float *x, const float *cosine, const float *sine, int64_t half, float scale, float *y) {
    for (int64_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], c = cosine[i] * scale, s = sine[i] * scale;
        y[i] = a * c - b * s;
        y[i + half] = b * c + a * s;
    }
}

// Appends the new keys and values of a tile's rows to the layer's slot cache, and attends.
//
// Tiles run side by side on several threads. That is safe because a slot stands in one tile only: each thread writes the runs of its
// own slots and reads those and the prompts' runs. Indices: i row of the tile, kv kv head, h query head, g query head within kv, r
// query of up to three that are computed together; w width of a head, lw w padded to whole vectors.
//   rows [n] slots     qkv [n, columns]     attended [n, heads, w]
//   queries [3, w]     scores [3, stride]   mixed [3, lw]            turned, normed [w]
template <typename Value>
PONDER_INLINE void attend_tile(const pt_decoder &d, pt_decoder::Layer &l, const int64_t *rows, int64_t n, const float *qkv,
                               float *attended) {
    const auto &shape = d.shape;
    int64_t w = shape.head_width, half = w / 2, ratio = shape.heads / shape.kv_heads, lw = d.block.lane_width;
    int64_t stride = (d.block.blocks(d.longest_prompt) + d.block.blocks(d.capacity)) * BLOCK_POSITIONS;
    const float scale = 1.0f / std::sqrt((float)w);
    static thread_local std::vector<float> scores, queries, turned, mixed, normed;
    scores.resize(3 * stride);
    queries.resize(3 * w);
    turned.resize(w);
    mixed.resize(3 * lw);
    normed.resize(w);
    // A head of queries or keys [w], normalised if the layer normalises them.
    auto prepared = [&](const float *x, const at::Tensor &norm) __attribute__((always_inline)) {
        if (!norm.defined()) return x;
        const float *weight = norm.const_data_ptr<float>();
        float sum = 0;
        for (int64_t k = 0; k < w; k++) sum += x[k] * x[k];
        float factor = 1.0f / std::sqrt(sum / (float)w + d.epsilon());
        for (int64_t k = 0; k < w; k++) normed[k] = x[k] * factor * weight[k];
        return (const float *)normed.data();
    };
    const Value *prompt_cache = (const Value *)l.prompt_cache.const_data_ptr();
    Value *slot_cache = (Value *)l.slot_cache.mutable_data_ptr();
    for (int64_t i = 0; i < n; i++, qkv += d.columns()) {
        const Slot &slot = d.slots[rows[i]];
        const Prompt &p = d.prompts[slot.prompt];
        int64_t position = p.length + slot.length;
        const float *cosine = &d.cosine[position * half], *sine = &d.sine[position * half];
        for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
            Value *own = slot_cache + (rows[i] * shape.kv_heads + kv) * d.slot_size;
            const float *key = qkv + (shape.heads + kv) * w;
            turn(prepared(key, l.key_norm), cosine, sine, half, 1, turned.data());
            append(d.block, own, slot.length, turned.data(), key + shape.kv_heads * w);
            Run<Value> first{prompt_cache + p.offset + kv * d.run_size(p.length), p.length}, rest{own, slot.length + 1};
            for (int64_t g = 0, count; g < ratio; g += count) {
                count = ratio - g < 3 ? 1 : 3;
                int64_t h = kv * ratio + g;
                for (int64_t r = 0; r < count; r++)
                    turn(prepared(qkv + (h + r) * w, l.query_norm), cosine, sine, half, scale, &queries[r * w]);
                if (count == 3) attend<3>(d.block, first, rest, queries.data(), scores.data(), stride, mixed.data());
                else attend<1>(d.block, first, rest, queries.data(), scores.data(), stride, mixed.data());
                for (int64_t r = 0; r < count; r++)
                    std::memcpy(attended + (i * shape.heads + h + r) * w, mixed.data() + r * lw, w * sizeof(float));
            }
        }
    }
}

PONDER_CLONES void attend_floats(const pt_decoder &d, pt_decoder::Layer &l, const int64_t *rows, int64_t n, const float *qkv,
                                 float *attended) {
    attend_tile<float>(d, l, rows, n, qkv, attended);
}

PONDER_CLONES void attend_bf16(const pt_decoder &d, pt_decoder::Layer &l, const int64_t *rows, int64_t n, const float *qkv,
                                float *attended) {
    attend_tile<uint16_t>(d, l, rows, n, qkv, attended);
}

}  // namespace

void Workspace::make_room(const pt_decoder_shape &s, int64_t rows) {
    if (x.defined() && x.size(0) >= rows) return;
    auto make = [&](int64_t n) { return at::empty({rows, n}, at::kFloat); };
    x = make(s.hidden);
    normed = make(s.hidden);
    attended = make(s.heads * s.head_width);
    qkv = make((s.heads + 2 * s.kv_heads) * s.head_width);
    inner = make(s.ffn);
}

void pt_decoder::embed(const int32_t *tokens, int64_t count, float *x) const {
    const float *table = embedding.const_data_ptr<float>();
    for (int64_t i = 0; i < count; i++) std::memcpy(x + i * shape.hidden, table + tokens[i] * shape.hidden, shape.hidden * 4);
}

void pt_decoder::check_tokens(const int32_t *tokens, int64_t count) const {
    for (int64_t i = 0; i < count; i++)
        TORCH_CHECK(tokens[i] >= 0 && tokens[i] < shape.vocabulary, "token ", tokens[i], " lies outside the vocabulary of ",
                    shape.vocabulary);
}

void pt_decoder::project(const Layer &l, int64_t n, const float *x, float *normed, float *qkv) const {
    norm_rows(x, l.attention_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
    l.qkv.multiply(normed, shape.hidden, n, qkv, columns(), Epilogue::store,
                   l.qkv_bias.defined() ? l.qkv_bias.const_data_ptr<float>() : nullptr);
}

void pt_decoder::finish(const Layer &l, int64_t n, const float *attended, float *x, float *normed, float *inner) const {
    l.output.multiply(attended, shape.heads * shape.head_width, n, x, shape.hidden, Epilogue::add, nullptr);
    norm_rows(x, l.mlp_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
    l.gate_up.multiply(normed, shape.hidden, n, inner, shape.ffn, Epilogue::gated, nullptr);
    l.down.multiply(inner, shape.ffn, n, x, shape.hidden, Epilogue::add, nullptr);
}

void pt_decoder::predict(int64_t n, const float *x, float *normed, float *logits) const {
    norm_rows(x, final_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
    head.multiply(normed, shape.hidden, n, logits, shape.vocabulary, Epilogue::store, nullptr);
}

// Calls body(tile, first row, rows) for tiles side by side; each tile has a workspace of its own.
template <typename Body>
void pt_decoder::for_each_tile(int64_t rows, Body body) {
    int64_t threads = at::get_num_threads(), share = (rows + threads - 1) / threads;
    int64_t size = std::min(TILE, (share + 5) / 6 * 6), count = (rows + size - 1) / size;
    if ((int64_t)workspaces.size() < count) workspaces.resize(count);
    at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
        for (int64_t t = first; t < last; t++) body(t, t * size, std::min(size, rows - t * size));
    });
}

// Writes the keys and values of a prompt, from its qkv [length, columns], to the layer's prompt cache.
template <typename Value>
void pt_decoder::keep_prompt(Layer &l, int64_t prompt, const float *qkv) {
    const auto &p = prompts[prompt];
    int64_t w = shape.head_width, half = w / 2;
    std::vector<float> turned(w);
    for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
        Value *run = (Value *)l.prompt_cache.mutable_data_ptr() + p.offset + kv * run_size(p.length);
        for (int64_t j = 0; j < p.length; j++) {
            const float *key = qkv + j * columns() + (shape.heads + kv) * w;
            turn(key, &cosine[j * half], &sine[j * half], half, 1, turned.data());
            append(block, run, j, turned.data(), key + shape.kv_heads * w);
        }
    }
}

void pt_decoder::read_prompts(const int32_t *tokens, const int64_t *offsets, int64_t count, float *logits) {
    int64_t total = offsets[count];
    std::vector<pt_segment> segments(count);
    std::vector<int64_t> last(count);
    for (int64_t p = 0; p < count; p++) {
        segments[p] = {offsets[p], offsets[p + 1] - offsets[p], -1};
        last[p] = offsets[p + 1] - 1;
    }
    Workspace all;
    all.make_room(shape, total);
    float *x = all.x.data_ptr<float>(), *normed = all.normed.data_ptr<float>(), *inner = all.inner.data_ptr<float>();
    int64_t h = shape.hidden, heads = shape.heads * shape.head_width;
    embed(tokens, total, x);
    for (auto &l : layers) {
        for_each_tile(total, [&](int64_t, int64_t first, int64_t n) {
            project(l, n, x + first * h, normed + first * h, all.qkv.data_ptr<float>() + first * columns());
        });
        auto qkv = l.query_norm.defined()
                       ? head_norm(all.qkv, l.query_norm, l.key_norm, shape.heads, shape.kv_heads, shape.rms_epsilon)
                       : all.qkv;
        for (int64_t p = 0; p < count; p++) {
            const float *part = qkv.const_data_ptr<float>() + offsets[p] * columns();
            if (bf16) keep_prompt<uint16_t>(l, p, part);
            else keep_prompt<float>(l, p, part);
        }
        auto mixed = packed_attention(qkv, segments.data(), count, shape.heads, shape.kv_heads, shape.rope);
        const float *attended = mixed.const_data_ptr<float>();
        for_each_tile(total, [&](int64_t, int64_t first, int64_t n) {
            finish(l, n, attended + first * heads, x + first * h, normed + first * h, inner + first * shape.ffn);
        });
    }
    auto ends = all.x.index_select(0, at::tensor(at::ArrayRef<int64_t>(last)));
    for_each_tile(count, [&](int64_t, int64_t first, int64_t n) {
        predict(n, ends.const_data_ptr<float>() + first * h, normed + first * h, logits + first * shape.vocabulary);
    });
}

void pt_decoder::step(const int32_t *tokens, const int64_t *rows, int64_t n, float *logits) {
    check_tokens(tokens, n);
    for (int64_t i = 0; i < n; i++) {
        TORCH_CHECK(rows[i] >= 0 && rows[i] < (int64_t)slots.size(), "slot ", rows[i], " of ", slots.size());
        TORCH_CHECK(i == 0 || rows[i] > rows[i - 1], "slots are not in ascending order at ", i);
        TORCH_CHECK(slots[rows[i]].length < capacity, "slot ", rows[i], " is full: it has room for ", capacity, " tokens");
    }
    for_each_tile(n, [&](int64_t t, int64_t first, int64_t count) {
        at::NoGradGuard no_gradient;
        auto &work = workspaces[t];
        work.make_room(shape, TILE);
        float *x = work.x.data_ptr<float>(), *normed = work.normed.data_ptr<float>(), *qkv = work.qkv.data_ptr<float>();
        float *attended = work.attended.data_ptr<float>();
        embed(tokens + first, count, x);
        for (auto &l : layers) {
            project(l, count, x, normed, qkv);
            if (bf16) attend_bf16(*this, l, rows + first, count, qkv, attended);
            else attend_floats(*this, l, rows + first, count, qkv, attended);
            finish(l, count, attended, x, normed, work.inner.data_ptr<float>());
        }
        predict(count, x, normed, logits + first * shape.vocabulary);
    });
    for (int64_t i = 0; i < n; i++) slots[rows[i]].length++;
}
