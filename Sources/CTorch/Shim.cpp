// The table of functions that Swift calls. Most entries are a line or two of libtorch inside `guarded`.
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "Decoder.h"
#include "Guard.h"
#include "Panels.h"

namespace ponder {

static std::atomic<int64_t> live{0};

pt_tensor *make(at::Tensor value) {
    auto *t = new pt_tensor{std::move(value)};
    live.fetch_add(1, std::memory_order_relaxed);
    return t;
}

namespace {

at::ScalarType scalar_type(int32_t dtype) {
    switch (dtype) {
        case PT_FLOAT32: return at::kFloat;
        case PT_BFLOAT16: return at::kBFloat16;
        case PT_INT64: return at::kLong;
        case PT_FLOAT64: return at::kDouble;
        case PT_FLOAT16: return at::kHalf;
        default: TORCH_CHECK(false, "unknown dtype ", dtype);
    }
}

int32_t dtype_of(const at::Tensor &t) {
    switch (t.scalar_type()) {
        case at::kFloat: return PT_FLOAT32;
        case at::kBFloat16: return PT_BFLOAT16;
        case at::kLong: return PT_INT64;
        case at::kDouble: return PT_FLOAT64;
        case at::kHalf: return PT_FLOAT16;
        default: return -1;
    }
}

at::Device device_of(int32_t device) {
    if (device == PT_CPU) return at::kCPU;
    TORCH_CHECK(device == PT_CUDA, "unknown device ", device);
    TORCH_CHECK(at::hasCUDA(), "this libtorch sees no CUDA device");
    return at::kCUDA;
}

void release(pt_tensor *t) noexcept {
    if (t != nullptr) live.fetch_sub(1, std::memory_order_relaxed);
    delete t;
}

int set_threads(int32_t threads, pt_error *error) noexcept {
    return guarded(error, [&] {
        TORCH_CHECK(threads > 0, threads, " threads");
        at::set_num_threads(threads);
    });
}

int set_gradient_enabled(int32_t enabled, int32_t *previous, pt_error *error) noexcept {
    return guarded(error, [&] {
        *previous = c10::GradMode::is_enabled();
        c10::GradMode::set_enabled(enabled != 0);
    });
}

int set_bf16_products(int32_t enabled, int32_t *previous, pt_error *error) noexcept {
    return guarded(error, [&] {
        *previous = ponder::bf16_products;
        ponder::bf16_products = enabled != 0;
    });
}

int from_bytes(const void *bytes, size_t count, int32_t dtype, const int64_t *shape, int32_t rank, int32_t device, pt_tensor **out,
               pt_error *error) noexcept {
    return guarded(error, [&] {
        auto t = at::empty(at::IntArrayRef(shape, rank), scalar_type(dtype));
        TORCH_CHECK(t.nbytes() == count, "shape ", t.sizes(), " takes ", t.nbytes(), " bytes, given ", count);
        if (count > 0) std::memcpy(t.mutable_data_ptr(), bytes, count);
        *out = make(t.to(device_of(device)));
    });
}

int zeros(int32_t dtype, const int64_t *shape, int32_t rank, int32_t device, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        *out = make(at::zeros(at::IntArrayRef(shape, rank), at::TensorOptions(scalar_type(dtype)).device(device_of(device))));
    });
}

int describe(const pt_tensor *t, pt_description *out, pt_error *error) noexcept {
    return guarded(error, [&] {
        TORCH_CHECK(t->value.dim() <= PT_MAX_RANK, t->value.dim(), " dimensions");
        out->rank = (int32_t)t->value.dim();
        for (int32_t i = 0; i < out->rank; i++) out->shape[i] = t->value.size(i);
        out->dtype = dtype_of(t->value);
        out->device = t->value.is_cuda() ? PT_CUDA : PT_CPU;
        out->requires_gradient = t->value.requires_grad();
    });
}

int to_bytes(const pt_tensor *t, void *out, size_t count, pt_error *error) noexcept {
    return guarded(error, [&] {
        auto host = t->value.detach().to(at::kCPU).contiguous();
        TORCH_CHECK(host.nbytes() == count, "tensor ", host.sizes(), " has ", host.nbytes(), " bytes, room for ", count);
        if (count > 0) std::memcpy(out, host.const_data_ptr(), count);
    });
}

