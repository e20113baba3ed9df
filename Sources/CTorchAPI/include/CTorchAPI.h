// The whole surface between Swift and libtorch: one table of C functions.
//
// `libPonderTorch.so` exports `ponder_torch_api_entry()`. Swift opens it with dlopen, so a binary starts without libtorch, and a
// node can build the shim against the libtorch that it has. Every function is noexcept, catches every exception and reports it
// through the caller's `pt_error`. Status 0 is success.
//
// Opening the library and the first call of `ponder_torch_api_entry()` change three things for the whole process:
// - libtorch's deterministic algorithms are on. Without them, kernels whose threads add in any order (the backward of index_put is
//   one) give other bits from run to run. Filling fresh memory, which deterministic mode also does, is off.
// - glibc's malloc keeps up to 1 GiB of freed memory, takes memory from the system 64 MiB at a time, and uses mmap only for blocks of
//   32 MiB and more (M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD). A forward pass frees what the next one needs again; returning
//   that memory to the system costs a page fault for every 4 KiB. Each arena keeps its freed memory, so there are at most four of them
//   (M_ARENA_MAX): otherwise a process grows by tens of MiB with each thread that allocates while the others do.
// - libtorch and OpenMP are loaded. OpenMP reads its environment at that moment: GOMP_SPINCOUNT, which
//   `TorchLibrary.prepareEnvironment()` sets in Swift before the process has a second thread, and OMP_NUM_THREADS.
//
// The shim itself reads one variable, PONDER_PRODUCTS (see Panels.h), and sets none.
#ifndef PONDER_CTORCHAPI_H
#define PONDER_CTORCHAPI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PT_API_VERSION 5
#define PT_MAX_RANK 8

typedef struct pt_tensor pt_tensor;
typedef struct pt_decoder pt_decoder;

typedef struct pt_error {
    char message[1024];
} pt_error;

typedef enum pt_dtype { PT_FLOAT32 = 0, PT_BFLOAT16 = 1, PT_INT64 = 2, PT_FLOAT64 = 3, PT_FLOAT16 = 4 } pt_dtype;
typedef enum pt_device { PT_CPU = 0, PT_CUDA = 1 } pt_device;

typedef enum pt_unary { PT_EXP, PT_DETACH, PT_SUM } pt_unary;
typedef enum pt_binary { PT_ADD, PT_SUBTRACT, PT_MULTIPLY, PT_MATMUL, PT_MINIMUM } pt_binary;

typedef struct pt_description {
    int32_t rank;
    int64_t shape[PT_MAX_RANK];
    int32_t dtype;
    int32_t device;
    int32_t requires_gradient;
} pt_description;

// Rows of different lengths lie end to end. Segment s holds tokens [start, start + length). Its tokens attend to each other causally
// and to all tokens of segment `prefix`, an earlier segment that has no prefix of its own (-1: no prefix).
typedef struct pt_segment {
    int64_t start;
    int64_t length;
    int64_t prefix;
} pt_segment;

// Rotary positions: pair i of a head is rotated by the angle position * inverse_frequencies[i]; cosines and sines are multiplied by
// `scale`. `count` is half a head's width.
typedef struct pt_rope {
    const float *inverse_frequencies;
    int64_t count;
    double scale;
} pt_rope;

// The shape of a decoder; all sizes in elements.
typedef struct pt_decoder_shape {
    int64_t layers, hidden, heads, kv_heads, head_width, ffn, vocabulary;
    double rms_epsilon;
    pt_rope rope;
} pt_decoder_shape;

// One layer's weights, fused as the learner keeps them: qkv [(heads + 2 kv_heads) * head_width, hidden] and its bias
// (or null), the norms of each query and key head, [head_width] (or both null), output [hidden, heads * head_width],
// gate_up [2 ffn, hidden], down [hidden, ffn].
typedef struct pt_decoder_layer {
    const pt_tensor *attention_norm, *qkv, *qkv_bias, *query_norm, *key_norm, *output, *mlp_norm, *gate_up, *down;
} pt_decoder_layer;

// The distribution that a token is drawn from. Logits are divided by `temperature` (0: take the likeliest token). `allowed` restricts
// the tokens (ascending ids; allowed_count 0: all), `top_k` keeps the likeliest of them (0: all), and `top_p` then keeps the fewest
// that together have this probability (1: all).
typedef struct pt_sampling {
    double temperature, top_p;
    int64_t top_k;
    const int32_t *allowed;
    int64_t allowed_count;
} pt_sampling;

