import Foundation

/// What a line of `metrics.jsonl` is about; its key is `kind`.
package enum MetricsKind: String, Sendable, Codable {
    /// A training step.
    case step
    /// A policy on held-out problems.
    case evaluation
}

/// A line of `metrics.jsonl`.
package protocol MetricsLine: Encodable, Sendable {
    static var kind: MetricsKind { get }
    /// Number of optimizer steps done.
    var step: Int { get }
    /// Seconds since 1970.
    var time: Double { get }
}

extension StepMetrics: MetricsLine {
    package static var kind: MetricsKind { .step }
}

extension HeldOutMetrics: MetricsLine {
    package static var kind: MetricsKind { .evaluation }
}

extension MetricsLine {
    package var position: MetricsPosition { MetricsPosition(step: step, kind: Self.kind) }

    /// The line as one JSON object with sorted keys.
    func json() throws -> Data { try RecordCoding.encode(LineOfKind(metrics: self)) }

    /// Every figure with its tag in TensorBoard, sorted by tag: `train/reward`, `heldout/accuracy`.
    func scalars() throws -> [(tag: String, value: Double)] {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = RecordCoding.decoder.nonConformingFloatDecodingStrategy
        let figures = try decoder.decode([String: Figure].self, from: RecordCoding.encode(self))
        return figures.filter { !Self.isAboutTheLine($0.key) }.flatMap { key, figure in
            let tag = Self.tag(of: key)
            return switch figure {
            case .number(let value): [(tag: tag, value: value)]
            case .parts(let parts): parts.map { (tag: "\(tag)/\($0.key)", value: $0.value) }
            case .text: [(tag: String, value: Double)]()
            }
        }.sorted { $0.tag < $1.tag }
    }

    private static func isAboutTheLine(_ key: String) -> Bool {
        ["schema", "step", "incarnation", "time"].contains(key)
    }

    private static func tag(of key: String) -> String {
        switch (kind, key) {
        case (.step, _): "train/\(key)"
        case (.evaluation, "heldout_greedy"): "heldout/greedy_accuracy"
        case (.evaluation, _):
            key.hasPrefix("heldout_") ? key.replacing("_", with: "/", maxReplacements: 1) : "heldout/\(key)"
        }
    }
}

/// The place of a line: a step, then the evaluation of the policy after it, then the next step.
package struct MetricsPosition: Sendable, Hashable, Comparable {
    package let step: Int
    package let kind: MetricsKind

    /// Before the first evaluation, which is that of step 0.
    package static let start = MetricsPosition(step: 0, kind: .step)

    /// After everything of a step.
    package static func end(of step: Int) -> MetricsPosition {
        MetricsPosition(step: step, kind: .evaluation)
    }

    package static func < (one: MetricsPosition, other: MetricsPosition) -> Bool {
        (one.step, one.kind == .step ? 0 : 1) < (other.step, other.kind == .step ? 0 : 1)
    }
}

/// Where the lines go: `metrics.jsonl`, the event files of TensorBoard.
package protocol MetricsSink: AnyObject {
    /// The last line that it holds.
    var last: MetricsPosition { get }

    /// Appends one line; a line that it holds already is left out.
    ///
    /// - Throws: `FileError`; the file is then unchanged, and the line may be appended again.
    func append(_ line: any MetricsLine) throws

    /// Removes old lines until the files have at most about `limit` bytes.
    ///
    /// - Throws: `FileError`; nothing is lost then.
    func trim(to limit: Int) throws
}

private struct LineOfKind<Metrics: MetricsLine>: Encodable {
    let metrics: Metrics

    func encode(to encoder: any Encoder) throws {
        try metrics.encode(to: encoder)
        var container = encoder.container(keyedBy: RecordCoding.Key.self)
        try container.encode(Metrics.kind, forKey: RecordCoding.Key("kind"))
    }
}

/// A value in the JSON of a line.
private enum Figure: Decodable {
    case number(Double)
    case parts([String: Double])
    case text

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let parts = try? container.decode([String: Double].self) {
            self = .parts(parts)
        } else {
            self = .text
        }
    }
}
