// RMSNorm, SwiGLU, linear layers and the log-probabilities of given tokens. Composed of libtorch operations, each would pass over
// memory three times or more. Each also has that composed form, for other devices and dtypes.
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "Guard.h"
#include "Kernels.h"
#include "Panels.h"

namespace ponder {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Whether the kernels of this file can read x.
bool fast(const at::Tensor &x) { return x.is_cpu() && x.scalar_type() == at::kFloat; }

// Shapes of the four kernels below: rows of n floats, n a multiple of 16, one row after the other.
//   norm:   x, y, dy, dx [rows, n], w, dw [n], inverse [rows] = 1 / √(mean of x² + eps); dw is added to.
//   swiglu: gu, dgu [rows, 2 n], gate first, then up; y, dy [rows, n].
PONDER_CLONES void norm_forward(const float *x, const float *w, int64_t rows, int64_t n, float eps, float *y, float *inverse) {
    for (int64_t r = 0; r < rows; r++, x += n, y += n) {
        lanes sum{};
        for (int64_t i = 0; i < n; i += 16) sum += load(x + i) * load(x + i);
        float scale = 1.0f / std::sqrt(horizontal_sum(sum) / (float)n + eps);
        if (inverse != nullptr) inverse[r] = scale;
        for (int64_t i = 0; i < n; i += 16) store(y + i, load(x + i) * scale * load(w + i));
    }
}

PONDER_CLONES void norm_backward(const float *x, const float *w, const float *inverse, const float *dy, int64_t rows, int64_t n,
                                 float *dx, float *dw) {
    for (int64_t r = 0; r < rows; r++, x += n, dy += n, dx += n) {
        float scale = inverse[r];
        lanes dot{};
        for (int64_t i = 0; i < n; i += 16) dot += load(x + i) * load(dy + i) * load(w + i);
        float c = horizontal_sum(dot) * scale * scale * scale / (float)n;
        for (int64_t i = 0; i < n; i += 16) {
            lanes g = load(dy + i);
            store(dw + i, load(dw + i) + g * load(x + i) * scale);
            store(dx + i, g * load(w + i) * scale - load(x + i) * c);
        }
    }
}

PONDER_CLONES void swiglu_forward(const float *gu, int64_t rows, int64_t n, float *y) {
    for (int64_t r = 0; r < rows; r++, gu += 2 * n, y += n)
        for (int64_t i = 0; i < n; i += 16) {
            lanes g = load(gu + i);
            store(y + i, g * sigmoid(g) * load(gu + n + i));
        }
}

PONDER_CLONES void swiglu_backward(const float *gu, const float *dy, int64_t rows, int64_t n, float *dgu) {
    for (int64_t r = 0; r < rows; r++, gu += 2 * n, dgu += 2 * n, dy += n)
        for (int64_t i = 0; i < n; i += 16) {
            lanes g = load(gu + i), u = load(gu + n + i), s = sigmoid(g), d = load(dy + i);
            store(dgu + i, d * u * s * (1.0f + g * (1.0f - s)));
            store(dgu + n + i, d * g * s);
        }
}

constexpr int64_t GRAIN = 256;  // rows of one piece of work; the order of sums depends on it and on the number of threads

struct Norm : torch::autograd::Function<Norm> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight, double epsilon) {
        auto input = x.contiguous(), w = weight.contiguous();
        auto y = at::empty_like(input), inverse = at::empty({input.size(0)}, input.options());
        int64_t n = input.size(1);
        at::parallel_for(0, input.size(0), GRAIN, [&](int64_t a, int64_t b) {
            norm_forward(input.const_data_ptr<float>() + a * n, w.const_data_ptr<float>(), b - a, n, (float)epsilon,
                         y.data_ptr<float>() + a * n, inverse.data_ptr<float>() + a);
        });
        context->save_for_backward({input, w, inverse});
        return y;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        auto &x = saved[0], &w = saved[1], &inverse = saved[2];
        auto dy = gradients[0].contiguous(), dx = at::empty_like(x);
        int64_t n = x.size(1), rows = x.size(0), blocks = (rows + GRAIN - 1) / GRAIN;
        auto partial = at::zeros({std::max<int64_t>(blocks, 1), n}, x.options());
        at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
            for (int64_t block = first; block < last; block++) {
                int64_t a = block * GRAIN, b = std::min(rows, a + GRAIN);
                norm_backward(x.const_data_ptr<float>() + a * n, w.const_data_ptr<float>(), inverse.const_data_ptr<float>() + a,
                              dy.const_data_ptr<float>() + a * n, b - a, n, dx.data_ptr<float>() + a * n,
                              partial.data_ptr<float>() + block * n);
            }
        });
        return {dx, partial.sum(0), at::Tensor()};
    }
};

