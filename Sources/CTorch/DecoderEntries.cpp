// The entries of CTorchAPI.h that make and use a decoder: they check what Swift gives and prepare the caches.
#include "Decoder.h"
#include "Guard.h"

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
        d->bf16 = dtype == PT_BFLOAT16;
        d->inverse_frequencies.assign(shape->rope.inverse_frequencies, shape->rope.inverse_frequencies + shape->rope.count);
        d->shape.rope.inverse_frequencies = d->inverse_frequencies.data();
        d->block = {shape->head_width, padded(shape->head_width)};
        int64_t h = shape->hidden, q = shape->heads * shape->head_width, all = q + 2 * shape->kv_heads * shape->head_width;
        auto optional = [&](const pt_tensor *t, int64_t size, const char *name) {
            return t == nullptr ? at::Tensor() : check(t, {size}, name);
        };
        auto panels = [&](const pt_tensor *t, at::IntArrayRef sizes, const char *name, bool gated = false) {
            return Panels(check(t, sizes, name), d->bf16, gated);
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
        int64_t size = 0;
        d->longest_prompt = 0;
        for (int64_t p = 0; p < count; p++) {
            int64_t length = offsets[p + 1] - offsets[p];
            TORCH_CHECK(length > 0, "prompt ", p, " is empty");
            d->prompts.push_back({length, size});
            size += s.kv_heads * d->run_size(length);
            d->longest_prompt = std::max(d->longest_prompt, length);
        }
        d->check_tokens(tokens, offsets[count]);
        d->slots.assign(slots, Slot());
        d->capacity = capacity;
        d->slot_size = d->run_size(capacity);
        auto room = [&](at::Tensor &t, int64_t elements) {
            if (!t.defined() || t.numel() < elements) t = at::empty({elements}, d->bf16 ? at::kShort : at::kFloat);
        };
        for (auto &l : d->layers) {
            room(l.prompt_cache, size);
            room(l.slot_cache, slots * s.kv_heads * d->slot_size);
        }
        if (int64_t needed = d->longest_prompt + capacity; d->positions < needed) {
            auto table = turns(s.rope, needed);
            d->cosine = std::move(table.cosine);
            d->sine = std::move(table.sine);
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
