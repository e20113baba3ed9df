import ArgumentParser
import ExternalPrograms
import Foundation
import Host
import Launching
import Messaging
import Rollouts
import Scheduling
import Service

struct WorkerCommand: AsyncParsableCommand, EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Generates and scores for a coordinator.",
        discussion: """
            Examples:
              ponder worker --connect tcp://127.0.0.1:5555
              ponder worker --connect tcp://127.0.0.1:5555 --allow-verifier 'python3 verify.py'
              ponder worker --connect tcp://head:5555 --keys keys
              ponder worker --connect tcp://head:5555 --keys keys --weights tcp://rack1:5600
              ponder worker --connect tcp://head:5555 --keys keys --serve-weights tcp://0.0.0.0:5600

            Model, tokenizer, configuration and weights come from the coordinator. It ends by itself with exit code 0
            when the run is done, 1 when it failed, 3 when the coordinator is gone, 4 when it is refused. SIGTERM gives
            unfinished work back and ends with 0. A coordinator on another machine is dialed with keys (`ponder keys
            --help`). With --serve-weights it is a `ponder relay`, too: the weights that it needs are fetched once and passed on
            to workers that name it with --weights. With keys it then needs what a relay needs, the key `relay` and the
            list of who may ask, itself included.
            """)

    @Option(help: ArgumentHelp("The coordinator's control endpoint.", valueName: "endpoint"))
    var connect: String

    @Option(
        help: ArgumentHelp(
            "Names the worker over restarts; two living workers never share one. The default is unique: host, process and a random part.",
            valueName: "name"))
    var name: String?

    @Option(
        name: .customLong("allow-verifier"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A program that the run may start as its external verifier: its path, or the whole command line, which an interpreter needs. May be given again.",
            valueName: "command"))
    var allowedVerifiers: [String] = []

    @OptionGroup var sources: WeightSourceOptions

    @Option(
        name: .customLong("serve-weights"),
        help: ArgumentHelp(
            "Where other workers may ask for the weights that come here.", valueName: "endpoint"))
    var serving: String?

    @Option(
        name: .customLong("serve-memory"),
        help: ArgumentHelp(
            "Mebibytes of weights to hold for them, the newest version at least; fewer, and chunks are fetched again.",
            valueName: "MiB"))
    var servingMemory = 1024

    @OptionGroup var keys: KeyOptions

    @Flag(help: "Dial a coordinator on another machine without keys.")
    var insecure = false

    @Flag(
        name: .customLong("end-with-parent"),
        help: ArgumentHelp("End when standard input ends.", visibility: .hidden))
    var endWithParent = false

    func validate() throws {
        if let name, name.isEmpty || name.utf8.count > 128 {
            throw ValidationError("--name must have 1 to 128 bytes.")
        }
        if !(1...(1 << 24)).contains(servingMemory) {
            throw ValidationError("--serve-memory must be from 1 to 16777216 MiB.")
        }
        if serving != nil, !sources.sealedWeights.isEmpty {
            throw ValidationError(
                "--serve-weights passes plain chunks on, --sealed-weights fetches sealed ones: beside this worker, run `ponder relay --sealed`."
            )
        }
    }

    func run() async throws {
        let control = try Endpoint(connect)
        if case .tcp(_, nil) = control {
            throw CommandFailure(.usage, "\(connect) names no port to connect to")
        }
        let keys = try self.keys.dialing(control, named: name, insecure: insecure)
        let relays = try sources.relays(self.keys, named: name, insecure: insecure)
        let sharing = try serving.map { place in
            try WeightSharing(
                at: place, security: try self.keys.security(of: KeyFolder.relay, insecure: insecure),
                keys: (
                    keys,
                    try self.keys.dialing(
                        try Endpoint(place).onThisMachine().dialedHere, named: name, of: KeyFolder.relay,
                        insecure: insecure)
                ),
                relays: relays, memory: servingMemory << 20)
        }
        let engine = DecoderEngine(
            permission: ProgramPermission(allowedVerifiers), log: { StandardError.tell($0) })
        let gone = endWithParent ? Notice() : nil
        if let gone {
            ParentWatch.start(gone: { gone.give() }, orElse: { _exit(ExitStatus.unreachable.rawValue) })
        }
        let host = HostName.own
        let process = Int(getpid())
        let instance = UInt64.random(in: .min ... .max)
        let identity = WorkerState.Identity(
            name: name ?? Self.defaultName(host: host, process: process, instance: instance),
            instance: instance, host: host, process: process,
            machine: try await engine.machineReport())
        let supervisor = ServiceNotifier { StandardError.tell($0) }
        let worker = RolloutWorker(
            identity: identity, transport: try await ZeroMQWorkerTransport(connecting: control, keys: keys),
            weights: { address in
                let coordinator = try control.weights(at: address)
                let own = await sharing?.source(for: coordinator)
                return try await WeightClient(
                    connecting: coordinator, keys: keys, relays: [own].compactMap { $0 } + relays)
            },
            engine: engine, log: { StandardError.tell($0) }, beat: { supervisor.beat() })
        gone?.onGiven { worker.tell(.parentGone) }
        SignalWatch.start(again: { 0 }) { _ in worker.tell(.terminate) }
        supervisor.ready()
        let ending = await worker.run()
        if let traffic = await sharing?.traffic { StandardError.tell(traffic) }
        StandardError.tell("worker \(identity.name) of \(control): \(ending.reason)")
        StandardError.flush()
        // The engine may still compute a batch that nobody waits for: no destructor may run under it.
        _exit(ending.code)
    }

    /// A name that no other worker has: containers share host names and process ids.
    private static func defaultName(host: String, process: Int, instance: UInt64) -> String {
        let digits = String(UInt32(truncatingIfNeeded: instance), radix: 16)
        return "\(host.prefix(64))-\(process)-" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
