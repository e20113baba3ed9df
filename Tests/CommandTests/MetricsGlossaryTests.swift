import Foundation
import Reasoning
import RunStore
import Testing

@testable import ponder

@Suite struct MetricsGlossaryTests {
    @Test func `the topic on metrics explains every figure of a step`() throws {
        var metrics = StepMetrics(step: 1, incarnation: 1, time: 0)
        metrics.loss = 1
        metrics.gradientNorm = 1
        (metrics.thoughtAccuracy, metrics.selfChecks, metrics.restarts) = (1, 1, 1)
        var status = RunStatus(phase: "running", folder: "run", steps: 1)
        status.add(metrics)
        let object = try JSONSerialization.jsonObject(with: Data(status.line().utf8)) as? [String: Any]
        let keys = try #require(object?["last"] as? [String: Any]).keys
        let text = try HelpTopic.metrics.markdown()
        #expect(keys.count > 20)
        for key in keys { #expect(text.contains("`\(key)`"), "\(key) is not in the glossary") }
    }

    @Test func `the topic on metrics shows every phrase that counts as a check or a restart`() throws {
        let text = try HelpTopic.metrics.markdown()
        for phrase in SelfChecks.words + SelfChecks.restarts {
            #expect(text.contains("`\(phrase)`"), "\(phrase) is not in the rules")
        }
    }
}