struct SwiGLU : torch::autograd::Function<SwiGLU> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &gate_up) {
        auto input = gate_up.contiguous();
        int64_t n = input.size(1) / 2;
        auto y = at::empty({input.size(0), n}, input.options());
        at::parallel_for(0, input.size(0), GRAIN, [&](int64_t a, int64_t b) {
            swiglu_forward(input.const_data_ptr<float>() + a * 2 * n, b - a, n, y.data_ptr<float>() + a * n);
        });
        context->save_for_backward({input});
        return y;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto input = context->get_saved_variables()[0];
        auto dy = gradients[0].contiguous(), d = at::empty_like(input);
        int64_t n = input.size(1) / 2;
        at::parallel_for(0, input.size(0), GRAIN, [&](int64_t a, int64_t b) {
            swiglu_backward(input.const_data_ptr<float>() + a * 2 * n, dy.const_data_ptr<float>() + a * n, b - a, n,
                            d.data_ptr<float>() + a * 2 * n);
        });
        return {d};
    }
};

// out [rows, w.out] = x Wᵀ + b, on all threads.
void product(const Panels &w, const at::Tensor &x, const float *bias, float *out) {
    // Rows that one thread computes at a time. Bfloat16 products are faster than memory, so more rows share one reading of W.
    int64_t block = w.bf16 ? 256 : 96, rows = x.size(0), blocks = (rows + block - 1) / block;
    const float *in = x.const_data_ptr<float>();
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first * block; i < std::min(rows, last * block); i += block)
            w.multiply(in + i * w.in, w.in, std::min(block, rows - i), out + i * w.out, w.out, Epilogue::store, bias);
    });
}

at::Tensor product(const Panels &w, const at::Tensor &x, const float *bias) {
    auto y = at::empty({x.size(0), w.out}, x.options());
    product(w, x, bias, y.data_ptr<float>());
    return y;
}

// W [out, in], contiguous, laid out for the backward pass of x Wᵀ: dx = dy W.
Panels backwards(const at::Tensor &w, bool bf16) {
    return Panels::transposed(w.const_data_ptr<float>(), w.size(0), w.size(1), w.size(1), bf16);
}

// y = x Wᵀ + b with the decoder's own products, which are faster than libtorch's at these sizes. x [rows, in], W [out, in], b [out].
// W is laid out again for each call, which costs a hundredth of a product with hundreds of rows.
struct Linear : torch::autograd::Function<Linear> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                              const std::optional<at::Tensor> &bias) {
        auto input = x.contiguous(), w = weight.contiguous();
        context->save_for_backward({input, w});
        context->saved_data["bias"] = bias.has_value();
        context->saved_data["bf16"] = bf16_products;
        auto offset = bias.has_value() ? bias->contiguous() : at::Tensor();
        return product(Panels(w, bf16_products), input, bias.has_value() ? offset.const_data_ptr<float>() : nullptr);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        auto &x = saved[0], &w = saved[1];
        auto dy = gradients[0].contiguous();
        bool bf16 = context->saved_data["bf16"].toBool();
        at::Tensor dx, dw, db;
        if (context->needs_input_grad(0)) dx = product(backwards(w, bf16), dy, nullptr);
        if (context->needs_input_grad(1)) {
            dw = at::empty_like(w);
            transposed_product(dy.const_data_ptr<float>(), w.size(0), x.const_data_ptr<float>(), w.size(1), x.size(0),
                               dw.data_ptr<float>(), false, bf16);
        }
        if (context->saved_data["bias"].toBool()) db = dy.sum(0);
        return {dx, dw, db};
    }
};

// out[r] = log Σ e^x over row r of x [rows, n].
PONDER_CLONES void log_sums(const float *x, int64_t rows, int64_t n, float *out) {
    for (int64_t r = 0; r < rows; r++, x += n) {
        float maximum = x[0];
        int64_t whole_lanes = n & ~int64_t(15);
        if (whole_lanes > 0) {
            lanes top = load(x);
            for (int64_t i = 16; i < whole_lanes; i += 16) top = load(x + i) > top ? load(x + i) : top;
            maximum = horizontal_maximum(top);
        }
        for (int64_t i = whole_lanes; i < n; i++) maximum = x[i] > maximum ? x[i] : maximum;
        lanes sum{};
        for (int64_t i = 0; i < whole_lanes; i += 16) sum += exp_nonpositive(load(x + i) - maximum);
        float total = horizontal_sum(sum);
        for (int64_t i = whole_lanes; i < n; i++) total += std::exp(x[i] - maximum);
        out[r] = maximum + std::log(total);
    }
}

