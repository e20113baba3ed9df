// Causal self-attention over packed rows, with rotary positions, and its gradient.
//
// Rows keep their own length: nothing is padded. A prompt that a group shares is computed once, and its responses attend to it
// through `pt_segment.prefix`. Shapes: qkv [tokens, (heads + 2 kv_heads) * width], out [tokens, heads * width]. Rotary positions pair
// the two halves of a head, as Hugging Face's decoders do. Position 0 is the first token of the prefix, or of the row when it has no
// prefix.
#include <ATen/Parallel.h>

#include <vector>

#include <torch/csrc/autograd/custom_function.h>

#include "Guard.h"
#include "Kernels.h"

namespace ponder {
namespace {

struct Layout {
    std::vector<pt_segment> segments;
    // Segments that add to the same gradients: one without a prefix, together with those whose prefix it is.
    std::vector<std::vector<int64_t>> families;
    int64_t tokens, heads, kv_heads, width;
    std::vector<float> cosine, sine;  // [positions, width / 2]

    int64_t prefix_length(const pt_segment &s) const { return s.prefix < 0 ? 0 : segments[s.prefix].length; }
    int64_t stride() const { return (heads + 2 * kv_heads) * width; }
};

Layout make_layout(int64_t tokens, int64_t columns, const pt_segment *segments, int64_t count, int64_t heads,
                   int64_t kv_heads, const pt_rope &rope) {
    TORCH_CHECK(heads > 0 && kv_heads > 0 && heads % kv_heads == 0, "heads ", heads, " is no multiple of kv_heads ", kv_heads);
    TORCH_CHECK(columns % (heads + 2 * kv_heads) == 0, "qkv has ", columns, " columns for ", heads, "+2*", kv_heads, " heads");
    Layout l{{segments, segments + count}, {}, tokens, heads, kv_heads, columns / (heads + 2 * kv_heads), {}, {}};
    TORCH_CHECK(l.width == 2 * rope.count, "a head of width ", l.width, " has ", rope.count, " rotary frequencies");
    std::vector<int64_t> family(count, -1);
    int64_t expected = 0, longest = 0;
    for (int64_t i = 0; i < count; i++) {
        const auto &s = l.segments[i];
        TORCH_CHECK(s.start == expected && s.length > 0, "segment ", i, " starts at ", s.start, ", expected ", expected);
        TORCH_CHECK(s.prefix < i && (s.prefix < 0 || l.segments[s.prefix].prefix < 0), "segment ", i, " has prefix ", s.prefix);
        expected += s.length;
        longest = std::max(longest, l.prefix_length(s) + s.length);
        if (s.prefix < 0) {
            family[i] = (int64_t)l.families.size();
            l.families.push_back({i});
        } else {
            family[i] = family[s.prefix];
            l.families[family[i]].push_back(i);
        }
    }
    TORCH_CHECK(expected == tokens, "segments cover ", expected, " of ", tokens, " tokens");
    auto table = turns(rope, longest);
    l.cosine = std::move(table.cosine);
    l.sine = std::move(table.sine);
    return l;
}

// y = x rotated by its position's angle times `sign` (-1 undoes the rotation), times scale. x and y [2 half], cosine and sine [half].
PONDER_INLINE void rotate(const float *x, const float *cosine, const float *sine, int64_t half, float sign, float scale, float *y) {
    for (int64_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], c = cosine[i] * scale, s = sine[i] * scale * sign;
        y[i] = a * c - b * s;
        y[i + half] = b * c + a * s;
    }
}

constexpr int64_t BLOCK = 12;  // query rows computed together

// The keys (rotated) and values that one segment reads in one kv head: those of its prefix, then its own. `count` positions, padded
// to `room`; a head's width w, padded to `lane_width`.
struct Keys {
    int64_t count, room, lane_width;
    std::vector<float> keys, values;                        // [room, lane_width]
    std::vector<float> transposed_keys, transposed_values;  // [w, room]
};

PONDER_INLINE void gather_keys(const Layout &l, const pt_segment &s, const float *qkv, int64_t kv, bool backward, Keys &k) {
    int64_t before = l.prefix_length(s), w = l.width, half = w / 2;
    k.count = before + s.length;
    k.room = padded(k.count);
    k.lane_width = padded(w);
    k.transposed_keys.assign(w * k.room, 0);
    k.values.assign(k.room * k.lane_width, 0);
    k.keys.assign(k.room * k.lane_width, 0);
    if (backward) k.transposed_values.assign(w * k.room, 0);
    for (int64_t j = 0; j < k.count; j++) {
        int64_t token = j < before ? l.segments[s.prefix].start + j : s.start + j - before;
        const float *key = qkv + token * l.stride() + (l.heads + kv) * w, *val = key + l.kv_heads * w;
        float *turned = &k.keys[j * k.lane_width];
        rotate(key, &l.cosine[j * half], &l.sine[j * half], half, 1, 1, turned);
        for (int64_t d = 0; d < w; d++) k.transposed_keys[d * k.room + j] = turned[d];
        std::memcpy(&k.values[j * k.lane_width], val, w * sizeof(float));
        if (backward)
            for (int64_t d = 0; d < w; d++) k.transposed_values[d * k.room + j] = val[d];
    }
}

// Forward attention of the query heads that share kv head `kv`, for all segments of a family.
//
// w: width of a head; lw: w padded to whole vectors; room: positions, padded likewise. Indices: h query head, i0 first query row of a
// block, i row in the block, j key position, p = before + i0 + i position of a query.
//   q [BLOCK, w] rotated and scaled queries     s [BLOCK, room] scores, then probabilities     o [BLOCK, lw] outputs
//   out [tokens, heads, w]                      lse [heads, tokens] log Σ e^score of each query
PONDER_CLONES void forward_task(const Layout &l, const float *qkv, int64_t family, int64_t kv, float *out, float *lse) {
    int64_t w = l.width, half = w / 2, ratio = l.heads / l.kv_heads;
    float scale = 1.0f / std::sqrt((float)w);
    Keys k;
    std::vector<float> q(BLOCK * w), s, o;
    for (int64_t index : l.families[family]) {
        const auto &seg = l.segments[index];
        int64_t before = l.prefix_length(seg);
        gather_keys(l, seg, qkv, kv, false, k);
        s.resize(BLOCK * k.room);
        o.resize(BLOCK * k.lane_width);
        for (int64_t h = kv * ratio; h < (kv + 1) * ratio; h++)
            for (int64_t i0 = 0; i0 < seg.length; i0 += BLOCK) {
                int64_t rows = std::min(BLOCK, seg.length - i0), seen = before + i0 + rows, reach = padded(seen);
                for (int64_t i = 0; i < rows; i++) {
                    int64_t p = before + i0 + i;
                    rotate(qkv + (seg.start + i0 + i) * l.stride() + h * w, &l.cosine[p * half], &l.sine[p * half], half, 1,
                           scale, &q[i * w]);
                }
                small_matmul(rows, reach, w, q.data(), w, k.transposed_keys.data(), k.room, s.data(), k.room, false);
                for (int64_t i = 0; i < rows; i++) {
                    float *row = &s[i * k.room];
                    for (int64_t j = before + i0 + i + 1; j < reach; j++) row[j] = -1e30f;
                    lanes top = load(row);
                    for (int64_t j = 16; j < reach; j += 16) top = load(row + j) > top ? load(row + j) : top;
                    float maximum = horizontal_maximum(top);
                    lanes sum{};
                    for (int64_t j = 0; j < reach; j += 16) {
                        lanes e = exp_nonpositive(load(row + j) - maximum);
                        e = load(row + j) < -1e29f ? lanes{} : e;
                        store(row + j, e);
                        sum += e;
                    }
                    float total = horizontal_sum(sum), inverse = 1.0f / total;
                    for (int64_t j = 0; j < reach; j += 16) store(row + j, load(row + j) * inverse);
                    if (lse != nullptr) lse[h * l.tokens + seg.start + i0 + i] = maximum + std::log(total);
                }
                small_matmul(rows, k.lane_width, seen, s.data(), k.room, k.values.data(), k.lane_width, o.data(), k.lane_width,
                             false);
                for (int64_t i = 0; i < rows; i++)
                    std::memcpy(out + ((seg.start + i0 + i) * l.heads + h) * w, &o[i * k.lane_width], w * sizeof(float));
            }
    }
}

// Backward attention of the query heads that share kv head `kv`, for all segments of a family; adds to dqkv.
//
// Indices as in forward_task. The probabilities are computed again from the scores and lse.
//   q, go, dq [BLOCK, lw] queries, gradients of their outputs and of the queries     s, ds [BLOCK, room] probabilities, score gradients
//   dk, dv [room, lw] gradients of keys and values     out, dout [tokens, heads, w]     qkv, dqkv [tokens, stride]
PONDER_CLONES void backward_task(const Layout &l, const float *qkv, const float *out, const float *lse, const float *dout,
                                 int64_t family, int64_t kv, float *dqkv) {
    int64_t w = l.width, half = w / 2, ratio = l.heads / l.kv_heads;
    float scale = 1.0f / std::sqrt((float)w);
    Keys k;
    std::vector<float> q, s, ds, go, dq, dk, dv;
    for (int64_t index : l.families[family]) {
        const auto &seg = l.segments[index];
        int64_t before = l.prefix_length(seg);
        gather_keys(l, seg, qkv, kv, true, k);
        int64_t lw = k.lane_width;
        q.assign(BLOCK * lw, 0);
        go.assign(BLOCK * lw, 0);
        dq.resize(BLOCK * lw);
        s.resize(BLOCK * k.room);
        ds.resize(BLOCK * k.room);
        dk.assign(k.room * lw, 0);
        dv.assign(k.room * lw, 0);
        for (int64_t h = kv * ratio; h < (kv + 1) * ratio; h++)
            for (int64_t i0 = 0; i0 < seg.length; i0 += BLOCK) {
                int64_t rows = std::min(BLOCK, seg.length - i0), seen = before + i0 + rows, reach = padded(seen);
                for (int64_t i = 0; i < rows; i++) {
                    int64_t p = before + i0 + i, token = seg.start + i0 + i;
                    rotate(qkv + token * l.stride() + h * w, &l.cosine[p * half], &l.sine[p * half], half, 1, scale, &q[i * lw]);
                    std::memcpy(&go[i * lw], dout + (token * l.heads + h) * w, w * sizeof(float));
                }
                small_matmul(rows, reach, w, q.data(), lw, k.transposed_keys.data(), k.room, s.data(), k.room, false);
                small_matmul(rows, reach, w, go.data(), lw, k.transposed_values.data(), k.room, ds.data(), k.room, false);
                for (int64_t i = 0; i < rows; i++) {
                    int64_t token = seg.start + i0 + i;
                    const float *o = out + (token * l.heads + h) * w;
                    float delta = 0, log_sum = lse[h * l.tokens + token];
                    for (int64_t d = 0; d < w; d++) delta += o[d] * go[i * lw + d];
                    float *p = &s[i * k.room], *g = &ds[i * k.room];
                    for (int64_t j = before + i0 + i + 1; j < reach; j++) p[j] = -1e30f;
                    for (int64_t j = 0; j < reach; j += 16) {
                        lanes e = exp_nonpositive(load(p + j) - log_sum);
                        e = load(p + j) < -1e29f ? lanes{} : e;
                        store(p + j, e);
                        store(g + j, e * (load(g + j) - delta));
                    }
                }
                small_matmul(rows, lw, seen, ds.data(), k.room, k.keys.data(), lw, dq.data(), lw, false);
                small_matmul<true>(seen, lw, rows, ds.data(), k.room, q.data(), lw, dk.data(), lw, true);
                small_matmul<true>(seen, lw, rows, s.data(), k.room, go.data(), lw, dv.data(), lw, true);
                for (int64_t i = 0; i < rows; i++) {
                    int64_t p = before + i0 + i;
                    rotate(&dq[i * lw], &l.cosine[p * half], &l.sine[p * half], half, -1, scale,
                           dqkv + (seg.start + i0 + i) * l.stride() + h * w);
                }
            }
        std::vector<float> turned(w);
        for (int64_t j = 0; j < k.count; j++) {
            int64_t token = j < before ? l.segments[seg.prefix].start + j : seg.start + j - before;
            float *key = dqkv + token * l.stride() + (l.heads + kv) * w, *val = key + l.kv_heads * w;
            rotate(&dk[j * lw], &l.cosine[j * half], &l.sine[j * half], half, -1, 1, turned.data());
            for (int64_t d = 0; d < w; d++) {
                key[d] += turned[d];
                val[d] += dv[j * lw + d];
            }
        }
    }
}

template <typename Body>
void for_each_family(const Layout &l, Body body) {
    int64_t tasks = (int64_t)l.families.size() * l.kv_heads;
    at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; t++) body(t / l.kv_heads, t % l.kv_heads);
    });
}

