import Testing
import Torch

@Suite struct AutogradTests {
    @Test func `backward leaves the derivative on the leaf`() throws {
        let x = try Tensor([1, 2, 3] as [Float], shape: [3])
        try x.requireGradient()
        #expect(try x.gradient() == nil)
        try (x * x).sum().backward()
        #expect(try x.gradient()?.floats() == [2, 4, 6])
        try (x * x).sum().backward()
        #expect(try x.gradient()?.floats() == [4, 8, 12])
        try x.clearGradient()
        #expect(try x.gradient() == nil)
    }

    @Test func `nothing is recorded without gradients, and the setting comes back`() throws {
        let x = try Tensor([1, 2] as [Float], shape: [2])
        try x.requireGradient()
        let y = try withoutGradients { try (x * x).sum() }
        #expect(throws: TorchError.self) { try y.backward() }
        try (x * x).sum().backward()
        #expect(try x.gradient()?.floats() == [2, 4])
    }

    @Test func `the setting comes back after an error too`() throws {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try withoutGradients { throw Failure() } }
        let x = try Tensor([3] as [Float], shape: [1])
        try x.requireGradient()
        try (x * x).sum().backward()
        #expect(try x.gradient()?.floats() == [6])
    }

    /// Without deterministic algorithms, the backward of a table look-up sums in the order of threads.
    @Test func `one backward gives the same bits twenty times on two threads`() throws {
        try TorchLibrary.setThreads(2)
        defer { #expect(throws: Never.self) { try TorchLibrary.setThreads(1) } }
        let indices = try Tensor((0..<20_000).map { Int64($0 * 7 % 50) }, shape: [20_000])
        let scale = try Tensor((0..<20_000 * 16).map { Float($0 % 97) * 1e-3 }, shape: [20_000, 16])
        var seen: Set<[UInt8]> = []
        for _ in 0..<20 {
            let table = try Tensor((0..<50 * 16).map { Float($0) * 0.01 }, shape: [50, 16])
            try table.requireGradient()
            let norm = try Tensor([Float](repeating: 1, count: 16), shape: [16])
            try (table.rows(indices).rmsNorm(norm, epsilon: 1e-6) * scale).sum().backward()
            seen.insert(try #require(try table.gradient()).bytes())
        }
        #expect(seen.count == 1)
    }
}

@Suite struct AdamWTests {
    @Test func `the first step moves each weight by the learning rate against its gradient's sign`() throws {
        let x = try Tensor([1, -2] as [Float], shape: [2])
        try x.requireGradient()
        let optimizer = try AdamW([x], settings: .init(epsilon: 0))
        try (x * x).sum().backward()
        try optimizer.step(rate: 0.1)
        let moved = try x.floats()
        #expect(abs(moved[0] - 0.9) < 1e-6 && abs(moved[1] + 1.9) < 1e-6)
        #expect(optimizer.steps == 1)
    }

    @Test func `gradients longer than the maximum are scaled to it`() throws {
        let x = try Tensor([3, 4] as [Float], shape: [2])
        try x.requireGradient()
        let optimizer = try AdamW([x], settings: .init())
        try (x * x).sum().backward()
        #expect(abs(try optimizer.clipGradients(to: 1) - 10) < 1e-9)
        let scaled = try #require(try x.gradient()).floats()
        #expect(abs(scaled[0] - 0.6) < 1e-5 && abs(scaled[1] - 0.8) < 1e-5)
        #expect(abs(try optimizer.clipGradients(to: 5) - 1) < 1e-5)
    }

    @Test func `weight decay is decoupled from the gradient`() throws {
        let x = try Tensor([2] as [Float], shape: [1])
        try x.requireGradient()
        let optimizer = try AdamW([x], settings: .init(weightDecay: 0.5))
        try (x * 0).sum().backward()
        try optimizer.step(rate: 0.1)
        #expect(abs(try x.item() - 1.9) < 1e-6)
    }
}
