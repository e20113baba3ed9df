// Draws tokens from logits by inverting the cumulative distribution, and computes the log-probability of a token under exactly that
// distribution. `pt_sampling` in CTorchAPI.h says which distribution it is.
#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "Guard.h"
#include "Kernels.h"

namespace ponder {
namespace {

// Writes weights[i] = e^(scale · x[i] - top) and returns their sum. It writes whole blocks of 16, padded with 0.
PONDER_CLONES double exponentials(const float *x, int64_t count, float scale, float top, float *weights) {
    double total = 0;
    for (int64_t i = 0; i < count; i += 16) {
        if (i + 16 <= count) {
            store(weights + i, exp_nonpositive(load(x + i) * scale - top));
        } else {
            float rest[16] = {};
            std::memcpy(rest, x + i, (count - i) * sizeof(float));
            store(weights + i, exp_nonpositive(load(rest) * scale - top));
            for (int64_t j = count; j < i + 16; j++) weights[j] = 0;
        }
        total += horizontal_sum(load(weights + i));
    }
    return total;
}

// The first place of the largest logit.
PONDER_CLONES int64_t likeliest(const float *x, int64_t count) {
    if (count < 16) return std::max_element(x, x + count) - x;
    lanes top = load(x);
    for (int64_t i = 16; i + 16 <= count; i += 16) top = load(x + i) > top ? load(x + i) : top;
    float maximum = horizontal_maximum(top);
    for (int64_t i = count & ~int64_t(15); i < count; i++) maximum = std::max(maximum, x[i]);
    // NaN is not equal to itself, so it is not found; the caller checks that the sum is finite.
    auto found = std::find(x, x + count, maximum);
    return found == x + count ? 0 : found - x;
}

// The place at which the cumulative weight exceeds `goal`.
int64_t place_of(double goal, const float *weights, int64_t count) {
    int64_t last = 0;  // the last place so far that has weight, for a goal that rounding puts beyond the end
    for (int64_t i = 0; i < count; i += 16) {
        double block = horizontal_sum(load(weights + i));
        int64_t end = std::min(count, i + 16);
        if (goal >= block && end < count) {
            goal -= block;
            if (block > 0)
                for (int64_t j = i; j < end; j++) last = weights[j] > 0 ? j : last;
            continue;
        }
        for (int64_t j = i; j < end; j++) {
            if (weights[j] > 0) last = j;
            goal -= weights[j];
            if (goal < 0) return j;
        }
        return last;
    }
    return last;
}

// Draws from or scores one row of logits x [vocabulary] at a time; keeps its scratch memory between rows.
struct Choice {
    std::vector<int32_t> ids;  // the tokens that may be drawn, ascending; empty: all
    std::vector<float> logits, weights;

    bool likelier(int32_t a, int32_t b, const float *x) const { return x[a] != x[b] ? x[a] > x[b] : a < b; }

    // Leaves the tokens that may be drawn in `ids`.
    void restrict_to(const pt_sampling &s, const float *x, int64_t vocabulary) {
        ids.clear();
        bool cut = (s.top_k > 0 && s.top_k < vocabulary) || s.top_p < 1;
        if (s.allowed_count > 0) {
            ids.assign(s.allowed, s.allowed + s.allowed_count);
        } else if (cut) {
            ids.resize(vocabulary);
            std::iota(ids.begin(), ids.end(), 0);
        }
        if (!cut) return;
        auto order = [&](int32_t a, int32_t b) { return likelier(a, b, x); };
        if (s.top_k > 0 && s.top_k < (int64_t)ids.size()) {
            std::nth_element(ids.begin(), ids.begin() + s.top_k, ids.end(), order);
            ids.resize(s.top_k);
        }
        if (s.top_p < 1) keep_mass(s, x, order);
        std::sort(ids.begin(), ids.end());
    }

    // Keeps the fewest tokens, likeliest first, whose probabilities add up to top_p. It sorts only those.
    template <typename Order>
    void keep_mass(const pt_sampling &s, const float *x, Order order) {
        float scale = s.temperature == 0 ? 1 : (float)(1 / s.temperature);
        logits.resize(ids.size());
        weights.resize(padded(ids.size()));
        for (size_t i = 0; i < ids.size(); i++) logits[i] = x[ids[i]];
        float top = *std::max_element(logits.begin(), logits.end()) * scale;
        double goal = s.top_p * exponentials(logits.data(), ids.size(), scale, top, weights.data()), sum = 0;
        size_t sorted = 0;
        for (size_t part = 64; sorted < ids.size(); part *= 8) {
            size_t end = std::min(ids.size(), sorted + part);
            std::partial_sort(ids.begin() + sorted, ids.begin() + end, ids.end(), order);
            for (; sorted < end; sorted++) {
                sum += std::exp(x[ids[sorted]] * scale - top);
                if (sum >= goal) {
                    ids.resize(sorted + 1);
                    return;
                }
            }
        }
    }

