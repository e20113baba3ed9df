// What the files of the shim share. No C++ exception leaves the shim: every entry runs inside `guarded`, which reports it.
#pragma once

#include <cstdio>
#include <exception>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "CTorchAPI.h"

struct pt_tensor {
    at::Tensor value;
};

namespace ponder {

pt_tensor *make(at::Tensor value);

inline const at::Tensor &value(const pt_tensor *t) { return t->value; }

inline void report(pt_error *error, const char *what) noexcept {
    if (error != nullptr) std::snprintf(error->message, sizeof error->message, "%s", what);
}

template <typename Body>
int guarded(pt_error *error, Body &&body) noexcept {
    try {
        body();
        return 0;
    } catch (const c10::Error &e) {
        report(error, e.what_without_backtrace());
    } catch (const std::exception &e) {
        report(error, e.what());
    } catch (...) {
        report(error, "an exception that is not a std::exception");
    }
    return 1;
}

at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon);
at::Tensor linear(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias);
at::Tensor swiglu(const at::Tensor &gate_up);
at::Tensor head_norm(const at::Tensor &qkv, const at::Tensor &query_norm, const at::Tensor &key_norm, int64_t heads,
                     int64_t kv_heads, double epsilon);
at::Tensor packed_attention(const at::Tensor &qkv, const pt_segment *segments, int64_t count, int64_t heads,
                            int64_t kv_heads, const pt_rope &rope);

// Σ gᵢ² in float64, and one AdamW update of one parameter. Both take float32 on the CPU and pass over memory once.
double square_sum(const at::Tensor &g);
struct AdamWStep {
    double rate, beta1, beta2, epsilon, decay, correction1, correction2;
};
void adamw_update(at::Tensor &parameter, const at::Tensor &gradient, at::Tensor &first, at::Tensor &second, const AdamWStep &step);

// Cosines and sines of the rotation angles, [positions, count] each.
struct Turns {
    std::vector<float> cosine, sine;
};
Turns turns(const pt_rope &rope, int64_t positions);

at::Tensor token_log_probabilities(const at::Tensor &hidden, const at::Tensor &head, const at::Tensor &targets,
                                   int64_t chunk);

int draw_tokens(const float *logits, int64_t vocabulary, const pt_sampling *, const int64_t *places, const double *uniforms,
                int64_t count, int32_t *tokens, float *log_probabilities, pt_error *);
int score_tokens(const float *logits, int64_t vocabulary, const pt_sampling *, const int32_t *tokens, int64_t count,
                 float *log_probabilities, pt_error *);

}  // namespace ponder
