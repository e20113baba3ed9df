import Glibc
import Testing
import ZeroMQ

struct `Polling` {
    @Test func `a wake-up ends a poll that also waits for sockets, until it is cleared`() throws {
        let wakeUp = try WakeUp()
        let pair = try Pair()
        let poller = Poller()
        poller.add(pair.router, .readable)
        poller.add(wakeUp)
        #expect(try poller.wait(timeout: .zero) == [[], []])
        for _ in 0..<3 { wakeUp.signal() }
        #expect(try poller.wait(timeout: patience) == [[], .readable])
        wakeUp.clear()
        #expect(try poller.wait(timeout: .zero) == [[], []])
    }

    @Test func `a file descriptor is polled beside sockets`() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let pair = try Pair()
        let poller = Poller()
        poller.add(pair.router, .readable)
        poller.add(fileDescriptor: ends[0], .readable)
        #expect(try poller.wait(timeout: .zero) == [[], []])
        close(ends[1])
        #expect(try poller.wait(timeout: patience).last?.isEmpty == false)
    }

    @Test func `a ready socket stays ready until it is read`() throws {
        let pair = try Pair()
        try pair.dealer.sendWhenReady([.bytes([1])])
        let poller = Poller()
        poller.add(pair.router, .readable)
        #expect(try poller.wait(timeout: patience) == [.readable])
        #expect(try poller.wait(timeout: .zero) == [.readable])
        _ = try pair.router.expectMessage()
        #expect(try poller.wait(timeout: .zero) == [[]])
    }

    @Test func `a poll is over when its time is over`() throws {
        let pair = try Pair()
        let poller = Poller()
        poller.add(pair.router, .readable)
        let start = ContinuousClock.now
        #expect(try poller.wait(timeout: .milliseconds(30)) == [[]])
        #expect(ContinuousClock.now - start >= .milliseconds(29))
    }
}
