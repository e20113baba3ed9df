/// The step at which a run's accuracy took off.
package struct TakeOff: Sendable, Hashable, Codable {
    /// The step at which it was found.
    package let step: Int
    /// Mean accuracy of the first steps and of the last steps up to `step`, 0 to 1.
    package let before: Double
    package let after: Double

    package init(step: Int, before: Double, after: Double) {
        self.step = step
        self.before = before
        self.after = after
    }
}

/// Finds the step at which accuracy takes off, from the steps up to it alone.
///
///     var detector = TakeOffDetector()
///     for step in steps { detector.add(step: step.step, accuracy: step.accuracy, format: step.format) }
///     detector.takeOff?.step   // nil: no take-off was found
///
/// It is the first step at which both hold:
/// - `ExchangeabilityTest` has shown that accuracy rises, with a false alarm in at most 1 of 100 runs that do not learn;
/// - the mean of the last five steps is halfway from the mean of the first five to the accuracy that can be expected.
///
/// What can be expected is not known before the end. It lies between the accuracy of the responses that are in the form,
/// which the policy has when it always thinks, and 1; the middle between them is taken.
package struct TakeOffDetector: Sendable, Hashable {
    /// The steps of a mean.
    package static let window = 5

    private var test = ExchangeabilityTest()
    private var first: [Double] = []
    private var last: [Shares] = []
    /// nil as long as none was found.
    package private(set) var takeOff: TakeOff?

    private struct Shares: Sendable, Hashable {
        let accuracy: Double
        let format: Double
    }

    package init() {}

    /// Takes the next step's share of right responses and of responses in the form, 0 to 1.
    ///
    /// - Returns: the take-off at the step at which it is found; nil at every other step.
    @discardableResult
    package mutating func add(step: Int, accuracy: Double, format: Double) -> TakeOff? {
        guard takeOff == nil else { return nil }
        test.add(accuracy)
        guard first.count == Self.window else {
            first.append(accuracy)
            return nil
        }
        last = (last + [Shares(accuracy: accuracy, format: format)]).suffix(Self.window)
        guard test.isRising, last.count == Self.window else { return nil }
        let before = first.reduce(0, +) / Double(Self.window)
        let right = last.reduce(0) { $0 + $1.accuracy }
        let formed = last.reduce(0) { $0 + $1.format }
        let thinking = formed > 0 ? min(1, right / formed) : 1
        let after = right / Double(Self.window)
        guard after >= (before + (thinking + 1) / 2) / 2 else { return nil }
        takeOff = TakeOff(step: step, before: before, after: after)
        return takeOff
    }
}
