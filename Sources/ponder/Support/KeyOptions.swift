import ArgumentParser
import Foundation
import Messaging

/// The folder of keys of a command: from the flag, else from the environment.
struct KeyOptions: ParsableArguments {
    @Option(
        name: .customLong("keys"),
        help: ArgumentHelp("Folder of keys; the default is $PONDER_KEYS.", valueName: "dir"))
    var path: String?

    static let variable = "PONDER_KEYS"

    var folder: KeyFolder? {
        let chosen = path ?? ProcessInfo.processInfo.environment[Self.variable]
        return chosen.flatMap { $0.isEmpty ? nil : KeyFolder($0) }
    }

    /// The folder, for commands that need one.
    func required() throws -> KeyFolder {
        guard let folder else {
            throw CommandFailure(.usage, "which keys? Say --keys DIR, or set \(Self.variable)")
        }
        return folder
    }

    /// The access rule for the ports of a coordinator or a relay.
    func security(of name: String = KeyFolder.coordinator, insecure: Bool) throws -> PortSecurity {
        try refuse(insecure)
        if insecure { return .open }
        return try folder.map { .keys(try $0.allowList(of: name)) } ?? .local
    }

    /// The keys that a worker dials with; nil without keys.
    ///
    /// - Parameters:
    ///   - name: the worker's name; a key of that name takes precedence.
    ///   - peer: the peer that is dialed: the coordinator or a relay.
    func dialing(
        _ endpoint: Endpoint, named name: String?, of peer: String = KeyFolder.coordinator, insecure: Bool
    ) throws -> ClientKeys? {
        try refuse(insecure)
        if insecure { return nil }
        if let folder {
            let own = name.flatMap { KeyFolder.isName($0) && $0 != KeyFolder.coordinator ? $0 : nil }
            return try folder.client([own, KeyFolder.worker].compactMap { $0 }, of: peer)
        }
        guard endpoint.isLocal else {
            throw CommandFailure(
                .usage,
                "\(endpoint) is on another machine, and without keys nobody knows who answers there: say --keys DIR, "
                    + "or trust the network with --insecure")
        }
        return nil
    }

    /// The keys for a status request to a coordinator; nil without keys.
    func asking() throws -> ClientKeys? {
        try folder?.client([KeyFolder.worker, KeyFolder.coordinator])
    }

    private func refuse(_ insecure: Bool) throws {
        guard insecure, path != nil else { return }
        throw CommandFailure(.usage, "--keys and --insecure contradict each other; say one of them")
    }
}
