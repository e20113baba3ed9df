// Batched decoding on the CPU: prompts are read once, then each slot takes one token a step and continues one of them.
//
// A slot is a row's place in the cache: when its row has ended, another row may be put there. A prompt's keys and values are kept
// once for all slots that continue it. A step's rows are cut into tiles that go through all layers with their activations in a
// core's cache, side by side on the threads that are set. All arithmetic of a row depends on nothing but the row: not on the rows
// beside it, the tile, or the threads. Products are float32 or bfloat16 with float32 sums, and so is the cache.
#include <ATen/Parallel.h>

#include <vector>

#include "CachedAttention.h"
#include "Guard.h"
#include "Panels.h"

namespace ponder {
namespace {

constexpr int64_t TILE = 96;  // rows; what a tile computes fits a core's second-level cache

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

PONDER_INLINE void turn(const float *x, const float *cosine, const float *sine, int64_t half, float scale, float *y) {
    for (int64_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], c = cosine[i] * scale, s = sine[i] * scale;
        y[i] = a * c - b * s;
        y[i + half] = b * c + a * s;
    }
}

// Places in the layers' arenas, in elements.
struct Prompt {
    int64_t length, offset;
};

struct Slot {
    int64_t prompt = 0, length = 0;
};

// A tile's activations, [rows, …].
struct Workspace {
    at::Tensor x, normed, qkv, attended, inner;

    void make_room(const pt_decoder_shape &s, int64_t rows) {
        if (x.defined() && x.size(0) >= rows) return;
        auto make = [&](int64_t n) { return at::empty({rows, n}, at::kFloat); };
        x = make(s.hidden), normed = make(s.hidden), attended = make(s.heads * s.head_width);
        qkv = make((s.heads + 2 * s.kv_heads) * s.head_width), inner = make(s.ffn);
    }
};

}  // namespace
}  // namespace ponder

using namespace ponder;

struct pt_decoder {
    struct Layer {
        at::Tensor attention_norm, qkv_bias, query_norm, key_norm, mlp_norm;
        Panels qkv, output, gate_up, down;
        at::Tensor prompt_arena, slot_arena;
    };
    pt_decoder_shape shape;
    BlockShape block;
    bool half = false;
    at::Tensor embedding, final_norm;
    Panels head;
    std::vector<Layer> layers;
    std::vector<Prompt> prompts;
    std::vector<Slot> slots;
    std::vector<float> inverse_frequencies, cosine, sine;
    int64_t capacity = 0, slot_size = 0, longest_prompt = 0, positions = 0;
    std::vector<Workspace> workspaces;

    float epsilon() const { return (float)shape.rms_epsilon; }
    int64_t columns() const { return (shape.heads + 2 * shape.kv_heads) * shape.head_width; }
    int64_t run_size(int64_t count) const { return block.blocks(count) * block.size(); }

    void embed(const int32_t *tokens, int64_t count, float *x) const {
        const float *table = embedding.const_data_ptr<float>();
        for (int64_t i = 0; i < count; i++) std::memcpy(x + i * shape.hidden, table + tokens[i] * shape.hidden, shape.hidden * 4);
    }

    void check_tokens(const int32_t *tokens, int64_t count) const {
        for (int64_t i = 0; i < count; i++)
            TORCH_CHECK(tokens[i] >= 0 && tokens[i] < shape.vocabulary, "token ", tokens[i], " lies outside the vocabulary of ",
                        shape.vocabulary);
    }

    // What precedes and what follows a layer's attention, for `n` rows.
    void project(const Layer &l, int64_t n, const float *x, float *normed, float *qkv) const {
        norm_rows(x, l.attention_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
        l.qkv.multiply(normed, shape.hidden, n, qkv, columns(), Epilogue::store,
                       l.qkv_bias.defined() ? l.qkv_bias.const_data_ptr<float>() : nullptr);
    }

    void finish(const Layer &l, int64_t n, const float *attended, float *x, float *normed, float *inner) const {
        l.output.multiply(attended, shape.heads * shape.head_width, n, x, shape.hidden, Epilogue::add, nullptr);
        norm_rows(x, l.mlp_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
        l.gate_up.multiply(normed, shape.hidden, n, inner, shape.ffn, Epilogue::gated, nullptr);
        l.down.multiply(inner, shape.ffn, n, x, shape.hidden, Epilogue::add, nullptr);
    }

    void predict(int64_t n, const float *x, float *normed, float *logits) const {
        norm_rows(x, final_norm.const_data_ptr<float>(), n, shape.hidden, epsilon(), normed);
        head.multiply(normed, shape.hidden, n, logits, shape.vocabulary, Epilogue::store, nullptr);
    }

    // body(tile, first row, rows), tiles side by side. Each tile has a workspace of its own.
    template <typename Body>
    void for_each_tile(int64_t rows, Body body) {
        int64_t threads = at::get_num_threads(), share = (rows + threads - 1) / threads;
        int64_t size = std::min(TILE, (share + 5) / 6 * 6), count = (rows + size - 1) / size;
        if ((int64_t)workspaces.size() < count) workspaces.resize(count);
        at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
            for (int64_t t = first; t < last; t++) body(t, t * size, std::min(size, rows - t * size));
        });
    }

