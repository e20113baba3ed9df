// Batched decoding on the CPU in float32: prompts are read once, then every active row takes one token a step.
//
// Keys live transposed, [width, room], so that scores of a row against all its positions are one pass of fused
// multiply-adds; values live as [room, width]. A prompt's keys and values are kept once for its group. Rows that have
// finished are left out of the next call: nothing is moved, a row keeps its place in the cache. All arithmetic of a row
// depends on the batch only through the shape of the matrix products.
#include <ATen/Parallel.h>

#include <vector>

#include "Guard.h"
#include "Kernels.h"

namespace ponder {
namespace {

// Keys and values of one kv head of one layer over `room` positions.
struct Slab {
    float *keys;    // [width, room]
    float *values;  // [room, lane width]
};

struct Prefix {
    int64_t length, room, offset;  // offset into the layer's arena
};

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

PONDER_CLONES void swiglu_rows(const float *gu, int64_t rows, int64_t n, float *y) {
    for (int64_t r = 0; r < rows; r++, gu += 2 * n, y += n) {
        int64_t i = 0;
        for (; i + 16 <= n; i += 16) {
            lanes g = load(gu + i);
            store(y + i, g * sigmoid(g) * load(gu + n + i));
        }
        for (; i < n; i++) y[i] = gu[i] / (1.0f + std::exp(-gu[i])) * gu[n + i];
    }
}

PONDER_CLONES void add_rows(float *x, const float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] += y[i];
}

PONDER_INLINE void turn(const float *x, const float *cosine, const float *sine, int64_t half, float scale, float *y) {
    for (int64_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], c = cosine[i] * scale, s = sine[i] * scale;
        y[i] = a * c - b * s;
        y[i + half] = b * c + a * s;
    }
}

// out[lane width] += weights[count] · values[count, lane width], in four independent sums to hide latency.
template <int VECTORS>
PONDER_INLINE void weigh(const float *weights, const float *values, int64_t count, float *out) {
    lanes sum[4][VECTORS] = {};
    int64_t j = 0;
    for (; j + 4 <= count; j += 4)
        for (int u = 0; u < 4; u++)
            for (int v = 0; v < VECTORS; v++) sum[u][v] += weights[j + u] * load(values + (j + u) * VECTORS * 16 + v * 16);
    for (; j < count; j++)
        for (int v = 0; v < VECTORS; v++) sum[0][v] += weights[j] * load(values + j * VECTORS * 16 + v * 16);
    for (int v = 0; v < VECTORS; v++)
        store(out + v * 16, load(out + v * 16) + ((sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v])));
}

PONDER_INLINE void weigh_any(const float *weights, const float *values, int64_t count, int64_t lane_width, float *out) {
    switch (lane_width / 16) {
        case 1: weigh<1>(weights, values, count, out); return;
        case 2: weigh<2>(weights, values, count, out); return;
        case 4: weigh<4>(weights, values, count, out); return;
        default: small_matmul(1, lane_width, count, weights, count, values, lane_width, out, lane_width, true);
    }
}

// One row's query against its prompt's and its own keys.
struct Query {
    const float *q;  // [width], rotated and scaled
    Slab prefix, own;
    int64_t prefix_count, prefix_room, own_count, own_room;
};