struct Attention : torch::autograd::Function<Attention> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &qkv, std::shared_ptr<Layout> l) {
        auto input = qkv.contiguous();
        auto out = at::empty({l->tokens, l->heads * l->width}, input.options());
        auto lse = at::empty({l->heads, l->tokens}, input.options());
        for_each_family(*l, [&](int64_t family, int64_t kv) {
            forward_task(*l, input.const_data_ptr<float>(), family, kv, out.data_ptr<float>(), lse.data_ptr<float>());
        });
        context->save_for_backward({input, out, lse});
        context->saved_data["layout"] = c10::IValue::make_capsule(c10::make_intrusive<Holder>(l));
        return out;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients) {
        auto saved = context->get_saved_variables();
        auto l = context->saved_data["layout"].toCapsule();
        const Layout &layout = *static_cast<Holder *>(l.get())->layout;
        auto dout = gradients[0].contiguous();
        auto dqkv = at::zeros_like(saved[0]);
        for_each_family(layout, [&](int64_t family, int64_t kv) {
            backward_task(layout, saved[0].const_data_ptr<float>(), saved[1].const_data_ptr<float>(),
                          saved[2].const_data_ptr<float>(), dout.const_data_ptr<float>(), family, kv, dqkv.data_ptr<float>());
        });
        return {dqkv, at::Tensor()};
    }

    struct Holder : torch::CustomClassHolder {
        explicit Holder(std::shared_ptr<Layout> l) : layout(std::move(l)) {}
        std::shared_ptr<Layout> layout;
    };
};

