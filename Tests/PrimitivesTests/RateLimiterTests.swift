import Primitives
import Testing

struct `A rate limiter` {
    @Test func `reports the 1st, 2nd, 4th and 8th event of each address`() {
        var limiter = RateLimiter()
        let reported = (1...10).map { connection in limiter.count("10.0.0.1#\(connection)") }
        #expect(reported == [1, 2, nil, 4, nil, nil, nil, 8, nil, nil])
        #expect(limiter.count("10.0.0.2#1") == 1)
    }

    @Test func `an address that goes on is not counted anew because of many others`() {
        var limiter = RateLimiter()
        for _ in 0..<5 { _ = limiter.count("10.0.0.1") }
        for other in 0..<10_000 {
            _ = limiter.count("10.1.0.\(other)")
            if other % 100 == 0 { _ = limiter.count("10.0.0.1") }
        }
        // 5 and 100 events so far; the 128th is the next to report.
        let reported = (106...128).compactMap { _ in limiter.count("10.0.0.1") }
        #expect(reported == [128])
    }
}