    template <typename Value>
    void keep_prompt(const Layer &l, int64_t prompt, const float *qkv) const;
    void read_prompts(const int32_t *tokens, const int64_t *offsets, int64_t count, float *logits);
    void step(const int32_t *tokens, const int64_t *rows, int64_t n, float *logits);
};

template <typename Value>
PONDER_INLINE void attend_tile(const pt_decoder &d, const pt_decoder::Layer &l, const int64_t *rows, int64_t n, const float *qkv,
                               float *attended) {
    const auto &shape = d.shape;
    int64_t w = shape.head_width, half = w / 2, ratio = shape.heads / shape.kv_heads, lw = d.block.lane_width;
    int64_t stride = (d.block.blocks(d.longest_prompt) + d.block.blocks(d.capacity)) * BLOCK_POSITIONS;
    const float scale = 1.0f / std::sqrt((float)w);
    static thread_local std::vector<float> scores, queries, turned, mixed, normed;
    scores.resize(3 * stride), queries.resize(3 * w), turned.resize(w), mixed.resize(3 * lw), normed.resize(w);
    // A head of queries or keys, normed where the layer norms them.
    auto prepared = [&](const float *x, const at::Tensor &norm) __attribute__((always_inline)) {
        if (!norm.defined()) return x;
        const float *weight = norm.const_data_ptr<float>();
        float sum = 0;
        for (int64_t k = 0; k < w; k++) sum += x[k] * x[k];
        float factor = 1.0f / std::sqrt(sum / (float)w + d.epsilon());
        for (int64_t k = 0; k < w; k++) normed[k] = x[k] * factor * weight[k];
        return (const float *)normed.data();
    };
    Value *prompt_arena = (Value *)l.prompt_arena.mutable_data_ptr(), *slot_arena = (Value *)l.slot_arena.mutable_data_ptr();
    for (int64_t i = 0; i < n; i++, qkv += d.columns()) {
        const Slot &slot = d.slots[rows[i]];
        const Prompt &p = d.prompts[slot.prompt];
        int64_t position = p.length + slot.length;
        const float *cosine = &d.cosine[position * half], *sine = &d.sine[position * half];
        for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
            Value *own = slot_arena + (rows[i] * shape.kv_heads + kv) * d.slot_size;
            const float *key = qkv + (shape.heads + kv) * w;
            turn(prepared(key, l.key_norm), cosine, sine, half, 1, turned.data());
            append(d.block, own, slot.length, turned.data(), key + shape.kv_heads * w);
            Run<Value> first{prompt_arena + p.offset + kv * d.run_size(p.length), p.length}, rest{own, slot.length + 1};
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

// Appends the rows' new keys and values to the cache and attends.
PONDER_CLONES static void attend_floats(const pt_decoder &d, const pt_decoder::Layer &l, const int64_t *rows, int64_t n,
                                        const float *qkv, float *attended) {
    attend_tile<float>(d, l, rows, n, qkv, attended);
}

PONDER_CLONES static void attend_halves(const pt_decoder &d, const pt_decoder::Layer &l, const int64_t *rows, int64_t n,
                                        const float *qkv, float *attended) {
    attend_tile<uint16_t>(d, l, rows, n, qkv, attended);
}

template <typename Value>
void pt_decoder::keep_prompt(const Layer &l, int64_t prompt, const float *qkv) const {
    const auto &p = prompts[prompt];
    int64_t w = shape.head_width, half = w / 2;
    std::vector<float> turned(w);
    for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
        Value *run = (Value *)l.prompt_arena.mutable_data_ptr() + p.offset + kv * run_size(p.length);
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
    for (int64_t p = 0; p < count; p++)
        segments[p] = {offsets[p], offsets[p + 1] - offsets[p], -1}, last[p] = offsets[p + 1] - 1;
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
            if (half) keep_prompt<uint16_t>(l, p, part);
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
            if (half) attend_halves(*this, l, rows + first, count, qkv, attended);
            else attend_floats(*this, l, rows + first, count, qkv, attended);
            finish(l, count, attended, x, normed, work.inner.data_ptr<float>());
        }
        predict(count, x, normed, logits + first * shape.vocabulary);
    });
    for (int64_t i = 0; i < n; i++) slots[rows[i]].length++;
}

