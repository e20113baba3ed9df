import ArgumentParser
import Foundation
import Host
import Launching
import Messaging
import Service
import Synchronization

struct RelayCommand: AsyncParsableCommand, EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Fetches a coordinator's weights once and serves them to many workers.",
        discussion: """
            Examples:
              ponder relay --connect tcp://127.0.0.1:5555 --bind tcp://127.0.0.1:5600
              ponder relay --connect tcp://head:5555 --bind tcp://0.0.0.0:5600 --keys keys
              ponder relay --connect tcp://head:5555 --weights tcp://rack1:5600 --bind tcp://0.0.0.0:5600 --keys keys
              ponder relay --sealed --connect tcp://head:5557 --bind tcp://0.0.0.0:5600

            Workers near it run `ponder worker --connect tcp://head:5555 --weights tcp://HOST:5600`: they ask it for chunks
            of weights and the coordinator for everything else. Chunks are checked by their hashes on arrival, here and
            there, so a relay that lies or dies costs a worker some seconds. With --weights it asks other relays first. With
            keys it uses the key `relay`, whose .pub its clients need, and accepts the keys that are on the list in its
            folder. With --sealed it passes on the chunks of `ponder coordinator --sealed-bind`: it needs no keys, because
            it cannot read these chunks, and workers use --sealed-weights. It works until SIGTERM (exit code 0), and
            ends with 4 when the coordinator does not let it in.
            """)

    @Option(
        help: ArgumentHelp(
            "The coordinator's control endpoint; with --sealed the endpoint of its sealed chunks.",
            valueName: "endpoint"))
    var connect: String

    @Option(help: ArgumentHelp("Where workers ask for chunks.", valueName: "endpoint"))
    var bind: String

    @Option(
        name: .customLong("coordinator-weights"),
        help: ArgumentHelp(
            "Where the coordinator serves weights; the default is the port after its control port.",
            valueName: "endpoint"))
    var coordinatorWeights: String?

    @OptionGroup var sources: WeightSourceOptions

    @Flag(help: "Pass on sealed chunks, without keys.")
    var sealed = false

    @Option(
        help: ArgumentHelp(
            "Mebibytes of chunks to hold; the default is a quarter of this machine's memory.",
            valueName: "MiB"))
    var memory: Int?

    @OptionGroup var keys: KeyOptions

    @Flag(help: "Let anyone who reaches the endpoint fetch weights, and dial other machines without keys.")
    var insecure = false

    func validate() throws {
        if let memory, !(1...(1 << 24)).contains(memory) {
            throw ValidationError("--memory must be from 1 to 16777216 MiB.")
        }
        if sealed, keys.path != nil || insecure || coordinatorWeights != nil || !sources.weights.isEmpty {
            throw ValidationError(
                "--sealed goes with --connect, --bind, --memory and --sealed-weights alone: nothing else is dialed, and no keys are needed."
            )
        }
        if !sealed, !sources.sealedWeights.isEmpty {
            throw ValidationError("--sealed-weights is for `ponder relay --sealed`; say --weights.")
        }
    }

    func run() async throws {
        let control = try Endpoint(connect)
        if case .tcp(_, nil) = control {
            throw CommandFailure(.usage, "\(connect) names no port to connect to")
        }
        let security = try sealed ? .open : keys.security(of: KeyFolder.relay, insecure: insecure)
        let place = try Endpoint(bind).onThisMachine().checkedForBinding(security)
        let upstream =
            sealed
            ? WeightClient.Source(control)
            : WeightClient.Source(
                try coordinatorWeights.map { try Endpoint($0) } ?? control.weightsNeighbour,
                keys: try keys.dialing(control, named: KeyFolder.relay, insecure: insecure))
        let end = Ending()
        SignalWatch.start(again: { 0 }) { _ in end.reach(.success(())) }
        let relay = try await WeightRelay(
            binding: place, security: security,
            coordinator: upstream,
            relays: try sources.relays(keys, named: KeyFolder.relay, insecure: insecure),
            memory: memory.map { $0 << 20 } ?? Int(ProcessInfo.processInfo.physicalMemory / 4),
            shutOut: { end.reach(.failure(CommandFailure(.refused, $0))) })
        let shown = relay.endpoint.advertised.map(\.text)
        StandardError.tell(
            "workers pull weights from here with: --\(sealed ? "sealed-weights" : "weights") \(shown[0])")
        if shown.count > 1 { StandardError.tell("or at \(shown.dropFirst().joined(separator: ", "))") }
        StandardError.tell("dialing \(upstream.endpoint)")
        let supervisor = ServiceNotifier { StandardError.tell($0) }
        supervisor.ready()
        let outcome = await end.wait(beat: { supervisor.beat() })
        let (received, sent) = relay.traffic
        StandardError.tell("relay \(relay.endpoint): fetched \(received) bytes of chunks, served \(sent)")
        await relay.close()
        try outcome.get()
    }

    /// The reason that ends a relay, set from any thread.
    private final class Ending: Sendable {
        private let outcome = Mutex<Result<Void, CommandFailure>?>(nil)

        func reach(_ outcome: Result<Void, CommandFailure>) {
            self.outcome.withLock { $0 = $0 ?? outcome }
        }

        func wait(beat: () -> Void) async -> Result<Void, CommandFailure> {
            while true {
                if let outcome = outcome.withLock({ $0 }) { return outcome }
                beat()
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
