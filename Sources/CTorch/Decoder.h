// Batched decoding on the CPU: prompts are read once, then each slot takes one token a step and continues one of the prompts.
//
// A slot is a row's place in the cache; when its row has ended, another row may be placed there. The keys and values of a prompt are
// kept once for all slots that continue it. A step's rows are cut into tiles, which the threads take through all layers side by side,
// with a tile's activations in a core's cache. A row's bits depend on nothing but the row: not on the rows beside it, the tile, or
// the threads. Products and cached values are float32 or bfloat16, sums are float32.
#pragma once

#include <vector>

#include <ATen/ATen.h>

#include "CTorchAPI.h"
#include "CachedAttention.h"
#include "Panels.h"

namespace ponder {

struct Prompt {
    int64_t length;
    int64_t offset;  // of its first run in each layer's prompt cache, in elements
};

// A row's prompt, and how many tokens it has after the prompt.
struct Slot {
    int64_t prompt = 0, length = 0;
};

// The activations of one tile, [rows, …] each.
struct Workspace {
    at::Tensor x, normed, qkv, attended, inner;

    void make_room(const pt_decoder_shape &s, int64_t rows);
};

}  // namespace ponder

struct pt_decoder {
    struct Layer {
        at::Tensor attention_norm, qkv_bias, query_norm, key_norm, mlp_norm;  // undefined where the layer has none
        ponder::Panels qkv, output, gate_up, down;
        // One run of blocks for each (prompt, kv head) and for each (slot, kv head).
        at::Tensor prompt_cache, slot_cache;
    };
    pt_decoder_shape shape;
    ponder::BlockShape block;
    bool bf16 = false;
    at::Tensor embedding, final_norm;
    ponder::Panels head;
    std::vector<Layer> layers;
    std::vector<ponder::Prompt> prompts;
    std::vector<ponder::Slot> slots;
    std::vector<float> inverse_frequencies;
    std::vector<float> cosine, sine;  // [positions, head_width / 2]
    int64_t capacity = 0, slot_size = 0, longest_prompt = 0, positions = 0;
    std::vector<ponder::Workspace> workspaces;

    float epsilon() const { return (float)shape.rms_epsilon; }
    // Columns of qkv, and elements of a run that holds `count` positions.
    int64_t columns() const { return (shape.heads + 2 * shape.kv_heads) * shape.head_width; }
    int64_t run_size(int64_t count) const { return block.blocks(count) * block.size(); }

    void check_tokens(const int32_t *tokens, int64_t count) const;
    // `decoder_begin` and `decoder_step` of CTorchAPI.h, once prompts, slots and caches are there.
    void read_prompts(const int32_t *tokens, const int64_t *offsets, int64_t count, float *logits);
    void step(const int32_t *tokens, const int64_t *rows, int64_t n, float *logits);

  private:
    void embed(const int32_t *tokens, int64_t count, float *x) const;
    // The parts of a layer before and after attention, and the head, for n rows.
    //   x, normed [n, hidden]   qkv [n, columns]   attended [n, heads * head_width]   inner [n, ffn]   logits [n, vocabulary]
    void project(const Layer &l, int64_t n, const float *x, float *normed, float *qkv) const;
    void finish(const Layer &l, int64_t n, const float *attended, float *x, float *normed, float *inner) const;
    void predict(int64_t n, const float *x, float *normed, float *logits) const;
    template <typename Body>
    void for_each_tile(int64_t rows, Body body);
    template <typename Value>
    void keep_prompt(Layer &l, int64_t prompt, const float *qkv);
};

namespace ponder {

int decoder_create(const pt_decoder_shape *, const pt_tensor *embedding, const pt_tensor *head, const pt_tensor *final_norm,
                   const pt_decoder_layer *, int32_t dtype, pt_decoder **out, pt_error *);
void decoder_release(pt_decoder *) noexcept;
int decoder_begin(pt_decoder *, const int32_t *tokens, const int64_t *offsets, int64_t count, int64_t slots, int64_t capacity,
                  float *logits, pt_error *);
int decoder_place(pt_decoder *, int64_t slot, int64_t prompt, pt_error *);
int decoder_step(pt_decoder *, const int32_t *tokens, const int64_t *slots, int64_t count, float *logits, pt_error *);

}  // namespace ponder