// The same attention composed of libtorch operations: for other devices and dtypes, and as the reference that tests compare with.
at::Tensor composed(const at::Tensor &qkv, const Layout &l) {
    int64_t w = l.width, half = w / 2, ratio = l.heads / l.kv_heads;
    auto table = [&](const std::vector<float> &v) {
        return at::tensor(at::ArrayRef<float>(v)).reshape({-1, 1, half}).to(qkv.options());
    };
    auto cosine = table(l.cosine), sine = table(l.sine);
    auto turn = [&](const at::Tensor &x, int64_t from) {
        auto c = cosine.narrow(0, from, x.size(0)), s = sine.narrow(0, from, x.size(0));
        auto a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
        return at::cat({a * c - b * s, b * c + a * s}, -1);
    };
    auto parts = qkv.reshape({l.tokens, l.heads + 2 * l.kv_heads, w});
    std::vector<at::Tensor> keys, values, outs;
    for (const auto &s : l.segments) {
        int64_t before = l.prefix_length(s);
        auto own = parts.narrow(0, s.start, s.length);
        auto q = turn(own.narrow(1, 0, l.heads), before);
        auto k = turn(own.narrow(1, l.heads, l.kv_heads), before), v = own.narrow(1, l.heads + l.kv_heads, l.kv_heads);
        keys.push_back(k);
        values.push_back(v);
        if (s.prefix >= 0) {
            k = at::cat({keys[s.prefix], k});
            v = at::cat({values[s.prefix], v});
        }
        auto mask = at::ones({s.length, before + s.length}, qkv.options().dtype(at::kBool)).tril(before);
        auto out = at::scaled_dot_product_attention(
            q.transpose(0, 1).unsqueeze(0), k.repeat_interleave(ratio, 1).transpose(0, 1).unsqueeze(0),
            v.repeat_interleave(ratio, 1).transpose(0, 1).unsqueeze(0), mask);
        outs.push_back(out.squeeze(0).transpose(0, 1).reshape({s.length, l.heads * w}));
    }
    return at::cat(outs);
}

}  // namespace

Turns turns(const pt_rope &rope, int64_t positions) {
    Turns t{std::vector<float>(positions * rope.count), std::vector<float>(positions * rope.count)};
    float scale = (float)rope.scale;
    for (int64_t p = 0; p < positions; p++)
        for (int64_t i = 0; i < rope.count; i++) {
            float angle = (float)p * rope.inverse_frequencies[i];
            t.cosine[p * rope.count + i] = std::cos(angle) * scale;
            t.sine[p * rope.count + i] = std::sin(angle) * scale;
        }
    return t;
}

at::Tensor packed_attention(const at::Tensor &qkv, const pt_segment *segments, int64_t count, int64_t heads, int64_t kv_heads,
                            const pt_rope &rope) {
    TORCH_CHECK(qkv.dim() == 2, "qkv has ", qkv.dim(), " dimensions, not 2");
    auto l = std::make_shared<Layout>(make_layout(qkv.size(0), qkv.size(1), segments, count, heads, kv_heads, rope));
    if (qkv.is_cpu() && qkv.scalar_type() == at::kFloat) return Attention::apply(qkv, l);
    return composed(qkv, *l);
}

}  // namespace ponder