typedef struct ponder_torch_api {
    uint32_t version;
    const char *libtorch_version;

    // Process
    int (*cuda_available)(void);
    int (*set_threads)(int32_t threads, pt_error *);
    int32_t (*threads)(void);
    int64_t (*live_tensors)(void);
    int (*set_gradient_enabled)(int32_t enabled, int32_t *previous, pt_error *);
    // Whether `linear` and `token_log_probabilities` of the calling thread round the factors of float32 products to bfloat16.
    int (*set_bf16_products)(int32_t enabled, int32_t *previous, pt_error *);

    // Making and reading tensors
    int (*from_bytes)(const void *bytes, size_t count, int32_t dtype, const int64_t *shape, int32_t rank, int32_t device,
                      pt_tensor **out, pt_error *);
    int (*zeros)(int32_t dtype, const int64_t *shape, int32_t rank, int32_t device, pt_tensor **out, pt_error *);
    void (*release)(pt_tensor *);
    int (*describe)(const pt_tensor *, pt_description *out, pt_error *);
    int (*to_bytes)(const pt_tensor *, void *out, size_t count, pt_error *);
    int (*copy_into)(pt_tensor *destination, const pt_tensor *source, pt_error *);
    int (*convert)(const pt_tensor *, int32_t dtype, int32_t device, pt_tensor **out, pt_error *);

    // Arithmetic
    int (*unary)(int32_t operation, const pt_tensor *, pt_tensor **out, pt_error *);
    int (*binary)(int32_t operation, const pt_tensor *, const pt_tensor *, pt_tensor **out, pt_error *);
    int (*multiply_scalar)(const pt_tensor *, double, pt_tensor **out, pt_error *);
    int (*clamp)(const pt_tensor *, double low, double high, pt_tensor **out, pt_error *);
    int (*narrow)(const pt_tensor *, int32_t dimension, int64_t start, int64_t length, pt_tensor **out, pt_error *);
    int (*concatenate)(const pt_tensor *const *, int32_t count, int32_t dimension, pt_tensor **out, pt_error *);
    int (*select_rows)(const pt_tensor *table, const pt_tensor *indices, pt_tensor **out, pt_error *);

    // The decoder's own operations, with gradients
    int (*linear)(const pt_tensor *x, const pt_tensor *weight, const pt_tensor *bias, pt_tensor **out, pt_error *);
    int (*rms_norm)(const pt_tensor *x, const pt_tensor *weight, double epsilon, pt_tensor **out, pt_error *);
    int (*swiglu)(const pt_tensor *gate_up, pt_tensor **out, pt_error *);
    int (*head_norm)(const pt_tensor *qkv, const pt_tensor *query_norm, const pt_tensor *key_norm, int64_t heads,
                     int64_t kv_heads, double epsilon, pt_tensor **out, pt_error *);
    int (*packed_attention)(const pt_tensor *qkv, const pt_segment *segments, int64_t count, int64_t heads, int64_t kv_heads,
                            const pt_rope *rope, pt_tensor **out, pt_error *);
    int (*token_log_probabilities)(const pt_tensor *hidden, const pt_tensor *head, const pt_tensor *targets, int64_t chunk,
                                   pt_tensor **out, pt_error *);

    // Gradients and the optimizer
    int (*require_gradient)(pt_tensor *, pt_error *);
    int (*gradient)(const pt_tensor *, pt_tensor **out_or_null, pt_error *);
    int (*clear_gradient)(pt_tensor *, pt_error *);
    int (*backward)(const pt_tensor *, pt_error *);
    // Starts at a tensor whose own gradient is known.
    int (*backward_from)(const pt_tensor *, const pt_tensor *gradient, pt_error *);
    int (*clip_gradients)(pt_tensor *const *, int32_t count, double maximum, double *norm, pt_error *);
    int (*adamw)(pt_tensor *const *parameters, pt_tensor *const *first, pt_tensor *const *second, int32_t count,
                 int64_t step, double rate, double beta1, double beta2, double epsilon, double decay, pt_error *);

    // Batched decoding on the CPU: prompts are read once, then each slot takes one token a step. Weights are copied into the layout
    // and precision of the products (`dtype`: float32 or bfloat16).
    int (*decoder_create)(const pt_decoder_shape *, const pt_tensor *embedding, const pt_tensor *head,
                          const pt_tensor *final_norm, const pt_decoder_layer *layers, int32_t dtype, pt_decoder **out,
                          pt_error *);
    void (*decoder_release)(pt_decoder *);
    // Reads `count` prompts that lie end to end in `tokens`; prompt p starts at offsets[p] and ends at offsets[p + 1]. Makes `slots`
    // slots with room for `capacity` new tokens each. Writes each prompt's next-token logits, [count, vocabulary].
    int (*decoder_begin)(pt_decoder *, const int32_t *tokens, const int64_t *offsets, int64_t count, int64_t slots,
                         int64_t capacity, float *logits, pt_error *);
    // Empties a slot; it then continues `prompt`.
    int (*decoder_place)(pt_decoder *, int64_t slot, int64_t prompt, pt_error *);
    // Appends tokens[i] to slot slots[i] and writes its next-token logits, [count, vocabulary].
    int (*decoder_step)(pt_decoder *, const int32_t *tokens, const int64_t *slots, int64_t count, float *logits, pt_error *);
    // Draws one token from row places[i] of logits [rows, vocabulary] for each i: the token at which the cumulative probability
    // exceeds uniforms[i]. Writes its log-probability under the distribution that it was drawn from.
    int (*draw_tokens)(const float *logits, int64_t vocabulary, const pt_sampling *, const int64_t *places,
                       const double *uniforms, int64_t count, int32_t *tokens, float *log_probabilities, pt_error *);
    // The log-probability of tokens[i] under the distribution of row i; minus infinity for a token that cannot be drawn.
    int (*score_tokens)(const float *logits, int64_t vocabulary, const pt_sampling *, const int32_t *tokens, int64_t count,
                        float *log_probabilities, pt_error *);
} ponder_torch_api;

// The one symbol that libPonderTorch.so exports: `const ponder_torch_api *ponder_torch_api_entry(void)`.
typedef const ponder_torch_api *(*ponder_torch_api_function)(void);

#ifdef __cplusplus
}
#endif
#endif