// x = -g · softmax(x) in place, x [rows, n], g [rows]; normaliser [rows] is log Σ e^x of each row.
PONDER_CLONES void softmax_gradients(float *x, int64_t rows, int64_t n, const float *normaliser, const float *g) {
    for (int64_t r = 0; r < rows; r++, x += n) {
        int64_t i = 0;
        for (; i + 16 <= n; i += 16) {
            lanes p = load(x + i) - normaliser[r];
            store(x + i, exp_nonpositive(p > 0.0f ? lanes{} : p) * -g[r]);
        }
        for (; i < n; i++) x[i] = std::exp(x[i] - normaliser[r]) * -g[r];
    }
}

// log softmax(hidden · headᵀ)[target] for hidden [tokens, width], head [vocabulary, width], targets [tokens]. It works on `chunk`
// tokens at a time, so no more than [chunk, vocabulary] logits exist at once; the backward pass computes them again.
struct TokenLogProbabilities : torch::autograd::Function<TokenLogProbabilities> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &hidden, const at::Tensor &head,
                              const at::Tensor &targets, int64_t chunk) {
        int64_t tokens = hidden.size(0);
        auto options = hidden.options().dtype(at::kFloat);
        auto out = at::empty({tokens}, options), normaliser = at::empty({tokens}, options);
        bool ours = fast(hidden) && fast(head);
        auto panels = ours ? Panels(head, bf16_products) : Panels();
        for (int64_t start = 0; start < tokens; start += chunk) {
            int64_t count = std::min(chunk, tokens - start);
            auto h = hidden.narrow(0, start, count);
            auto logits = ours ? product(panels, h.contiguous(), nullptr) : at::linear(h, head).to(at::kFloat);
            auto z = normaliser.narrow(0, start, count);
            if (fast(logits)) {
                int64_t n = logits.size(1);
                at::parallel_for(0, count, 8, [&](int64_t a, int64_t b) {
                    log_sums(logits.const_data_ptr<float>() + a * n, b - a, n, z.data_ptr<float>() + a);
                });
            } else {
                z.copy_(logits.logsumexp(-1));
            }
            out.narrow(0, start, count).copy_(logits.gather(1, targets.narrow(0, start, count).unsqueeze(1)).squeeze(1) - z);
        }
        context->save_for_backward({hidden, head, targets, normaliser});
        context->saved_data["chunk"] = chunk;
        context->saved_data["bf16"] = bf16_products;
        return out;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        auto &hidden = saved[0], &head = saved[1], &targets = saved[2], &normaliser = saved[3];
        int64_t tokens = hidden.size(0), chunk = context->saved_data["chunk"].toInt();
        auto dhidden = at::empty(hidden.sizes(), hidden.options()), dhead = at::zeros_like(head, head.options().dtype(at::kFloat));
        bool ours = fast(hidden) && fast(head);
        // The backward product sums over the vocabulary. A panel of a large vocabulary does not fit a core's cache; libtorch splits
        // that product better.
        bool fits = ours && head.size(0) <= 2048;
        bool bf16 = context->saved_data["bf16"].toBool();
        auto w = head.contiguous();
        auto panels = ours ? Panels(w, bf16) : Panels(), back = fits ? backwards(w, bf16) : Panels();
        auto rounded = ours && bf16 && !fits ? w.to(at::kBFloat16) : at::Tensor();
        for (int64_t start = 0; start < tokens; start += chunk) {
            int64_t count = std::min(chunk, tokens - start);
            auto h = hidden.narrow(0, start, count);
            auto g = gradients[0].narrow(0, start, count).contiguous().unsqueeze(1), z = normaliser.narrow(0, start, count);
            auto d = ours ? product(panels, h.contiguous(), nullptr) : at::linear(h, head).to(at::kFloat);
            if (fast(d)) {
                int64_t n = d.size(1);
                at::parallel_for(0, count, 8, [&](int64_t a, int64_t b) {
                    softmax_gradients(d.data_ptr<float>() + a * n, b - a, n, z.const_data_ptr<float>() + a,
                                      g.const_data_ptr<float>() + a);
                });
            } else {
                d.sub_(z.unsqueeze(1)).exp_().mul_(-g);
            }
            d.scatter_add_(1, targets.narrow(0, start, count).unsqueeze(1), g);
            if (ours) {
                auto rows = h.contiguous();
                if (fits) product(back, d, nullptr, dhidden.data_ptr<float>() + start * head.size(1));
                else dhidden.narrow(0, start, count).copy_(bf16 ? at::mm(d.to(at::kBFloat16), rounded) : at::mm(d, w));
                transposed_product(d.const_data_ptr<float>(), head.size(0), rows.const_data_ptr<float>(), head.size(1), count,
                                   dhead.data_ptr<float>(), true, bf16);
                continue;
            }
            auto dl = d.to(head.scalar_type());
            dhidden.narrow(0, start, count).copy_(at::mm(dl, head));
            dhead.add_(at::mm(dl.t(), h).to(at::kFloat));
        }
        return {dhidden, dhead.to(head.scalar_type()), at::Tensor(), at::Tensor()};
    }
};

}  // namespace

