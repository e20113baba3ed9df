package import Reinforcement
package import WeightTransfer

extension CoordinatorState {
    /// What a run fixes and how patient its coordinator is.
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
        /// Limit of new tokens by purpose; a purpose without one falls back on training's.
        package var lengthLimits: [Purpose: Int]

        /// A worker that says nothing for this long is lost, and so are its leases.
        package var silence = Duration.seconds(8)
        /// An attempt that is out this long has expired.
        ///
        /// Doubled each time one of its assignment expires, so that slow workers get done at last.
        package var lease = Duration.seconds(120)
        /// An assignment that its worker does not report holding after this long is sent again.
        package var resend = Duration.seconds(3)
        /// Before there is a median: an attempt out this long is given to an idle worker as well.
        package var straggler = Duration.seconds(20)
        /// An attempt out this many times the median is given to an idle worker as well.
        package var stragglerFactor = 3.0
        /// Never called a straggler before this.
        package var stragglerMinimum = Duration.seconds(1)

        /// Invalid results, less valid ones, that put a worker in quarantine.
        package var strikeLimit = 3
        /// Deaths in a row, without a result used between them, that put a worker in quarantine.
        package var deathLimit = 5
        /// Length of the first quarantine; doubled for each further one, up to `longestQuarantine`.
        package var quarantine = Duration.seconds(30)
        package var longestQuarantine = Duration.seconds(3600)
        /// Deaths and failures of workers over one assignment after which it is set aside.
        package var poisonLimit = 8
        /// Results used in a row after which a worker is no newcomer, and no suspect, any more.
        package var probation = 16
        /// Times as many traces of a newcomer are computed again as of a proven worker.
        package var newcomerScrutiny = 4.0
        /// The same of a worker whose results were rejected.
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
