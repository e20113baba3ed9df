package import Reinforcement
package import WeightTransfer

extension SchedulerState {
    /// What a run fixes, and how long its coordinator waits for what.
    package struct Configuration: Sendable, Hashable {
        package var stamp: RunStamp
        package var digests: Digests
        package var documents: RunDocuments
        package var weights: WeightsAddress
        package var timing = WorkerTiming.standard

        /// Token ids are below this.
        package var vocabulary: Int
        /// The tokens that end a response.
        package var endTokens: Set<Int32>
        /// Limit of new tokens by purpose; a purpose without one has the limit of training.
        package var lengthLimits: [Purpose: Int]

        /// A worker that says nothing for this long is lost, and so is its lease.
        package var silence = Duration.seconds(8)
        /// An attempt that is out this long has expired.
        ///
        /// It is twice as long each time an attempt at the same assignment expires, so that slow workers finish at last.
        package var lease = Duration.seconds(120)
        /// An assignment that its worker does not report holding after this long is sent again.
        package var resend = Duration.seconds(3)
        /// An attempt that is out this long is given to an idle worker as well, as long as there is no median.
        package var straggler = Duration.seconds(20)
        /// An attempt that is out this many times the median is given to an idle worker as well.
        package var stragglerFactor = 3.0
        /// No attempt is late before this.
        package var stragglerMinimum = Duration.seconds(1)

        /// Invalid results, minus valid ones, that put a worker in quarantine.
        package var strikeLimit = 3
        /// Deaths, without a used result between them, that put a worker in quarantine.
        package var deathLimit = 5
        /// Length of the first quarantine; each further one is twice as long, up to `longestQuarantine`.
        package var quarantine = Duration.seconds(30)
        package var longestQuarantine = Duration.seconds(3600)
        /// Failed attempts at one assignment after which it is set aside.
        package var poisonLimit = 8
        /// Results used in a row after which a worker is neither a newcomer nor a suspect.
        package var probation = 16
        /// How many times as many traces of a newcomer are audited as of a proven worker.
        package var newcomerScrutiny = 4.0
        /// The same for a worker whose results were rejected.
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
