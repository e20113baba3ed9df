import Testing
import ZeroMQ

struct `Contexts` {
    @Test func `ending with messages for a peer that never was does not hang`() throws {
        let start = ContinuousClock.now
        try {
            let dealer = try Socket(.dealer, in: Context())
            // Nothing listens on port 1.
            try dealer.connect("tcp://127.0.0.1:1")
            for _ in 0..<100 { try dealer.send([.bytes([UInt8](repeating: 0, count: 1000))]) }
        }()
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `lingering is bounded by the socket's linger`() throws {
        let start = ContinuousClock.now
        try {
            let dealer = try Socket(.dealer, in: Context())
            try dealer.set(.linger, .milliseconds(100))
            try dealer.connect("tcp://127.0.0.1:1")
            try dealer.send([.bytes([1])])
        }()
        let took = ContinuousClock.now - start
        #expect(took >= .milliseconds(90) && took < .seconds(5))
    }

    @Test func `more sockets than the context may hold are an error`() throws {
        let context = try Context(maximumSockets: 2)
        let first = try Socket(.dealer, in: context)
        let second = try Socket(.dealer, in: context)
        let error = #expect(throws: ZeroMQError.self) { try Socket(.dealer, in: context) }
        #expect(error?.code == .tooManyFiles)
        #expect(error?.description.contains("ulimit") == true)
        withExtendedLifetime((first, second)) {}
    }

    @Test func `a port in use is an error that names it and the remedy`() throws {
        let pair = try Pair()
        let second = try Socket(.router, in: pair.context)
        let error = #expect(throws: ZeroMQError.self) { try second.bind(pair.endpoint) }
        #expect(error?.code == .addressInUse)
        #expect(error?.endpoint == pair.endpoint)
        #expect(
            error?.description
                == "bind \(pair.endpoint): Address already in use "
                + "(port in use: choose another, or end the process that holds it)")
    }

    @Test(arguments: [
        ("nonsense", "looks like tcp://"), ("tcp://127.0.0.1", "looks like tcp://"),
        ("carrier-pigeon://x", "looks like tcp://"), ("tcp://192.0.2.1:5555", "no such address"),
        ("ipc:///no/such/folder/socket", "must exist"),
        ("ipc:///tmp/\(String(repeating: "x", count: 120))", "shorter"),
    ])
    func `a bad endpoint is an error with a remedy`(endpoint: String, remedy: String) throws {
        let socket = try Socket(.router, in: Context())
        let error = #expect(throws: ZeroMQError.self) { try socket.bind(endpoint) }
        #expect(error?.description.contains(remedy) == true, "\(String(describing: error))")
    }

    @Test func `the library is one whose holes are known to be closed`() {
        let version = Context.libraryVersion.split(separator: ".").compactMap { Int($0) }
        #expect(version.count == 3)
        #expect(!version.lexicographicallyPrecedes([4, 3, 3]))
        #expect(Context.hasCurve)
    }
}
