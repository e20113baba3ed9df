import ArgumentParser
import Benchmarks
import Foundation
import Messaging
import ModelFiles
import Primitives
import Reinforcement

/// `ponder benchmark weights`: the time until workers have a version.
struct BenchmarkWeightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights",
        abstract: "Time weights from publishing to ready workers, beside a plain copy of the same bytes.",
        discussion: """
            A version of --bytes random bytes is hashed, published over loopback TCP and fetched by --workers workers, through \
            --relays relays one behind the other. Each time, right before, the same bytes are sent in the same chunks over \
            PUSH and PULL, hashed at both ends. copies_sent_by_coordinator counts what leaves the coordinator: with relays \
            it is one, without relays one for each worker.

            --serve and --fetch are the two ends by themselves, for machines or network namespaces of their own \
            (Scripts/benchmark-weights): the server serves version 0 until standard input ends, a worker waits until --at \
            (seconds since 1970) and prints how long it took from there.

            Examples:
              ponder benchmark weights --json
              ponder benchmark weights --bytes 67108864 --workers 16 --relays 4 --json
              ponder benchmark weights --workers 16 --protection sealed --json
              ponder benchmark weights --serve tcp://10.0.0.1:5556 --insecure
              ponder benchmark weights --fetch tcp://10.0.0.1:5556 --weights tcp://10.0.0.2:5600
            """
    )

    @Option(help: "Bytes of a version.") var bytes = 256 << 20
    @Option(help: "Bytes of a chunk.") var chunk = PublishedPolicy.chunkSize
    @Option(help: "Workers.") var workers = 1
    @Option(help: "Relays.") var relays = 0
    @Option(
        help:
            "How the bytes are protected: none, keys (every connection encrypted) or sealed (chunks encrypted once)."
    )
    var protection = WeightsBenchmark.Protection.none
    @Option(help: "Versions that are timed, after one that is not.") var repeats = 5
    @Option(help: ArgumentHelp("Only serve, here.", valueName: "endpoint")) var serve: String?
    @Option(help: ArgumentHelp("Only fetch, from here.", valueName: "endpoint")) var fetch: String?
    @Option(help: ArgumentHelp("When to begin to fetch.", valueName: "seconds")) var at: Double?
    @OptionGroup var sources: WeightSourceOptions
    @Flag(help: "Serve anyone who reaches the endpoint.") var insecure = false
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("bytes", bytes, 32...(1 << 34)), ("chunk", chunk, 64...(32 << 20)),
            ("workers", workers, 1...256),
            ("relays", relays, 0...64), ("repeats", repeats, 1...1000),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
        guard bytes.isMultiple(of: 32) else { throw ValidationError("--bytes must be a multiple of 32.") }
        guard bytes / chunk < 1 << 19 else { throw ValidationError("--chunk is too small for --bytes.") }
        guard relays <= workers else { throw ValidationError("--relays must be at most --workers.") }
        guard protection != .keys || relays == 0 else {
            throw ValidationError("--relays goes with --protection none or sealed.")
        }
        guard serve == nil || fetch == nil else { throw ValidationError("Say --serve or --fetch, not both.") }
    }

    func run() async throws {
        if let serve { return try await runServer(at: Endpoint(serve)) }
        if let fetch { return try await runWorker(from: Endpoint(fetch)) }
        let benchmark = WeightsBenchmark(
            bytes: bytes, chunkSize: chunk, workers: workers, relays: relays, repeats: repeats,
            protection: protection)
        let report = try await benchmark.run { round, copy, time in
            StandardError.write(
                "\(round) of \(repeats): plain copy \(copy.shown(3)) s, publish to ready \(time.shown(3)) s")
        }
        if json { return try JSON.print(report) }
        print(
            """
            plain copy         \(report.plainCopyS.shown(3)) s, \(report.plainCopyMbPerS.shown(0)) MB/s
            publish to ready   \(report.publishToReadyS.shown(3)) s for \(workers) workers
            ratio              \(report.ratioToPlainCopy.shown(2))
            copies sent        \(report.copiesSentByCoordinator.shown(2)) by the coordinator
            """)
    }

    private func runServer(at endpoint: Endpoint) async throws {
        let server = try await WeightServer(binding: endpoint, security: insecure ? .open : .local)
        let blob = WeightsBenchmark.blob(bytes, seed: 1)
        try await server.publish(
            WeightsBenchmark.manifest(blob, PolicyVersion(0), chunkSize: chunk), bytes: SharedBuffer(blob))
        StandardError.write("serving \(bytes) bytes at \(server.endpoint)")
        while let line = readLine(), line != "end" {}
        try JSON.print(["sent_bytes": server.sentBytes])
        await server.close()
    }

    private func runWorker(from endpoint: Endpoint) async throws {
        let relays = try sources.weights.map { WeightClient.Source(try Endpoint($0)) }
        let client = try await WeightClient(connecting: endpoint, relays: relays)
        let begin = at ?? Date().timeIntervalSince1970
        let pause = begin - Date().timeIntervalSince1970
        if pause > 0 { try await Task.sleep(for: .seconds(min(pause, 3600))) }
        let (_, bytes) = try await client.fetch(PolicyVersion(0))
        let seconds = Date().timeIntervalSince1970 - begin
        try JSON.print(Fetched(bytes: bytes.count, seconds: seconds, setAside: client.counts.setAside))
        await client.close()
    }

    private struct Fetched: Encodable {
        let bytes: Int
        let seconds: Double
        let setAside: Int
    }
}

extension WeightsBenchmark.Protection: ExpressibleByArgument {}