PONDER_INLINE void attend(const Query &x, int64_t width, int64_t lane_width, float *scores, float *out) {
    int64_t a = padded(x.prefix_count), b = padded(x.own_count);
    auto score = [&](const float *keys, int64_t room, int64_t reach, float *s) __attribute__((always_inline)) {
        int64_t j = 0;
        for (; j + 64 <= reach; j += 64) tile<1, 4>(width, x.q, width, keys + j, room, s + j, room, false);
        for (; j < reach; j += 16) tile<1, 1>(width, x.q, width, keys + j, room, s + j, room, false);
    };
    score(x.prefix.keys, x.prefix_room, a, scores);
    score(x.own.keys, x.own_room, b, scores + a);
    for (int64_t j = x.prefix_count; j < a; j++) scores[j] = -1e30f;
    for (int64_t j = a + x.own_count; j < a + b; j++) scores[j] = -1e30f;
    lanes top = load(scores);
    for (int64_t j = 16; j < a + b; j += 16) top = load(scores + j) > top ? load(scores + j) : top;
    float maximum = horizontal_maximum(top);
    lanes sum{};
    for (int64_t j = 0; j < a + b; j += 16) {
        lanes s = load(scores + j), e = exp_nonpositive(s - maximum);
        e = s < -1e29f ? lanes{} : e;
        store(scores + j, e);
        sum += e;
    }
    float inverse = 1.0f / horizontal_sum(sum);
    for (int64_t v = 0; v < lane_width; v += 16) store(out + v, lanes{});
    weigh_any(scores, x.prefix.values, x.prefix_count, lane_width, out);
    weigh_any(scores + a, x.own.values, x.own_count, lane_width, out);
    for (int64_t v = 0; v < lane_width; v += 16) store(out + v, load(out + v) * inverse);
}

}  // namespace
}  // namespace ponder

using namespace ponder;

struct pt_decoder {
    struct Layer {
        at::Tensor attention_norm, qkv, qkv_bias, query_norm, key_norm, output, mlp_norm, gate_up, down;
        std::vector<float> prefix_arena, row_arena;
    };
    pt_decoder_shape shape;
    at::Tensor embedding, head, final_norm;
    std::vector<Layer> layers;
    std::vector<Prefix> prefixes;
    std::vector<int64_t> prompt_of_row, length_of_row;
    std::vector<float> inverse_frequencies, cosine, sine;
    int64_t room = 0, capacity = 0, lane_width = 0, position_room = 0;
    at::Tensor x, normed, qkv, attended, gate_up, inner, added;  // work space, [rows, …]

    int64_t own_size() const { return shape.head_width * room + room * lane_width; }

    Slab own(Layer &l, int64_t row, int64_t kv) const {
        float *base = l.row_arena.data() + (row * shape.kv_heads + kv) * own_size();
        return {base, base + shape.head_width * room};
    }

    Slab prefix(Layer &l, int64_t prompt, int64_t kv) const {
        const auto &p = prefixes[prompt];
        float *base = l.prefix_arena.data() + p.offset + kv * (shape.head_width * p.room + p.room * lane_width);
        return {base, base + shape.head_width * p.room};
    }

    void make_positions(int64_t count) {
        auto table = turns(shape.rope, count);
        cosine = std::move(table.cosine), sine = std::move(table.sine);
        position_room = count;
    }

    void make_room(int64_t rows) {
        if (x.defined() && x.size(0) >= rows) return;
        auto make = [&](int64_t n) { return at::empty({rows, n}, at::kFloat); };
        x = make(shape.hidden), normed = make(shape.hidden), added = make(shape.hidden);
        qkv = make((shape.heads + 2 * shape.kv_heads) * shape.head_width);
        attended = make(shape.heads * shape.head_width);
        gate_up = make(2 * shape.ffn), inner = make(shape.ffn);
    }

    void embed(const int32_t *tokens, int64_t count) {
        const float *table = embedding.const_data_ptr<float>();
        for (int64_t i = 0; i < count; i++) {
            TORCH_CHECK(tokens[i] >= 0 && tokens[i] < shape.vocabulary, "token ", tokens[i], " lies outside the vocabulary of ",
                        shape.vocabulary);
            std::memcpy(x.data_ptr<float>() + i * shape.hidden, table + tokens[i] * shape.hidden, shape.hidden * sizeof(float));
        }
    }

    void project(Layer &l, int64_t n) {
        norm_rows(x.const_data_ptr<float>(), l.attention_norm.const_data_ptr<float>(), n, shape.hidden, (float)shape.rms_epsilon,
                  normed.data_ptr<float>());
        auto out = qkv.narrow(0, 0, n), in = normed.narrow(0, 0, n);
        if (l.qkv_bias.defined()) at::addmm_out(out, l.qkv_bias, in, l.qkv.t());
        else at::mm_out(out, in, l.qkv.t());
    }

