import ArgumentParser
import Messaging

/// The sources that a worker or a relay asks for chunks of weights.
struct WeightSourceOptions: ParsableArguments {
    @Option(
        name: .customLong("weights"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A relay to ask for chunks of weights before the coordinator. Repeatable: the next one is asked when the one before it fails.",
            valueName: "endpoint"))
    var weights: [String] = []

    @Option(
        name: .customLong("sealed-weights"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Like --weights, for a relay that passes on sealed chunks (`ponder relay --sealed`) and needs no keys. Repeatable; asked before the relays of --weights.",
            valueName: "endpoint"))
    var sealedWeights: [String] = []

    /// - Parameter name: the key to dial with, if one of that name exists.
    func relays(_ keys: KeyOptions, named name: String?, insecure: Bool) throws -> [WeightClient.Source] {
        let sealed = try sealedWeights.map { WeightClient.Source.sealed(try dialed($0)) }
        return try sealed
            + weights.map { text in
                let endpoint = try dialed(text)
                return WeightClient.Source(
                    endpoint,
                    keys: try keys.dialing(endpoint, named: name, of: KeyFolder.relay, insecure: insecure))
            }
    }

    private func dialed(_ text: String) throws -> Endpoint {
        let endpoint = try Endpoint(text)
        if case .tcp(_, nil) = endpoint {
            throw CommandFailure(.usage, "\(text) names no port to connect to")
        }
        return endpoint
    }
}
