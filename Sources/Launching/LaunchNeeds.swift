/// The processors and the memory that the processes of a run ask a cluster for.
///
/// The memory is an estimate from the model's sizes; add to it with the cluster's own options when a process is killed
/// for it.
package struct LaunchNeeds: Sendable, Hashable {
    package struct Process: Sendable, Hashable, CustomStringConvertible {
        package let processors: Int
        /// Mebibytes.
        package let memory: Int

        package init(processors: Int, memory: Int) {
            self.processors = processors
            self.memory = memory
        }

        package var description: String {
            let tenths = (memory * 10 + 512) / 1024
            return "\(processors) CPU\(processors == 1 ? "" : "s"), \(tenths / 10).\(tenths % 10) GiB"
        }
    }

    package let coordinator: Process
    package let worker: Process

    package init(coordinator: Process, worker: Process) {
        self.coordinator = coordinator
        self.worker = worker
    }

    /// The sizes of a model, as elements.
    package struct Model: Sendable, Hashable {
        package let parameters: Int
        package let layers: Int
        package let hidden: Int
        package let vocabulary: Int
        /// Elements of the keys, and of the values, of one token in one layer.
        package let cacheWidth: Int

        package init(parameters: Int, layers: Int, hidden: Int, vocabulary: Int, cacheWidth: Int) {
            self.parameters = parameters
            self.layers = layers
            self.hidden = hidden
            self.vocabulary = vocabulary
            self.cacheWidth = cacheWidth
        }
    }

    /// The work of a run, as far as its memory depends on it.
    package struct Work: Sendable, Hashable {
        package let learnerThreads: Int
        package let workerThreads: Int
        /// Bytes of a weight while a worker generates.
        package let weightBytes: Int
        /// Tokens that the learner computes with at a time.
        package let learnerTokens: Int
        /// Rows that a worker decodes at a time, and tokens of the longest row.
        package let rows: Int
        package let length: Int

        package init(
            learnerThreads: Int, workerThreads: Int, weightBytes: Int, learnerTokens: Int, rows: Int,
            length: Int
        ) {
            self.learnerThreads = learnerThreads
            self.workerThreads = workerThreads
            self.weightBytes = weightBytes
            self.learnerTokens = learnerTokens
            self.rows = rows
            self.length = length
        }
    }

    package init(_ model: Model, _ work: Work) {
        // Masters 4, gradients 4, two moments 8, the policy as it is published and the one before 8, and a
        // checkpoint's copy 4.
        let learner = 28 * model.parameters
        // Activations of one micro-batch: about 16 vectors a layer, and logits with their gradient.
        let activations = work.learnerTokens * (16 * model.layers * model.hidden + 3 * model.vocabulary) * 4
        // The policy in use, the one that arrives, and the base of its delta.
        let policies = 3 * work.weightBytes * model.parameters
        let cache = 2 * work.rows * work.length * model.layers * model.cacheWidth * 4
        self.init(
            // One more processor for sockets, scoring and records.
            coordinator: Process(
                processors: work.learnerThreads + 1, memory: 840 + (learner + activations) >> 20),
            worker: Process(processors: work.workerThreads, memory: 512 + (policies + cache) >> 20))
    }
}