    void finish(Layer &l, int64_t n, const at::Tensor &mixed) {
        auto sum = added.narrow(0, 0, n), in = normed.narrow(0, 0, n), gu = gate_up.narrow(0, 0, n), mid = inner.narrow(0, 0, n);
        at::mm_out(sum, mixed, l.output.t());
        add_rows(x.data_ptr<float>(), added.const_data_ptr<float>(), n * shape.hidden);
        norm_rows(x.const_data_ptr<float>(), l.mlp_norm.const_data_ptr<float>(), n, shape.hidden, (float)shape.rms_epsilon,
                  normed.data_ptr<float>());
        at::mm_out(gu, in, l.gate_up.t());
        swiglu_rows(gate_up.const_data_ptr<float>(), n, shape.ffn, inner.data_ptr<float>());
        at::mm_out(sum, mid, l.down.t());
        add_rows(x.data_ptr<float>(), added.const_data_ptr<float>(), n * shape.hidden);
    }

    void predict(const at::Tensor &states, float *logits) {
        int64_t n = states.size(0);
        auto in = at::empty({n, shape.hidden}, at::kFloat);
        norm_rows(states.const_data_ptr<float>(), final_norm.const_data_ptr<float>(), n, shape.hidden, (float)shape.rms_epsilon,
                  in.data_ptr<float>());
        auto out = at::from_blob(logits, {n, shape.vocabulary}, at::kFloat);
        at::mm_out(out, in, head.t());
    }

    void read_prompts(const int32_t *tokens, const int64_t *offsets, int64_t count, float *logits) {
        int64_t total = offsets[count], w = shape.head_width, half = w / 2;
        std::vector<pt_segment> segments(count);
        std::vector<int64_t> last(count);
        for (int64_t p = 0; p < count; p++)
            segments[p] = {offsets[p], offsets[p + 1] - offsets[p], -1}, last[p] = offsets[p + 1] - 1;
        embed(tokens, total);
        for (auto &l : layers) {
            project(l, total);
            auto all = qkv.narrow(0, 0, total);
            if (l.query_norm.defined())
                all = head_norm(all, l.query_norm, l.key_norm, shape.heads, shape.kv_heads, shape.rms_epsilon);
            const float *data = all.const_data_ptr<float>();
            for (int64_t p = 0; p < count; p++)
                for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
                    Slab slab = prefix(l, p, kv);
                    int64_t room = prefixes[p].room;
                    std::vector<float> turned(w);
                    for (int64_t j = 0; j < segments[p].length; j++) {
                        const float *key = data + (offsets[p] + j) * qkv.size(1) + (shape.heads + kv) * w;
                        turn(key, &cosine[j * half], &sine[j * half], half, 1, turned.data());
                        for (int64_t d = 0; d < w; d++) slab.keys[d * room + j] = turned[d];
                        std::memcpy(slab.values + j * lane_width, key + shape.kv_heads * w, w * sizeof(float));
                    }
                }
            auto mixed = packed_attention(all, segments.data(), count, shape.heads, shape.kv_heads, shape.rope);
            finish(l, total, mixed);
        }
        predict(x.index_select(0, at::tensor(at::ArrayRef<int64_t>(last))), logits);
    }

    void attend_rows(Layer &l, const int64_t *rows, int64_t begin, int64_t end);

    void step(const int32_t *tokens, const int64_t *rows, int64_t n, float *logits) {
        for (int64_t i = 0; i < n; i++) {
            TORCH_CHECK(rows[i] >= 0 && rows[i] < (int64_t)prompt_of_row.size(), "row ", rows[i], " of ", prompt_of_row.size());
            TORCH_CHECK(i == 0 || rows[i] > rows[i - 1], "rows are not in ascending order at ", i);
            TORCH_CHECK(length_of_row[rows[i]] < capacity, "row ", rows[i], " is full: it has room for ", capacity, " tokens");
        }
        make_room(n);
        embed(tokens, n);
        for (auto &l : layers) {
            project(l, n);
            at::parallel_for(0, n, 16, [&](int64_t a, int64_t b) { attend_rows(l, rows, a, b); });
            finish(l, n, attended.narrow(0, 0, n));
        }
        for (int64_t i = 0; i < n; i++) length_of_row[rows[i]]++;
        predict(x.narrow(0, 0, n), logits);
    }
};

