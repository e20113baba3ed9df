package import Reinforcement
package import WeightTransfer

extension SchedulerState {
    /// The values that a run fixes, and the limits and deadlines of its coordinator.
    package struct Configuration: Sendable, Hashable {
        package var stamp: RunStamp
        package var digests: Digests
        package var documents: RunDocuments
        package var weights: WeightsAddress
        package var timing = WorkerTiming.standard

        /// Number of tokens; every token id is below it.
        package var vocabulary: Int
        /// Tokens that end a response.
        package var endTokens: Set<Int32>
        /// Maximum number of new tokens by purpose; a purpose that is missing uses the limit of training.
        package var lengthLimits: [Purpose: Int]

        /// A worker that is silent for this long is lost, and so is its lease.
        package var silence = Duration.seconds(8)
        /// An attempt expires after this time.
        ///
        /// The time doubles whenever an attempt at the same assignment expires, so that slow workers can
        /// finish.
        package var lease = Duration.seconds(120)
        /// Time after which an assignment is sent again when its worker does not report holding it.
        package var resend = Duration.seconds(3)
        /// Age at which an attempt is also given to an idle worker, while there is no median duration yet.
        package var straggler = Duration.seconds(20)
        /// Multiple of the median duration at which an attempt is also given to an idle worker.
        package var stragglerFactor = 3.0
        /// Age below which no attempt is late.
        package var stragglerMinimum = Duration.seconds(1)

        /// Number of invalid results, minus valid ones, that puts a worker in quarantine.
        package var strikeLimit = 3
        /// Number of deaths without a used result in between that puts a worker in quarantine.
        package var deathLimit = 5
        /// Length of the first quarantine; each later one is twice as long, up to `longestQuarantine`.
        package var quarantine = Duration.seconds(30)
        package var longestQuarantine = Duration.seconds(3600)
        /// Number of failed attempts at one assignment after which it is set aside.
        package var poisonLimit = 8
        /// Number of results used in a row after which a worker counts as proven.
        package var probation = 16
        /// Multiplier of the audit rate for a newcomer; a proven worker has 1.
        package var newcomerScrutiny = 4.0
        /// Multiplier of the audit rate for a worker whose results were rejected.
        package var suspectScrutiny = 20.0
        package var workerLimit = 16_384

        package init(
            stamp: RunStamp, digests: Digests, documents: RunDocuments, weights: WeightsAddress,
            vocabulary: Int, endTokens: Set<Int32>, lengthLimits: [Purpose: Int]
        ) {
            self.stamp = stamp
            self.digests = digests
            self.documents = documents
            self.weights = weights
            self.vocabulary = vocabulary
            self.endTokens = endTokens
            self.lengthLimits = lengthLimits
        }
    }
}