    // The distribution over the kept tokens; their unnormalised probabilities are in `weights`.
    struct Distribution {
        const float *x;
        int64_t count, best;
        float scale, top;
        double total;

        float log_probability(int64_t place) const { return x[place] * scale - top - (float)std::log(total); }
    };

    Distribution distribution(const pt_sampling &s, const float *x, int64_t vocabulary) {
        restrict_to(s, x, vocabulary);
        int64_t count = vocabulary;
        if (!ids.empty()) {
            count = (int64_t)ids.size();
            logits.resize(count);
            for (int64_t i = 0; i < count; i++) logits[i] = x[ids[i]];
            x = logits.data();
        }
        weights.resize(std::max<size_t>(weights.size(), padded(count)));
        int64_t best = likeliest(x, count);
        float scale = s.temperature == 0 ? 1 : (float)(1 / s.temperature), top = x[best] * scale;
        double total = exponentials(x, count, scale, top, weights.data());
        TORCH_CHECK(std::isfinite(top) && std::isfinite(total), "logits are not finite: the likeliest of ", count, " tokens has ",
                    x[best]);
        return {x, count, best, scale, top, total};
    }

    void draw(const pt_sampling &s, const float *x, int64_t vocabulary, double uniform, int32_t *token, float *log_probability) {
        auto d = distribution(s, x, vocabulary);
        int64_t place = s.temperature == 0 ? d.best : place_of(uniform * d.total, weights.data(), d.count);
        *token = ids.empty() ? (int32_t)place : ids[place];
        *log_probability = d.log_probability(place);
    }

    float score(const pt_sampling &s, const float *x, int64_t vocabulary, int32_t token) {
        auto d = distribution(s, x, vocabulary);
        if (ids.empty()) return d.log_probability(token);
        auto found = std::lower_bound(ids.begin(), ids.end(), token);
        return found == ids.end() || *found != token ? -std::numeric_limits<float>::infinity()
                                                     : d.log_probability(found - ids.begin());
    }
};

void check(const pt_sampling &s, int64_t vocabulary) {
    TORCH_CHECK(s.temperature >= 0 && s.top_k >= 0 && s.top_p > 0 && s.top_p <= 1, "temperature ", s.temperature, ", top-k ", s.top_k,
                ", top-p ", s.top_p);
    for (int64_t i = 0; i < s.allowed_count; i++)
        TORCH_CHECK(s.allowed[i] >= 0 && s.allowed[i] < vocabulary && (i == 0 || s.allowed[i] > s.allowed[i - 1]), "allowed token ",
                    s.allowed[i], " at ", i, " of a vocabulary of ", vocabulary);
}

}  // namespace

int draw_tokens(const float *logits, int64_t vocabulary, const pt_sampling *sampling, const int64_t *places, const double *uniforms,
                int64_t count, int32_t *tokens, float *log_probabilities, pt_error *error) {
    return guarded(error, [&] {
        check(*sampling, vocabulary);
        Choice choice;
        for (int64_t i = 0; i < count; i++)
            choice.draw(*sampling, logits + places[i] * vocabulary, vocabulary, uniforms[i], tokens + i, log_probabilities + i);
    });
}

int score_tokens(const float *logits, int64_t vocabulary, const pt_sampling *sampling, const int32_t *tokens, int64_t count,
                 float *log_probabilities, pt_error *error) {
    return guarded(error, [&] {
        check(*sampling, vocabulary);
        Choice choice;
        for (int64_t i = 0; i < count; i++) {
            TORCH_CHECK(tokens[i] >= 0 && tokens[i] < vocabulary, "token ", tokens[i], " lies outside the vocabulary of ", vocabulary);
            log_probabilities[i] = choice.score(*sampling, logits + i * vocabulary, vocabulary, tokens[i]);
        }
    });
}

}  // namespace ponder
