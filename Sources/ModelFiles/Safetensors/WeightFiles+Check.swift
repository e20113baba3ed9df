import Torch
package import Transformers

extension WeightFiles {
    /// Checks, from the headers, that the files hold exactly the configuration's tensors.
    ///
    /// - Throws: `ModelError` naming the tensors that are missing, unexpected, or of another shape or type.
    package func check(against configuration: PolicyConfiguration) throws {
        let wanted = try configuration.tensorShapes { entry($0) != nil }
        var missing: [String] = []
        for (name, shape) in wanted {
            guard let (path, entry) = entry(name) else {
                missing.append(name)
                continue
            }
            guard entry.shape == shape else {
                throw ModelError(
                    path: path,
                    "tensor \(name) is \(entry.shape), config.json says \(shape); take both files from the same model"
                )
            }
            guard entry.dtype != .int64 else {
                throw ModelError(
                    path: path,
                    "tensor \(name) is \(entry.dtype.safetensorsName); weights are F32, BF16 or F16")
            }
        }
        guard missing.isEmpty else {
            throw ModelError(
                path: path,
                "has no tensor \(Self.list(missing)), which config.json asks for; is it another model's?")
        }
        try checkRest(Set(names).subtracting(wanted.map(\.name)), configuration)
    }

    private func checkRest(_ rest: Set<String>, _ configuration: PolicyConfiguration) throws {
        var rest = rest
        // Old files contain these tensors, which follow from the configuration.
        rest = rest.filter { !$0.hasSuffix("rotary_emb.inv_freq") }
        let (head, embedding) = ("lm_head.weight", "model.embed_tokens.weight")
        if configuration.tiedEmbeddings, rest.remove(head) != nil {
            // Some writers store a tied head twice. A head that differs is a separate one.
            guard entry(head)?.entry.shape == entry(embedding)?.entry.shape,
                try areEqual(head, embedding)
            else {
                throw ModelError(
                    path: entry(head)?.path ?? path,
                    "\(head) differs from \(embedding), but config.json says tie_word_embeddings; set it to false to use both"
                )
            }
        }
        guard rest.isEmpty else {
            throw ModelError(
                path: rest.min().flatMap { entry($0)?.path } ?? path,
                "has the tensor \(Self.list(rest.sorted())), which \(configuration.family.architecture) with this "
                    + "config.json does not have; is it another model's?")
        }
    }

    private func areEqual(_ a: String, _ b: String) throws -> Bool {
        let (a, b) = (try tensor(a), try tensor(b))
        return try a.dtype == b.dtype ? a.bytes() == b.bytes() : a.floats() == b.floats()
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(2).joined(separator: ", ") + (names.count > 2 ? " and \(names.count - 2) more" : "")
    }
}

extension PolicyConfiguration {
    /// Every tensor of a model folder with its shape, in the order in which the model is built; allocates no
    /// tensor.
    ///
    /// Stops at the first layer without any tensor, so that an absurd number of layers costs nothing.
    fileprivate func tensorShapes(isThere: (String) -> Bool) throws -> [(name: String, shape: [Int])] {
        var shapes: [(name: String, shape: [Int])] = []
        var few = self
        few.layers = min(
            layers,
            (0..<layers).first { !isThere("model.layers.\($0).input_layernorm.weight") }.map { $0 + 1 }
                ?? layers)
        _ = try Policy(
            few,
            ParameterSource { name, shape in
                shapes.append((name, shape))
                return try Tensor.zeros([0])
            })
        return shapes
    }
}