// Appends the rows' new keys and values to the cache and attends.
PONDER_CLONES static void attend_range(pt_decoder &d, pt_decoder::Layer &l, const int64_t *rows, int64_t begin, int64_t end) {
    const auto &shape = d.shape;
    int64_t w = shape.head_width, half = w / 2, ratio = shape.heads / shape.kv_heads, columns = d.qkv.size(1);
    const float scale = 1.0f / std::sqrt((float)w);
    const float *qkv = d.qkv.const_data_ptr<float>();
    float *out = d.attended.data_ptr<float>();
    int64_t longest = 0;
    for (const auto &p : d.prefixes) longest = std::max(longest, p.room);
    std::vector<float> scores(longest + d.room), query(w), turned(w), mixed(d.lane_width), normed(w);
    // A head of queries or keys, normed where the layer norms them.
    auto head = [&](const float *x, const at::Tensor &norm) __attribute__((always_inline)) {
        if (!norm.defined()) return x;
        const float *weight = norm.const_data_ptr<float>();
        float sum = 0;
        for (int64_t k = 0; k < w; k++) sum += x[k] * x[k];
        float scale = 1.0f / std::sqrt(sum / (float)w + (float)shape.rms_epsilon);
        for (int64_t k = 0; k < w; k++) normed[k] = x[k] * scale * weight[k];
        return (const float *)normed.data();
    };
    for (int64_t i = begin; i < end; i++) {
        int64_t row = rows[i], prompt = d.prompt_of_row[row], length = d.length_of_row[row];
        const Prefix &p = d.prefixes[prompt];
        int64_t position = p.length + length;
        const float *cosine = &d.cosine[position * half], *sine = &d.sine[position * half];
        for (int64_t kv = 0; kv < shape.kv_heads; kv++) {
            Slab own = d.own(l, row, kv), prefix = d.prefix(l, prompt, kv);
            const float *key = qkv + i * columns + (shape.heads + kv) * w;
            turn(head(key, l.key_norm), cosine, sine, half, 1, turned.data());
            for (int64_t k = 0; k < w; k++) own.keys[k * d.room + length] = turned[k];
            std::memcpy(own.values + length * d.lane_width, key + shape.kv_heads * w, w * sizeof(float));
            for (int64_t h = kv * ratio; h < (kv + 1) * ratio; h++) {
                turn(head(qkv + i * columns + h * w, l.query_norm), cosine, sine, half, scale, query.data());
                Query x{query.data(), prefix, own, p.length, p.room, length + 1, d.room};
                attend(x, w, d.lane_width, scores.data(), mixed.data());
                std::memcpy(out + (i * shape.heads + h) * w, mixed.data(), w * sizeof(float));
            }
        }
    }
}

void pt_decoder::attend_rows(Layer &l, const int64_t *rows, int64_t begin, int64_t end) {
    attend_range(*this, l, rows, begin, end);
}

