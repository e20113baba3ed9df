import Foundation
import ModelFiles
import Primitives
import Reinforcement
import Testing
import Torch
import Transformers

@Suite struct PublishedPolicyTests {
    @Test(arguments: [false, true])
    func `publishing a policy takes one copy of it, in its own precision`(isRounded: Bool) async throws {
        // In a process of its own, whose memory nothing else uses.
        await #expect(processExitsWith: .success) { [isRounded = isRounded as Bool] in
            let sizes = PolicyConfiguration(
                vocabularySize: 64, hidden: 512, layers: 8, heads: 8, kvHeads: 8, ffn: 2048)
            let model = try Policy(sizes, ParameterSource { _, shape in try .zeros(shape) })
            // The arithmetic's own buffers are there from the first time on.
            _ = try PublishedPolicy(of: Policy(sizes.oneLayer, .random(seed: 1)), .init(0), .bf16)
            // From here on the peak is counted anew, from what is in use now.
            try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
            let before = peak()
            let policy = try PublishedPolicy(of: model, .init(0), isRounded ? .bf16 : .fp32)
            let growth = peak() - before
            let size = policy.bytes.count
            print("published \(size) bytes, memory grew by \(growth)")
            exit(size > 32 << 20 && growth < size + size / 3 ? 0 : 1)
        }
    }
}

/// The most memory that this process has had so far, in bytes.
private func peak() -> Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
}

extension PolicyConfiguration {
    fileprivate var oneLayer: PolicyConfiguration {
        PolicyConfiguration(vocabularySize: 64, hidden: 64, layers: 1, heads: 2, kvHeads: 2, ffn: 64)
    }
}
