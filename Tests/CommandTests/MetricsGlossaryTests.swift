import Foundation
import RunStore
import Testing

@testable import ponder

@Suite struct MetricsGlossaryTests {
    @Test func `the topic on metrics explains every figure of a step`() throws {
        var metrics = StepMetrics(step: 1, incarnation: 1, time: 0)
        metrics.loss = 1
        metrics.gradientNorm = 1
        var status = RunStatus(phase: "running", folder: "run", steps: 1)
        status.add(metrics)
        let object = try JSONSerialization.jsonObject(with: Data(status.line().utf8)) as? [String: Any]
        let keys = try #require(object?["last"] as? [String: Any]).keys
        let text = try HelpTopic.metrics.markdown()
        #expect(keys.count > 20)
        for key in keys { #expect(text.contains("`\(key)`"), "\(key) is not in the glossary") }
    }
}