namespace ponder {

int decoder_create(const pt_decoder_shape *shape, const pt_tensor *embedding, const pt_tensor *head, const pt_tensor *final_norm,
                   const pt_decoder_layer *layers, pt_decoder **out, pt_error *error) {
    return guarded(error, [&] {
        TORCH_CHECK(shape->kv_heads > 0 && shape->heads % shape->kv_heads == 0 && shape->head_width == 2 * shape->rope.count,
                    "heads ", shape->heads, ", kv heads ", shape->kv_heads, ", head width ", shape->head_width, ", ",
                    shape->rope.count, " rotary frequencies");
        auto check = [](const pt_tensor *t, at::IntArrayRef sizes, const char *name) {
            auto v = t->value.detach().contiguous();
            TORCH_CHECK(v.is_cpu() && v.scalar_type() == at::kFloat, name, " is not float32 on the CPU");
            TORCH_CHECK(v.sizes() == sizes, name, " is ", v.sizes(), ", expected ", sizes);
            return v;
        };
        auto d = std::make_unique<pt_decoder>();
        d->shape = *shape;
        d->inverse_frequencies.assign(shape->rope.inverse_frequencies, shape->rope.inverse_frequencies + shape->rope.count);
        d->shape.rope.inverse_frequencies = d->inverse_frequencies.data();
        d->lane_width = padded(shape->head_width);
        int64_t h = shape->hidden, q = shape->heads * shape->head_width, all = q + 2 * shape->kv_heads * shape->head_width;
        d->embedding = check(embedding, {shape->vocabulary, h}, "embedding");
        d->head = check(head, {shape->vocabulary, h}, "head");
        d->final_norm = check(final_norm, {h}, "final norm");
        for (int64_t i = 0; i < shape->layers; i++) {
            const auto &l = layers[i];
            TORCH_CHECK((l.query_norm == nullptr) == (l.key_norm == nullptr), "one of query norm and key norm is missing");
            d->layers.push_back({check(l.attention_norm, {h}, "attention norm"), check(l.qkv, {all, h}, "qkv"),
                                 l.qkv_bias ? check(l.qkv_bias, {all}, "qkv bias") : at::Tensor(),
                                 l.query_norm ? check(l.query_norm, {shape->head_width}, "query norm") : at::Tensor(),
                                 l.key_norm ? check(l.key_norm, {shape->head_width}, "key norm") : at::Tensor(),
                                 check(l.output, {h, q}, "output"), check(l.mlp_norm, {h}, "mlp norm"),
                                 check(l.gate_up, {2 * shape->ffn, h}, "gate_up"), check(l.down, {h, shape->ffn}, "down"),
                                 {}, {}});
        }
        *out = d.release();
    });
}

void decoder_release(pt_decoder *d) noexcept { delete d; }

int decoder_begin(pt_decoder *d, const int32_t *tokens, const int64_t *offsets, int64_t count, const int64_t *prompt_of_row,
                  int64_t rows, int64_t capacity, float *logits, pt_error *error) {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        TORCH_CHECK(count > 0 && rows > 0 && capacity > 0 && offsets[0] == 0, count, " prompts, ", rows, " rows, ", capacity,
                    " new tokens");
        const auto &s = d->shape;
        d->prefixes.clear();
        int64_t arena = 0, longest = 0;
        for (int64_t p = 0; p < count; p++) {
            int64_t length = offsets[p + 1] - offsets[p], room = padded(length);
            TORCH_CHECK(length > 0, "prompt ", p, " is empty");
            d->prefixes.push_back({length, room, arena});
            arena += s.kv_heads * (s.head_width * room + room * d->lane_width);
            longest = std::max(longest, length);
        }
        for (int64_t r = 0; r < rows; r++)
            TORCH_CHECK(prompt_of_row[r] >= 0 && prompt_of_row[r] < count, "row ", r, " continues prompt ", prompt_of_row[r]);
        d->prompt_of_row.assign(prompt_of_row, prompt_of_row + rows);
        d->length_of_row.assign(rows, 0);
        d->capacity = capacity;
        d->room = padded(capacity);
        for (auto &l : d->layers) {
            l.prefix_arena.assign(arena, 0);
            l.row_arena.assign(rows * s.kv_heads * d->own_size(), 0);
        }
        if (d->position_room < longest + capacity) d->make_positions(longest + capacity);
        d->make_room(std::max(offsets[count], rows));
        d->read_prompts(tokens, offsets, count, logits);
    });
}

int decoder_step(pt_decoder *d, const int32_t *tokens, const int64_t *rows, int64_t count, float *logits, pt_error *error) {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        d->step(tokens, rows, count, logits);
    });
}

}  // namespace ponder
