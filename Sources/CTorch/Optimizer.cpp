// The optimizer's passes over all parameters. Memory bandwidth limits them, so each reads and writes every number once.
#include <ATen/Parallel.h>

#include "Guard.h"
#include "Kernels.h"

namespace ponder {
namespace {

constexpr int64_t PIECE = 1 << 15;  // numbers in one partial sum; it does not depend on the number of threads, so neither do the bits

// Σ gᵢ² of `count` numbers; `count` need not be a multiple of the vector width.
PONDER_CLONES double piece_sum(const float *g, int64_t count) {
    double total = 0;
    for (int64_t start = 0; start < count; start += 4096) {
        int64_t end = std::min(count, start + 4096), i = start;
        lanes sum{};
        for (; i + 16 <= end; i += 16) sum += load(g + i) * load(g + i);
        double rest = horizontal_sum(sum);
        for (; i < end; i++) rest += (double)g[i] * g[i];
        total += rest;
    }
    return total;
}

// One AdamW update of `count` parameters p with gradient g and moments m and v. keep = 1 - rate · decay, rate = rate / correction1,
// root_correction = √correction2.
PONDER_CLONES void piece_step(float *p, const float *g, float *m, float *v, int64_t count, float keep, float one_minus_beta1,
                              float beta2, float one_minus_beta2, float root_correction, float epsilon, float rate) {
    for (int64_t i = 0; i < count; i++) {
        float first = m[i] + one_minus_beta1 * (g[i] - m[i]);
        float second = v[i] * beta2 + one_minus_beta2 * g[i] * g[i];
        m[i] = first;
        v[i] = second;
        p[i] = p[i] * keep - rate * first / (std::sqrt(second) / root_correction + epsilon);
    }
}

}  // namespace

double square_sum(const at::Tensor &g) {
    auto flat = g.contiguous();
    int64_t count = flat.numel(), pieces = (count + PIECE - 1) / PIECE;
    std::vector<double> sums(pieces);
    const float *values = flat.const_data_ptr<float>();
    at::parallel_for(0, pieces, 1, [&](int64_t a, int64_t b) {
        for (int64_t i = a; i < b; i++) sums[i] = piece_sum(values + i * PIECE, std::min(PIECE, count - i * PIECE));
    });
    double total = 0;
    for (double sum : sums) total += sum;
    return total;
}

void adamw_update(at::Tensor &parameter, const at::Tensor &gradient, at::Tensor &first, at::Tensor &second, const AdamWStep &s) {
    auto g = gradient.contiguous();
    int64_t count = parameter.numel();
    float *p = parameter.data_ptr<float>(), *m = first.data_ptr<float>(), *v = second.data_ptr<float>();
    const float *values = g.const_data_ptr<float>();
    at::parallel_for(0, count, PIECE, [&](int64_t a, int64_t b) {
        piece_step(p + a, values + a, m + a, v + a, b - a, (float)(1 - s.rate * s.decay), (float)(1 - s.beta1), (float)s.beta2,
                   (float)(1 - s.beta2), (float)std::sqrt(s.correction2), (float)s.epsilon, (float)(s.rate / s.correction1));
    });
}

}  // namespace ponder
