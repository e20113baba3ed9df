package import StrictConfiguration

extension RunConfiguration {
    /// What TRL, verl, prime-rl, OpenRLHF and others call a setting, in the spelling of `FamiliarName.plain`.
    package static let familiarNames: [String: FamiliarName] = {
        var names: [String: FamiliarName] = [:]
        for (spellings, answer) in familiarAnswers {
            for name in spellings.split(separator: " ") { names[FamiliarName.plain(name)] = answer }
        }
        return names
    }()

    /// Names that are separated by spaces, and the answer to each of them.
    private static let familiarAnswers: [(names: String, answer: FamiliarName)] = [
        // Groups and batches
        (
            "num_generations group_size rollout.n n num_samples n_samples_per_prompt rollouts_per_example "
                + "num_return_sequences samples_per_prompt",
            .key("rollout.samples")
        ),
        (
            "batch_size train_batch_size rollout_batch_size per_device_train_batch_size generation_batch_size "
                + "global_batch_size num_prompts_per_step",
            .key("rollout.problems", "a step has that many problems, each with rollout.samples responses")
        ),
        (
            "micro_batch_size micro_train_batch_size ppo_micro_batch_size ppo_micro_batch_size_per_gpu "
                + "gradient_accumulation_steps ppo_max_token_len_per_gpu",
            .key(
                "learning.microBatchTokens",
                "in tokens; a step is one update over all of its responses in any case")
        ),
        (
            "mini_batch_size ppo_mini_batch_size ppo_epochs num_iterations num_ppo_epochs mu steps_per_generation",
            .none("a step's responses are used for one update")
        ),
        // Length of the run
        ("max_steps total_training_steps num_steps training_steps", .key("steps")),
        (
            "num_train_epochs epochs total_epochs num_epochs num_episodes",
            .key("steps", "a run counts steps and begins its problems again when all were asked")
        ),
        // Responses
        (
            "max_completion_length max_tokens max_response_length response_length max_gen_len generate_max_len "
                + "max_output_tokens seq_len max_model_len max_length max_seq_length max_total_tokens",
            .key("rollout.maxNewTokens", "tokens of the response, without the prompt")
        ),
        (
            "max_prompt_length prompt_max_len max_prompt_tokens",
            .none("prompts are never cut; one that is too long for the model is an error")
        ),
        (
            "top_p top_k min_p repetition_penalty",
            .none(
                "training samples from all tokens: the learner cannot know which of them a worker left out; "
                    + "ask, eval and generate have --top-p and --top-k")
        ),
        ("stop_strings stop_token stop_tokens eos_token", .key("prompt.stop")),
        (
            "mask_truncated_completions overlong_filtering overlong_buffer",
            .none("a response that is cut earns nothing and counts")
        ),
        // The objective
        (
            "beta kl_coef kl_loss_coef init_kl_coef kl_tau kl_penalty_coef use_kl_loss kl_ctrl kl_target kl "
                + "use_kl_in_reward ref_model reference_model sync_ref_model",
            .none("the loss has no KL term, and so there is no reference model")
        ),
        (
            "clip_ratio clip_range cliprange clip_eps eps_clip epsilon",
            .key(["learning.clipLow", "learning.clipHigh"])
        ),
        ("clip_ratio_low epsilon_low eps_clip_low", .key("learning.clipLow")),
        ("clip_ratio_high epsilon_high eps_clip_high", .key("learning.clipHigh")),
        ("loss_type loss_agg_mode loss_fn", .key("learning.objective")),
        (
            "scale_rewards adv_estimator advantage_estimator norm_adv_by_std_in_grpo advantage_norm",
            .key("learning.advantage")
        ),
        (
            "importance_sampling_level tis_imp_ratio_cap token_mask_high vllm_importance_sampling_cap",
            .key("learning.importanceCap")
        ),
        (
            "entropy_coeff entropy_coef entropy_loss_coef ent_coef",
            .none("the loss has no entropy term; rollout.temperature keeps responses different")
        ),
        (
            "gamma lam gae_lambda critic value_model vf_coef critic_learning_rate",
            .none("there is no critic: the advantage is the reward against those of the same group")
        ),
        // The optimizer
        ("learning_rate lr actor_learning_rate", .key("learning.rate")),
        ("warmup_steps lr_warmup_steps num_warmup_steps", .key("learning.warmup")),
        ("warmup_ratio lr_warmup_steps_ratio lr_warmup_ratio", .key("learning.warmup", "in steps")),
        (
            "lr_scheduler_type lr_scheduler scheduler warmup_style",
            .key(["learning.hold", "learning.halfLife"], note: "the rate halves again and again after hold")
        ),
        ("adam_beta1 adam_beta2 adam_betas", .key("learning.betas")),
        ("adam_epsilon adam_eps eps", .key("learning.epsilon")),
        ("wd", .key("learning.weightDecay")),
        (
            "max_grad_norm max_norm grad_clip clip_grad grad_clip_norm gradient_clipping",
            .key("learning.gradientClip")
        ),
        ("optim optimizer", .none("the optimizer is AdamW: learning.betas, epsilon, weightDecay")),
        // The model
        (
            "model_name_or_path model_name model base_model pretrain pretrained model_path model_id",
            .key("policy.model")
        ),
        (
            "lora lora_r lora_rank lora_alpha lora_dropout lora_target_modules target_modules peft use_peft "
                + "peft_config use_lora",
            .none("all weights are trained")
        ),
        ("load_in_4bit load_in_8bit quantization fp8", .none("weights are fp32 or bf16")),
        (
            "bf16 fp16 torch_dtype precision mixed_precision",
            .key(["policy.dtype", "learning.dtype"], note: "fp32 or bf16")
        ),
        (
            "gradient_checkpointing enable_gradient_checkpointing ac activation_checkpoint",
            .key("learning.activationCheckpointing")
        ),
        (
            "device n_gpus_per_node gpus num_gpus cuda tensor_parallel_size tensor_model_parallel_size tp "
                + "gpu_memory_utilization fsdp fsdp_config deepspeed nnodes",
            .none("Ponder computes on CPUs; threads.* and the number of workers say on how many")
        ),
        ("use_vllm vllm vllm_mode sglang inference", .none("workers generate with Ponder's own decoder")),
        // Problems and prompt
        (
            "dataset dataset_name dataset_path train_files train_file train_data prompt_data data_path",
            .key("problems.path", "JSON lines; and problems.source: jsonlines")
        ),
        (
            "val_files eval_dataset test_files test_file val_data eval_data validation_file",
            .key("problems.heldOutPath")
        ),
        ("val_size test_size eval_size test_split", .key("problems.heldOut")),
        ("prompt_key input_key prompt_column question_key", .key("problems.fields.question")),
        (
            "answer_key label_key answer_column reward_fn_key solution_key ground_truth_key",
            .key("problems.fields.answer")
        ),
        (
            "chat_template system_prompt apply_chat_template prompt_template input_template",
            .key("prompt.template")
        ),
        ("few_shot num_shots", .key("prompt.examples")),
        // Rewards
        (
            "reward_funcs reward_fn reward_function custom_reward_function remote_rm_url reward_manager "
                + "reward_model",
            .key(
                ["problems.verifier", "verifier.command", "rewards"],
                note: "a program judges with problems.verifier: external")
        ),
        (
            "reward_weights",
            .key("rewards", "each has its weight; reward.accuracy and reward.format weigh the first two")
        ),
        // The run
        (
            "async_level max_async_level max_off_policy_steps off_policy_steps",
            .key("staleness")
        ),
        ("eval_steps eval_interval eval_every test_freq eval_strategy", .key("evaluation.every")),
        ("num_eval_samples max_eval_samples", .key("evaluation.problems")),
        ("save_steps save_interval save_freq ckpt_interval", .key("checkpoint.every")),
        ("save_total_limit max_ckpt_to_keep max_num_ckpt keep_last", .key("checkpoint.keep")),
        (
            "output_dir default_local_dir save_path ckpt_path resume_from_checkpoint run_name",
            .none("the run's folder is a flag: --run DIR; an existing run continues")
        ),
        (
            "logging_steps report_to wandb wandb_project project_name logger use_wandb",
            .none(
                "every step is in the run's metrics.jsonl, run.sqlite and tensorboard; Scripts/forward-metrics sends it to W&B"
            )
        ),
    ]
}