namespace ponder {

int decoder_create(const pt_decoder_shape *shape, const pt_tensor *embedding, const pt_tensor *head, const pt_tensor *final_norm,
                   const pt_decoder_layer *layers, int32_t dtype, pt_decoder **out, pt_error *error) {
    return guarded(error, [&] {
        TORCH_CHECK(shape->kv_heads > 0 && shape->heads % shape->kv_heads == 0 && shape->head_width == 2 * shape->rope.count,
                    "heads ", shape->heads, ", kv heads ", shape->kv_heads, ", head width ", shape->head_width, ", ",
                    shape->rope.count, " rotary frequencies");
        TORCH_CHECK(dtype == PT_FLOAT32 || dtype == PT_BFLOAT16, "decoding computes in float32 or bfloat16, not in dtype ", dtype);
        auto check = [](const pt_tensor *t, at::IntArrayRef sizes, const char *name) {
            auto v = t->value.detach().contiguous();
            TORCH_CHECK(v.is_cpu() && v.scalar_type() == at::kFloat, name, " is not float32 on the CPU");
            TORCH_CHECK(v.sizes() == sizes, name, " is ", v.sizes(), ", expected ", sizes);
            return v;
        };
        auto d = std::make_unique<pt_decoder>();
        d->shape = *shape;
        d->half = dtype == PT_BFLOAT16;
        d->inverse_frequencies.assign(shape->rope.inverse_frequencies, shape->rope.inverse_frequencies + shape->rope.count);
        d->shape.rope.inverse_frequencies = d->inverse_frequencies.data();
        d->block = {shape->head_width, padded(shape->head_width)};
        int64_t h = shape->hidden, q = shape->heads * shape->head_width, all = q + 2 * shape->kv_heads * shape->head_width;
        auto optional = [&](const pt_tensor *t, int64_t size, const char *name) {
            return t == nullptr ? at::Tensor() : check(t, {size}, name);
        };
        auto panels = [&](const pt_tensor *t, at::IntArrayRef sizes, const char *name, bool gated = false) {
            return Panels(check(t, sizes, name), d->half, gated);
        };
        d->embedding = check(embedding, {shape->vocabulary, h}, "embedding");
        d->head = panels(head, {shape->vocabulary, h}, "head");
        d->final_norm = check(final_norm, {h}, "final norm");
        for (int64_t i = 0; i < shape->layers; i++) {
            const auto &l = layers[i];
            TORCH_CHECK((l.query_norm == nullptr) == (l.key_norm == nullptr), "one of query norm and key norm is missing");
            d->layers.push_back({check(l.attention_norm, {h}, "attention norm"), optional(l.qkv_bias, all, "qkv bias"),
                                 optional(l.query_norm, shape->head_width, "query norm"),
                                 optional(l.key_norm, shape->head_width, "key norm"), check(l.mlp_norm, {h}, "mlp norm"),
                                 panels(l.qkv, {all, h}, "qkv"), panels(l.output, {h, q}, "output"),
                                 panels(l.gate_up, {2 * shape->ffn, h}, "gate_up", true),
                                 panels(l.down, {h, shape->ffn}, "down"), {}, {}});
        }
        *out = d.release();
    });
}

void decoder_release(pt_decoder *d) noexcept { delete d; }

int decoder_begin(pt_decoder *d, const int32_t *tokens, const int64_t *offsets, int64_t count, int64_t slots, int64_t capacity,
                  float *logits, pt_error *error) {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        TORCH_CHECK(count > 0 && slots > 0 && capacity > 0 && offsets[0] == 0, count, " prompts, ", slots, " slots, ", capacity,
                    " new tokens");
        const auto &s = d->shape;
        d->prompts.clear();
        int64_t arena = 0;
        d->longest_prompt = 0;
        for (int64_t p = 0; p < count; p++) {
            int64_t length = offsets[p + 1] - offsets[p];
            TORCH_CHECK(length > 0, "prompt ", p, " is empty");
            d->prompts.push_back({length, arena});
            arena += s.kv_heads * d->run_size(length);
            d->longest_prompt = std::max(d->longest_prompt, length);
        }
        d->check_tokens(tokens, offsets[count]);
        d->slots.assign(slots, Slot());
        d->capacity = capacity;
        d->slot_size = d->run_size(capacity);
        auto room = [&](at::Tensor &t, int64_t size) {
            if (!t.defined() || t.numel() < size) t = at::empty({size}, d->half ? at::kShort : at::kFloat);
        };
        for (auto &l : d->layers) room(l.prompt_arena, arena), room(l.slot_arena, slots * s.kv_heads * d->slot_size);
        if (int64_t needed = d->longest_prompt + capacity; d->positions < needed) {
            auto table = turns(s.rope, needed);
            d->cosine = std::move(table.cosine), d->sine = std::move(table.sine);
            d->positions = needed;
        }
        d->read_prompts(tokens, offsets, count, logits);
    });
}

int decoder_place(pt_decoder *d, int64_t slot, int64_t prompt, pt_error *error) {
    return guarded(error, [&] {
        TORCH_CHECK(slot >= 0 && slot < (int64_t)d->slots.size(), "slot ", slot, " of ", d->slots.size());
        TORCH_CHECK(prompt >= 0 && prompt < (int64_t)d->prompts.size(), "prompt ", prompt, " of ", d->prompts.size());
        d->slots[slot] = {prompt, 0};
    });
}

int decoder_step(pt_decoder *d, const int32_t *tokens, const int64_t *slots, int64_t count, float *logits, pt_error *error) {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        d->step(tokens, slots, count, logits);
    });
}

}  // namespace ponder