int copy_into(pt_tensor *destination, const pt_tensor *source, pt_error *error) noexcept {
    return guarded(error, [&] {
        TORCH_CHECK(destination->value.sizes() == source->value.sizes(), "cannot copy ", source->value.sizes(), " into ",
                    destination->value.sizes());
        at::NoGradGuard no_gradient;
        destination->value.copy_(source->value);
    });
}

int convert(const pt_tensor *t, int32_t dtype, int32_t device, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(t->value.to(device_of(device), scalar_type(dtype))); });
}

int unary(int32_t operation, const pt_tensor *t, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        const auto &x = t->value;
        switch (operation) {
            case PT_EXP: *out = make(x.exp()); return;
            case PT_DETACH: *out = make(x.detach()); return;
            case PT_SUM: *out = make(x.sum()); return;
            default: TORCH_CHECK(false, "unknown unary operation ", operation);
        }
    });
}

int binary(int32_t operation, const pt_tensor *left, const pt_tensor *right, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        const auto &a = left->value, &b = right->value;
        switch (operation) {
            case PT_ADD: *out = make(a + b); return;
            case PT_SUBTRACT: *out = make(a - b); return;
            case PT_MULTIPLY: *out = make(a * b); return;
            case PT_MATMUL: *out = make(at::matmul(a, b)); return;
            case PT_MINIMUM: *out = make(at::minimum(a, b)); return;
            default: TORCH_CHECK(false, "unknown binary operation ", operation);
        }
    });
}

int multiply_scalar(const pt_tensor *t, double x, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(t->value * x); });
}

int clamp(const pt_tensor *t, double low, double high, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(t->value.clamp(low, high)); });
}

int narrow(const pt_tensor *t, int32_t dimension, int64_t start, int64_t length, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(t->value.narrow(dimension, start, length)); });
}

int concatenate(const pt_tensor *const *parts, int32_t count, int32_t dimension, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        std::vector<at::Tensor> list;
        for (int32_t i = 0; i < count; i++) list.push_back(parts[i]->value);
        *out = make(at::cat(list, dimension));
    });
}

int select_rows(const pt_tensor *table, const pt_tensor *indices, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        const auto &i = indices->value;
        TORCH_CHECK(i.scalar_type() == at::kLong && i.dim() == 1, "indices are ", i.sizes(), " of ", i.scalar_type());
        if (i.numel() > 0)
            TORCH_CHECK(i.min().item<int64_t>() >= 0 && i.max().item<int64_t>() < table->value.size(0),
                        "an index lies outside of the ", table->value.size(0), " rows");
        *out = make(at::embedding(table->value, i));
    });
}

int linear(const pt_tensor *x, const pt_tensor *weight, const pt_tensor *bias, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        *out = make(ponder::linear(x->value, weight->value, bias == nullptr ? at::Tensor() : bias->value));
    });
}

int rms_norm_entry(const pt_tensor *x, const pt_tensor *weight, double epsilon, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(rms_norm(x->value, weight->value, epsilon)); });
}

int swiglu_entry(const pt_tensor *gate_up, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(swiglu(gate_up->value)); });
}

int head_norm_entry(const pt_tensor *qkv, const pt_tensor *query_norm, const pt_tensor *key_norm, int64_t heads, int64_t kv_heads,
                    double epsilon, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        *out = make(head_norm(qkv->value, query_norm->value, key_norm->value, heads, kv_heads, epsilon));
    });
}

int packed_attention_entry(const pt_tensor *qkv, const pt_segment *segments, int64_t count, int64_t heads, int64_t kv_heads,
                           const pt_rope *rope, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(packed_attention(qkv->value, segments, count, heads, kv_heads, *rope)); });
}

int token_log_probabilities_entry(const pt_tensor *hidden, const pt_tensor *head, const pt_tensor *targets, int64_t chunk,
                                  pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] { *out = make(token_log_probabilities(hidden->value, head->value, targets->value, chunk)); });
}

int require_gradient(pt_tensor *t, pt_error *error) noexcept {
    return guarded(error, [&] { t->value.requires_grad_(true); });
}

int gradient(const pt_tensor *t, pt_tensor **out, pt_error *error) noexcept {
    return guarded(error, [&] {
        const auto &g = t->value.grad();
        *out = g.defined() ? make(g) : nullptr;
    });
}