thread_local bool bf16_products = false;

at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon) {
    TORCH_CHECK(x.dim() == 2 && weight.dim() == 1 && x.size(1) == weight.size(0), "x ", x.sizes(), " and weight ", weight.sizes());
    if (fast(x) && x.size(1) % 16 == 0) return Norm::apply(x, weight, epsilon);
    auto wide = x.to(x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    return (wide * (wide.pow(2).mean(-1, true) + epsilon).rsqrt()).to(x.scalar_type()) * weight;
}

at::Tensor head_norm(const at::Tensor &qkv, const at::Tensor &query_norm, const at::Tensor &key_norm, int64_t heads,
                     int64_t kv_heads, double epsilon) {
    int64_t width = query_norm.numel(), queries = heads * width, keys = kv_heads * width;
    TORCH_CHECK(qkv.dim() == 2 && qkv.size(1) == queries + 2 * keys && key_norm.numel() == width, "qkv ", qkv.sizes(), " for ", heads,
                "+2*", kv_heads, " heads, norms of ", query_norm.sizes(), " and ", key_norm.sizes());
    auto normed = [&](int64_t start, int64_t columns, const at::Tensor &weight) {
        return rms_norm(qkv.narrow(1, start, columns).reshape({-1, width}), weight, epsilon).reshape({-1, columns});
    };
    return at::cat({normed(0, queries, query_norm), normed(queries, keys, key_norm), qkv.narrow(1, queries + keys, keys)}, 1);
}

at::Tensor linear(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias) {
    bool ours = fast(x) && fast(weight) && x.dim() == 2 && weight.dim() == 2 && x.size(1) == weight.size(1) &&
                (x.size(0) >= 64 || bf16_products) &&
                (!bias.defined() || (fast(bias) && bias.dim() == 1 && bias.size(0) == weight.size(0)));
    if (!ours) return at::linear(x, weight, bias);
    return Linear::apply(x, weight, bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt);
}

at::Tensor swiglu(const at::Tensor &gate_up) {
    TORCH_CHECK(gate_up.dim() == 2 && gate_up.size(1) % 2 == 0, "gate_up ", gate_up.sizes());
    int64_t n = gate_up.size(1) / 2;
    if (fast(gate_up) && n % 16 == 0) return SwiGLU::apply(gate_up);
    return at::silu(gate_up.narrow(1, 0, n)) * gate_up.narrow(1, n, n);
}

at::Tensor token_log_probabilities(const at::Tensor &hidden, const at::Tensor &head, const at::Tensor &targets, int64_t chunk) {
    TORCH_CHECK(hidden.dim() == 2 && head.dim() == 2 && targets.dim() == 1, "hidden ", hidden.sizes(), ", head ", head.sizes(),
                ", targets ", targets.sizes());
    TORCH_CHECK(hidden.size(0) == targets.size(0) && hidden.size(1) == head.size(1) && chunk > 0, "hidden ", hidden.sizes(),
                ", head ", head.sizes(), ", targets ", targets.sizes(), ", chunk ", chunk);
    TORCH_CHECK(targets.scalar_type() == at::kLong, "targets are not int64");
    if (targets.numel() > 0)
        TORCH_CHECK(targets.min().item<int64_t>() >= 0 && targets.max().item<int64_t>() < head.size(0),
                    "a target lies outside the vocabulary of ", head.size(0));
    return TokenLogProbabilities::apply(hidden, head, targets, chunk);
}

}  // namespace ponder
