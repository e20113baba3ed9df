import Crypto
import Foundation
package import Reinforcement
package import RunStore

/// Draws the traces that the coordinator checks itself: the same traces each time, which no worker can
/// predict.
///
/// Each draw is HMAC-SHA-256 of the trace's id, with the run's `AuditKey` as the key. The run's seed is not
/// suitable, because every worker receives it.
package struct AuditDraws: Sendable {
    /// What a drawn trace is checked for; each kind of check draws independently.
    package enum Check: UInt8, Sendable {
        case logProbabilities, verdict
    }

    private let key: SymmetricKey

    package init(_ key: AuditKey) { self.key = SymmetricKey(data: key.bytes) }

    /// Whether a trace is checked.
    ///
    /// - Parameter rate: share of the traces to check, 0 to 1; a higher rate draws every trace of a lower
    ///   rate, and more.
    package func isDrawn(_ id: SampleID, for check: Check, rate: Double) -> Bool {
        guard rate > 0 else { return false }
        let numbers = [Int(id.round.purpose.stream.rawValue), id.round.step, id.problem, id.sample]
        let place =
            [check.rawValue]
            + numbers.flatMap { number in
                withUnsafeBytes(of: UInt64(truncatingIfNeeded: number).littleEndian) { Array($0) }
            }
        let code = HMAC<SHA256>.authenticationCode(for: place, using: key)
        let bits = code.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(bits >> 11) * 0x1p-53 < rate
    }
}