int clear_gradient(pt_tensor *t, pt_error *error) noexcept {
    return guarded(error, [&] { t->value.mutable_grad().reset(); });
}

int backward(const pt_tensor *t, pt_error *error) noexcept {
    return guarded(error, [&] { t->value.backward(); });
}

int backward_from(const pt_tensor *t, const pt_tensor *gradient, pt_error *error) noexcept {
    return guarded(error, [&] { t->value.backward(gradient->value); });
}

int clip_gradients(pt_tensor *const *parameters, int32_t count, double maximum, double *norm, pt_error *error) noexcept {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        double sum = 0;
        for (int32_t i = 0; i < count; i++) {
            const auto &g = parameters[i]->value.grad();
            if (!g.defined()) continue;
            sum += g.is_cpu() && g.scalar_type() == at::kFloat ? square_sum(g) : g.to(at::kDouble).pow(2).sum().item<double>();
        }
        *norm = std::sqrt(sum);
        if (!(*norm > maximum)) return;
        for (int32_t i = 0; i < count; i++) {
            auto &g = parameters[i]->value.mutable_grad();
            if (g.defined()) g.mul_(maximum / (*norm + 1e-6));
        }
    });
}

int adamw(pt_tensor *const *parameters, pt_tensor *const *first, pt_tensor *const *second, int32_t count, int64_t step, double rate,
          double beta1, double beta2, double epsilon, double decay, pt_error *error) noexcept {
    return guarded(error, [&] {
        at::NoGradGuard no_gradient;
        TORCH_CHECK(step > 0, "AdamW counts steps from 1, not ", step);
        double correction1 = 1 - std::pow(beta1, (double)step), correction2 = 1 - std::pow(beta2, (double)step);
        for (int32_t i = 0; i < count; i++) {
            auto &p = parameters[i]->value;
            const auto &g = p.grad();
            if (!g.defined()) continue;
            auto plain = [](const at::Tensor &t) { return t.is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous(); };
            if (plain(p) && plain(first[i]->value) && plain(second[i]->value) && g.scalar_type() == at::kFloat) {
                adamw_update(p, g, first[i]->value, second[i]->value,
                             {rate, beta1, beta2, epsilon, decay, correction1, correction2});
                continue;
            }
            p.mul_(1 - rate * decay);
            first[i]->value.lerp_(g, 1 - beta1);
            second[i]->value.mul_(beta2).addcmul_(g, g, 1 - beta2);
            auto denominator = second[i]->value.sqrt().div_(std::sqrt(correction2)).add_(epsilon);
            p.addcdiv_(first[i]->value, denominator, -rate / correction1);
        }
    });
}

const ponder_torch_api table = {
    PT_API_VERSION, TORCH_VERSION,
    [] { return (int)at::hasCUDA(); },
    set_threads,
    [] { return (int32_t)at::get_num_threads(); },
    [] { return live.load(std::memory_order_relaxed); },
    set_gradient_enabled, set_bf16_products,
    from_bytes, zeros, release, describe, to_bytes, copy_into, convert,
    unary, binary, multiply_scalar, clamp, narrow, concatenate, select_rows,
    linear, rms_norm_entry, swiglu_entry, head_norm_entry, packed_attention_entry, token_log_probabilities_entry,
    require_gradient, gradient, clear_gradient, backward, backward_from, clip_gradients, adamw,
    decoder_create, decoder_release, decoder_begin, decoder_place, decoder_step, draw_tokens, score_tokens,
};

}  // namespace
}  // namespace ponder

extern "C" __attribute__((visibility("default"))) const ponder_torch_api *ponder_torch_api_entry() {
    // What this does to the process, and why, stands at the top of CTorchAPI.h.
    static const bool prepared = [] {
        at::globalContext().setDeterministicAlgorithms(true, false);
        at::globalContext().setDeterministicFillUninitializedMemory(false);
#ifdef __GLIBC__
        mallopt(M_MMAP_THRESHOLD, 32 << 20);
        mallopt(M_TRIM_THRESHOLD, 1 << 30);
        mallopt(M_TOP_PAD, 64 << 20);
        mallopt(M_ARENA_MAX, 4);
#endif
        return true;
    }();
    (void)prepared;
    return &ponder::table;
}
